import { expect } from 'chai';
import fc from 'fast-check';
import { fabricRules } from '../../src/core';
import { FreshnessStore } from '../../src/core/freshness';

const time = fc.record({ incNum: fc.bigInt(0n, 3n), seqNum: fc.bigInt(0n, 3n) });
const author = Uint8Array.of(1);

describe('freshness store', () => {
  it('STORE-01: whatever the order of arrival, what is held is the greatest seen', () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 1 }), (times) => {
        const store = new FreshnessStore<bigint>(1000, fabricRules);
        const rank = ({ incNum, seqNum }: { incNum: bigint; seqNum: bigint }): bigint =>
          incNum * 10n + seqNum;
        let greatest = -1n;
        for (const each of times) {
          const isGreater = rank(each) > greatest;
          expect(store.add(author, each, rank(each), 0)).to.equal(isGreater);
          greatest = isGreater ? rank(each) : greatest;
        }
        expect(store.sweep(1001)).to.deep.equal([greatest]);
      }),
    );
  });

  it('STORE-03: expires once at a lifetime, is gone after two', () => {
    const store = new FreshnessStore<string>(1000, fabricRules);
    const at = { incNum: 1n, seqNum: 1n };
    store.add(author, at, 'alive', 0);
    expect(store.sweep(1000)).to.deep.equal([]);
    expect(store.sweep(1001)).to.deep.equal(['alive']);
    expect(store.sweep(1500)).to.deep.equal([]);
    expect(store.isNews(author, at)).to.be.false;
    store.sweep(2001);
    expect(store.isNews(author, at)).to.be.true;
    expect(store.size).to.equal(0);
  });
});
