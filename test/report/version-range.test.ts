import { expect } from 'chai';
import { isInRange, parseVersionRange } from '../../src/report/version-range';

/** What a range says of a version. */
function judge(range: string, version: string | undefined): boolean | 'unknown' | 'no range' {
  const parsed = parseVersionRange(range);
  return parsed === undefined ? 'no range' : isInRange(parsed, version);
}

describe('a range of versions', () => {
  const cases = [
    {
      range: '2.5.16',
      holds: ['2.5.16', 'v2.5.16', '2.5.16-snapshot-1'],
      not: ['2.5.15', '2.5.160', '3.1.5'],
    },
    { range: '2.5', holds: ['2.5.0', '2.5.16', '2.5'], not: ['2.50.0', '2.4.16'] },
    { range: '2.5.x', holds: ['2.5.0', '2.5.16'], not: ['2.6.0'] },
    { range: '3.x', holds: ['3.0.0', '3.1.5'], not: ['2.5.16'] },
    { range: '>=2.5.11 <3', holds: ['2.5.11', '2.9.0'], not: ['2.5.10', '3.0.0', '3.1'] },
    { range: '>2.5', holds: ['2.6.0', '3.1.5'], not: ['2.5.0', '2.5.16'] },
    { range: '<=3.1', holds: ['3.1.5', '2.5.16'], not: ['3.2.0'] },
    { range: '2.5.x || >=3.1', holds: ['2.5.1', '3.1.0', '4.0.0'], not: ['3.0.9', '2.4.0'] },
  ];
  for (const { range, holds, not } of cases) {
    it(`${range} holds for ${holds.join(', ')} and not for ${not.join(', ')}`, () => {
      expect(holds.map((version) => judge(range, version))).to.deep.equal(holds.map(() => true));
      expect(not.map((version) => judge(range, version))).to.deep.equal(not.map(() => false));
    });
  }

  it('any holds for a version that nobody knows, every other does not know', () => {
    expect(judge('any', undefined)).to.be.true;
    expect(judge('any', 'a fork')).to.be.true;
    expect(judge('2.5.x', undefined)).to.equal('unknown');
    expect(judge('2.5.x', 'a fork')).to.equal('unknown');
  });

  it('is refused where it is none', () => {
    for (const text of ['', 'latest', '>= 2.5', '2.5.16.1', '2.*', '^2.5', '2.5 - 3', '2.5 ||']) {
      expect(judge(text, '2.5.16'), text).to.equal('no range');
    }
  });
});
