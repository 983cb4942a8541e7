import { expect } from 'chai';
import { systemClock } from '../../src/node/system-clock';
import { systemRandom } from '../../src/node/system-random';

describe('system clock and chance', () => {
  it('fires timers in order, and not those that were cancelled', async () => {
    const fired: string[] = [];
    await new Promise<void>((resolve) => {
      systemClock
        .after(1, () => {
          fired.push('cancelled');
        })
        .cancel();
      systemClock.after(1, () => {
        fired.push('first');
      });
      systemClock.after(1, () => {
        fired.push('second');
        resolve();
      });
    });
    expect(fired).to.deep.equal(['first', 'second']);
  });

  it('does not fire at once what lies further off than setTimeout can keep', async () => {
    let fired = false;
    const timer = systemClock.after(2 ** 31, () => {
      fired = true;
    });
    await new Promise<void>((resolve) => {
      systemClock.after(5, resolve);
    });
    timer.cancel();
    timer.cancel();
    expect(fired).to.equal(false);
  });

  it('tells wall time in nanoseconds and never goes back', () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    expect(systemClock.wallNanos() >= before).to.equal(true);
    const earlier = systemClock.now();
    expect(systemClock.now()).to.be.at.least(earlier);
  });

  it('draws below a bound, and 64 bits', () => {
    const draws = Array.from({ length: 200 }, () => systemRandom.below(3));
    expect(new Set(draws)).to.deep.equal(new Set([0, 1, 2]));
    expect(systemRandom.uint64() >> 64n).to.equal(0n);
  });
});
