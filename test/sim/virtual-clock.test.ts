import { expect } from 'chai';
import { SeededRandom } from '../../src/ports/seeded-random';
import { VirtualClock } from '../../src/sim/virtual-clock';

describe('VirtualClock', () => {
  let clock: VirtualClock;
  let fired: string[];

  const arm = (delayMs: number, name: string) =>
    clock.after(delayMs, () => {
      fired.push(`${name}@${clock.now()}`);
    });

  beforeEach(() => {
    clock = new VirtualClock();
    fired = [];
  });

  it('fires timers at their own instants, in the order of these', () => {
    arm(30, 'c');
    arm(10, 'a');
    arm(20.5, 'b');
    clock.advance(25);
    expect(fired).to.deep.equal(['a@10', 'b@20.5']);
    expect(clock.now()).to.equal(25);
    clock.advance(5);
    expect(fired.at(-1)).to.equal('c@30');
  });

  it('fires timers of one instant in the order they were armed', () => {
    clock.after(5, () => arm(5, 'third'));
    arm(10, 'first');
    arm(10, 'second');
    clock.advance(10);
    expect(fired).to.deep.equal(['first@10', 'second@10', 'third@10']);
  });

  it('fires in the same advance what is armed meanwhile', () => {
    clock.after(1, () => {
      arm(0, 'at once');
      arm(2, 'later');
      arm(10, 'outside');
    });
    clock.advance(5);
    expect(fired).to.deep.equal(['at once@1', 'later@3']);
    expect(clock.pending).to.equal(1);
  });

  it('does not fire what was cancelled, also by a timer of the same instant', () => {
    const timer = arm(1, 'cancelled');
    timer.cancel();
    timer.cancel();
    clock.after(2, () => {
      victim.cancel();
    });
    const victim = arm(2, 'victim');
    const done = arm(1, 'fires');
    expect(clock.pending).to.equal(3);
    clock.advance(5);
    done.cancel();
    expect(fired).to.deep.equal(['fires@1']);
    expect(clock.pending).to.equal(0);
  });

  it('counts a negative delay as none, and refuses one that is no number', () => {
    arm(-5, 'late');
    clock.advance(0);
    expect(fired).to.deep.equal(['late@0']);
    for (const delayMs of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => arm(delayMs, 'never')).to.throw(RangeError);
    }
  });

  it('runs until a condition holds, or the limit', () => {
    arm(10, 'a');
    arm(20, 'b');
    expect(clock.runUntil(() => fired.length === 1, 100)).to.equal(true);
    expect(clock.now()).to.equal(10);
    expect(clock.runUntil(() => fired.length === 3, 100)).to.equal(false);
    expect(clock.now()).to.equal(110);
    expect(clock.runUntil(() => true, 100)).to.equal(true);
    expect(clock.now()).to.equal(110);
  });

  it('refuses to let time pass from inside a callback, and survives a callback that throws', () => {
    clock.after(1, () => {
      clock.advance(1);
    });
    expect(() => {
      clock.advance(2);
    }).to.throw('from inside a callback');
    arm(1, 'after');
    clock.advance(2);
    expect(fired).to.deep.equal(['after@2']);
  });

  it('derives wall time from its start', () => {
    clock = new VirtualClock(1_700_000_000_000);
    clock.advance(1.5);
    expect(clock.wallNanos()).to.equal(1_700_000_000_001_500_000n);
  });

  it('keeps its order with many timers, most of them cancelled', () => {
    const random = new SeededRandom(1);
    const armed = Array.from({ length: 5_000 }, (_, index) => {
      const delayMs = random.below(50);
      return { index, delayMs, kept: random.below(4) === 0, timer: arm(delayMs, `${index}`) };
    });
    for (const { kept, timer } of armed) {
      if (!kept) {
        timer.cancel();
      }
    }
    const expected = armed
      .filter(({ kept }) => kept)
      .sort((one, other) => one.delayMs - other.delayMs || one.index - other.index)
      .map(({ index, delayMs }) => `${index}@${delayMs}`);
    expect(clock.pending).to.equal(expected.length);
    clock.advance(50);
    expect(fired.join()).to.equal(expected.join());
  });
});

describe('SeededRandom', () => {
  it('repeats itself for a seed, and differs for another', () => {
    const draw = (seed: number) => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 20 }, () => [random.uint64(), random.below(1_000)]);
    };
    expect(draw(42)).to.deep.equal(draw(42));
    for (const seed of [0, 43, -42, 42 + 2 ** 32]) {
      expect(draw(seed)).to.not.deep.equal(draw(42));
    }
  });

  it('draws evenly', () => {
    const random = new SeededRandom(7);
    const counts = new Array<number>(6).fill(0);
    for (let draw = 0; draw < 60_000; draw++) {
      const face = random.below(6);
      counts[face] = (counts[face] ?? 0) + 1;
    }
    for (const count of counts) {
      expect(count).to.be.within(9_600, 10_400);
    }
  });

  it('fills all 64 bits', () => {
    const random = new SeededRandom(7);
    const seen = Array.from({ length: 200 }, () => random.uint64()).reduce((all, value) => all | value, 0n);
    expect(seen).to.equal(2n ** 64n - 1n);
  });

  it('refuses a bound it cannot draw below', () => {
    const random = new SeededRandom(7);
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
      expect(() => random.below(bound)).to.throw(RangeError);
    }
    expect(random.below(1)).to.equal(0);
    expect(random.below(2 ** 32)).to.be.within(0, 2 ** 32 - 1);
  });
});
