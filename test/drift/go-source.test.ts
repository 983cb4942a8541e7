import { expect } from 'chai';
import { declarations, textOf, textOfFile } from '../../src/drift/go-source';

const source = `// Package comm is an example.
package comm

import (
	"fmt"

	proto "example.com/protos" // as it was
)

const (
	// first
	first  = 1
	second = "a // no comment"
)

var quote, pattern = '"', \`/* { no comment
}\`

type connection struct {
	lock sync.Mutex // guards
	info *Info
}

type (
	handler func(*Message) error
	pair    struct {
		left int
	}
)

// send sends.
func (conn *connection) send(msg *Message, onErr func(error),
	block bool) { /* at once */
	if msg == nil {
		return
	}
	conn.out <- &(msg.body) // "queued"
}

func (s *stub) send() {}

func Map[T any](list []T) {
	fmt.Println("}", '}', incoming)
}
`;

describe('Go source', () => {
  it('has declarations, with the names that each declares', () => {
    expect(declarations(source).map(({ names }) => names.join(' '))).to.deep.equal([
      'first second',
      'quote',
      'connection',
      'handler pair',
      'send connection.send',
      'send stub.send',
      'Map',
    ]);
  });

  it('gives the text of a name: all methods of that name, or of one receiver', () => {
    const sending =
      'func (conn *connection) send(msg *Message, onErr func(error), block bool) {if msg == nil {return} conn.out <- &msg.body}';
    expect(textOf(source, 'connection.send')).to.equal(sending);
    expect(textOf(source, 'send')).to.equal(`${sending}\nfunc (s *stub) send() {}`);
  });

  it('gives for a field or a local name the declarations in which it occurs', () => {
    expect(textOf(source, 'lock')).to.match(/^type connection struct/);
    expect(textOf(source, 'PullEngine.incoming')).to.match(/^func Map/);
    expect(textOf(source, 'nonces')).to.be.undefined;
  });

  it('does not take for a change what changes comments, imports, white space or form alone', () => {
    const changed = source
      .replace('// send sends.', '// send sends, and returns at once.')
      .replace('/* at once */', '')
      .replace('// guards', '// guards info')
      .replace('example.com/protos', 'example.com/other')
      .replace('\tblock bool) {', '\tblock bool,\n) {')
      .replace('&(msg.body)', '&msg.body')
      .replace('first  = 1', 'first = 1');
    expect(changed).not.to.equal(source);
    expect(textOfFile(changed)).to.equal(textOfFile(source));
  });

  it('takes for a change what changes a literal or a statement', () => {
    for (const [before, after] of [
      ['a // no comment', 'a // comment'],
      ['{ no comment', '{ a comment'],
      ['msg == nil', 'msg != nil'],
      ["'}'", "'{'"],
    ] as const) {
      expect(source).to.contain(before);
      expect(textOfFile(source.replace(before, after)), before).not.to.equal(textOfFile(source));
    }
  });
});
