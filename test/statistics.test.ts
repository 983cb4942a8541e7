import { expect } from 'chai';
import { median, quantile } from '../src/statistics';

describe('statistics', () => {
  it('median: the one in the middle, by number and not by text', () => {
    expect(median([10, 9, 100])).to.equal(10);
    expect(median([4, 1, 3, 2])).to.equal(3);
    expect(median([7])).to.equal(7);
  });

  it('quantile: so far through the sorted values', () => {
    const values = Array.from({ length: 10 }, (_, n) => 9 - n);
    expect([0, 0.5, 0.9, 0.99].map((share) => quantile(values, share))).to.deep.equal([0, 5, 9, 9]);
  });

  it('of nothing is no number, and the values stay as they are', () => {
    expect(median([])).to.be.NaN;
    const values = [3, 1, 2];
    median(values);
    expect(values).to.deep.equal([3, 1, 2]);
  });
});
