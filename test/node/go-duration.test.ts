import { expect } from 'chai';
import { formatGoDuration, parseGoDuration } from '../../src/node';

describe('Go durations', () => {
  const good: Readonly<Record<string, number>> = {
    '4s': 4000,
    '1.5s': 1500,
    '500ms': 500,
    '.5s': 500,
    '1.s': 1000,
    '1h30m': 5_400_000,
    '-1m': -60_000,
    '+2us': 0.002,
    '2µs': 0.002,
    '7ns': 0.000007,
    '4': 0.000004,
    '4000000000': 4000,
    '0': 0,
  };
  for (const [text, millis] of Object.entries(good)) {
    it(`CFG-03: ${text} is ${millis} ms`, () => {
      expect(parseGoDuration(text)).to.equal(millis);
    });
  }

  for (const text of ['', 's', '4 s', '4sec', '1d', '1,5s', '--1s', '.s', '4s ', 'forever']) {
    it(`CFG-03: ${JSON.stringify(text)} is none`, () => {
      expect(parseGoDuration(text)).to.equal(undefined);
    });
  }

  it('are written by their largest unit', () => {
    const millis = [7_200_000, 60_000, 1500, 500, 0, 0.000004];
    expect(millis.map(formatGoDuration)).to.deep.equal(['2h', '1m', '1.5s', '500ms', '0ms', '4ns']);
  });
});
