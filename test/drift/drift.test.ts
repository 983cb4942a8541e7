import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compare, type Citing, type Drift } from '../../src/drift/drift';
import { GitError, Revision } from '../../src/drift/revision';
import { cli } from '../cli/fake-session';

const conn = (body: string, more = ''): string =>
  `package comm\n\n// send sends.\nfunc (c *connection) send() {\n\t${body}\n}\n${more}`;

describe('drift', () => {
  let folder: string;

  const git = (...args: readonly string[]): void => {
    const identity = [
      '-c',
      'user.name=test',
      '-c',
      'user.email=test@example.com',
      '-c',
      'commit.gpgsign=false',
    ];
    execFileSync('git', ['-C', folder, ...identity, ...args], { stdio: 'ignore' });
  };
  const commit = (tag: string, files: Readonly<Record<string, string | undefined>>): void => {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
    }
    git('add', '--all');
    git('commit', '--quiet', '--message', tag);
    git('tag', tag);
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'drift-test-'));
    git('init', '--quiet');
    commit('old', {
      'gossip/comm/conn.go': conn('c.out <- 1', '\nfunc gone() {}\n'),
      'gossip/comm/conn_test.go': 'package comm\n',
      'gossip/util/misc.go': 'package util\n\nvar x = 1\n',
      'sampleconfig/core.yaml': 'peer: # it\n  id: a\n',
      'msp/old.go': 'package msp\n',
    });
    commit('new', {
      'gossip/comm/conn.go': conn('c.out <- 2 // twice', '\nfunc fresh() {}\n'),
      'gossip/comm/moved.go': 'package comm\n\nfunc gone() {}\n',
      'gossip/comm/conn_test.go': 'package comm\n\nvar y = 1\n',
      'gossip/util/misc.go': 'package util\n\n// x is one.\nvar x = 1\n',
      'sampleconfig/core.yaml': 'peer: # this\n  id: a # as before\n',
      'msp/old.go': undefined,
    });
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const drift = (citing: readonly Citing[], from = 'old', to = 'new'): Drift =>
    compare(citing, new Revision(folder, from), new Revision(folder, to));

  it('tells the fate of each place, and who cites it', () => {
    const citing = [
      { id: 'A-01', source: 'gossip/comm/conn.go send; gossip/util/misc.go' },
      { id: 'A-02', source: 'gossip/comm/conn.go send, gone, fresh, never; sampleconfig/core.yaml' },
      { id: 'A-03', source: 'msp/old.go; gossip/util; fabric-protos gossip/message.proto' },
      { id: 'A-04', source: 'gossip/comm' },
    ];
    const { places, elsewhere } = drift(citing);
    expect(places.map(({ place, fate, ids }) => `${place}: ${fate} ${ids.join()}`)).to.deep.equal([
      'gossip/comm/conn.go send: changed A-01,A-02',
      'gossip/util/misc.go: same A-01',
      'gossip/comm/conn.go gone: gone A-02',
      'gossip/comm/conn.go fresh: new A-02',
      'gossip/comm/conn.go never: unknown A-02',
      'sampleconfig/core.yaml: same A-02',
      'msp/old.go: gone A-03',
      'gossip/util: same A-03',
      'gossip/comm: changed A-04',
    ]);
    expect(places[2]?.nowIn).to.deep.equal(['gossip/comm/moved.go']);
    expect(elsewhere).to.deep.equal([{ text: 'fabric-protos gossip/message.proto', ids: ['A-03'] }]);
  });

  it('finds nothing between a revision and itself', () => {
    const { places } = drift([{ id: 'A-01', source: 'gossip/comm/conn.go send' }], 'new', 'HEAD');
    expect(places.map(({ fate }) => fate)).to.deep.equal(['same']);
  });

  it('says where there is no repository, or no such revision', () => {
    expect(() => new Revision(tmpdir(), 'HEAD')).to.throw(GitError, /not a git repository/);
    expect(() => new Revision(folder, 'v9')).to.throw(GitError, `${folder} has no revision v9`);
    expect(() => new Revision(folder, '--all')).to.throw(GitError, 'has no revision --all');
  });

  it('is a command that lists the clauses to look at again, and exits with 1 where there are any', async () => {
    const flags = ['drift', '--fabric-source', folder, '--from', 'old'];
    const { code, out } = await cli(flags);
    expect(code).to.equal(1);
    expect(out).to.match(/^old → HEAD: \d+ places cited; 1 the same, \d+ changed, /);
    expect(out).to.match(/\nChanged\n(.*\n)* {2}gossip\/comm\/conn\.go send\n {6}LIFE-/);
    expect(out).to.match(/\nTo look at again: \d+ clauses?, \d+ bad inputs?\n/);
    const same = await cli([...flags, '--to', 'old']);
    expect(same.code).to.equal(0);
    expect(same.out).to.contain('\nTo look at again: 0 clauses, 0 bad inputs\n');
    const wrong = await cli([...flags, '--to', 'v9']);
    expect(wrong).to.deep.include({ code: 64, err: `gossipspec: ${folder} has no revision v9\n` });
    expect((await cli(['drift'])).code).to.equal(64);
  });
});
