import { expect } from 'chai';
import type { CallFailure } from '../../../conformance/harness/lines';
import { Pulse } from '../../../conformance/harness/pulse';
import { Lateness } from '../../../conformance/harness/verdict';
import { VirtualClock } from '../../../src/sim/virtual-clock';

/** A peer that answers Pings when it is told to. */
class Answering {
  readonly clock = new VirtualClock();
  /** Dials, Pings and closings, in order. */
  readonly seen: string[] = [];
  reachable = true;
  #answer: (failure: CallFailure) => void = () => undefined;
  readonly pulse: Pulse;

  constructor(reachable = true) {
    this.reachable = reachable;
    this.pulse = new Pulse({ lines: this, clock: this.clock, endpoint: 'peer0:7051', tls: undefined });
  }

  pinger(): Promise<{ ping: () => Promise<CallFailure>; close: () => void }> {
    this.seen.push('dial');
    if (!this.reachable) return Promise.reject(new Lateness('a connection', 'none'));
    return Promise.resolve({
      ping: () => {
        this.seen.push('ping');
        return new Promise((resolve) => (this.#answer = resolve));
      },
      close: () => this.seen.push('close'),
    });
  }

  /** The Ping under way is answered after so long. */
  async answer(afterMs: number, failure?: CallFailure): Promise<void> {
    await this.advance(afterMs);
    this.#answer(failure);
    await this.advance(0);
  }

  async advance(ms: number): Promise<void> {
    await new Promise(setImmediate); // For what waits on promises to go on.
    this.clock.advance(ms);
    await new Promise(setImmediate);
  }
}

describe('the pulse of a peer', () => {
  it('asks again and again on one connection, and tells the longest answer to whoever watches', async () => {
    const peer = new Answering();
    using before = peer.pulse.watch();
    await peer.answer(300);
    using watch = peer.pulse.watch();
    expect([before.worstMs, watch.worstMs]).to.deep.equal([300, 0]);
    await peer.advance(200);
    await peer.answer(40);
    await peer.advance(200);
    await peer.answer(20);
    expect([before.worstMs, watch.worstMs]).to.deep.equal([300, 40]);
    expect(peer.seen).to.deep.equal(['dial', 'ping', 'ping', 'ping']);
    peer.pulse[Symbol.dispose]();
  });

  it('counts an answer that is still to come', async () => {
    const peer = new Answering();
    using watch = peer.pulse.watch();
    await peer.advance(0);
    await peer.advance(500);
    expect(watch.worstMs).to.equal(500);
    peer.pulse[Symbol.dispose]();
  });

  it('says nothing of a peer that fails Ping or cannot be reached, and dials it again', async () => {
    const peer = new Answering();
    using watch = peer.pulse.watch();
    await peer.answer(5_000, 'status 14: gone');
    expect(watch.worstMs).to.equal(0);
    peer.reachable = false;
    await peer.advance(1_000);
    peer.reachable = true;
    await peer.advance(1_000);
    await peer.answer(10);
    expect(watch.worstMs).to.equal(10);
    expect(peer.seen).to.deep.equal(['dial', 'ping', 'close', 'dial', 'dial', 'ping']);
    peer.pulse[Symbol.dispose]();
  });

  it('leaves nothing behind', async () => {
    const peer = new Answering();
    await peer.answer(0);
    peer.pulse[Symbol.dispose]();
    expect(peer.seen).to.deep.equal(['dial', 'ping', 'close']);
    expect(peer.clock.pending).to.equal(0);
    const unreachable = new Answering(false);
    await unreachable.advance(0);
    unreachable.pulse[Symbol.dispose]();
    expect(unreachable.clock.pending).to.equal(0);
  });
});
