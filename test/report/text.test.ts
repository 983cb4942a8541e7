import { expect } from 'chai';
import { cut, duration, oneLine, plural, printable, wrap } from '../../src/report/text';

describe('text of reports', () => {
  it('writes durations', () => {
    expect([0, 31, 994, 1000, 12_345, 125_400].map(duration)).to.deep.equal([
      ...['0.00 s', '0.03 s', '0.99 s', '1.0 s', '12.3 s', '2 min 5 s'],
    ]);
  });

  it('keeps line breaks in printable text and folds them into one line', () => {
    expect(printable('a\tb\n\u0000\ud800')).to.equal('a b\n\\u0000\\ud800');
    expect(oneLine('a \n  b\nc')).to.equal('a b c');
    expect(printable('→ 😀')).to.equal('→ 😀');
  });

  it('cuts with an ellipsis', () => {
    expect([cut('abcd', 4), cut('abcd', 3), cut('abcd', 1), cut('abcd', 0)]).to.deep.equal([
      'abcd',
      'ab…',
      '…',
      '…',
    ]);
  });

  it('wraps at spaces, leaves long words whole', () => {
    expect(wrap('aa bb cc\ndddddd e', 5)).to.deep.equal(['aa bb', 'cc', 'dddddd', 'e']);
    expect(wrap('', 5)).to.deep.equal(['']);
  });

  it('counts in words', () => {
    expect([plural(0, 'peer'), plural(1, 'peer'), plural(2, 'peer')]).to.deep.equal([
      '0 peers',
      '1 peer',
      '2 peers',
    ]);
  });
});
