import { expect } from 'chai';
import { Outbox } from '../../src/core/effects';
import type { Instant } from '../../src/core/instant';
import { Timers } from '../../src/core/timers';

const at = (nowMs: number): Instant => ({ nowMs, wallMs: 0 });

describe('timers', () => {
  let outbox: Outbox;
  let timers: Timers;
  let fired: number[];
  beforeEach(() => {
    outbox = new Outbox();
    timers = new Timers(outbox);
    fired = [];
  });

  const note = ({ nowMs }: Instant): void => {
    fired.push(nowMs);
  };
  /** The delays that were asked for since. */
  const delays = (): number[] => outbox.drain().flatMap((one) => (one.kind === 'arm' ? [one.delayMs] : []));

  it('every: the next is counted from when the last one came', () => {
    timers.every('x', 100, note);
    timers.fired('x', at(130));
    expect(delays()).to.deep.equal([100, 100]);
    expect(fired).to.deep.equal([130]);
  });

  it('tick: a late one puts off no other', () => {
    timers.tick('x', 100, at(1000), note);
    timers.fired('x', at(1130));
    expect(delays()).to.deep.equal([100, 70]);
    expect(fired).to.deep.equal([1130]);
  });

  it('tick: one that comes when the next is due stands for both', () => {
    timers.tick('x', 100, at(1000), note);
    timers.fired('x', at(1350));
    expect(delays()).to.deep.equal([100, 50]);
    expect(fired).to.deep.equal([1350]);
  });
});
