import type { VirtualClock } from '../../src/sim/virtual-clock';

const LIMIT_MS = 10_000;

/** Lets virtual time pass, millisecond by millisecond, until the promise is settled. */
export async function passTime<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  const state = { settled: false };
  const seen = promise.finally(() => {
    state.settled = true;
  });
  for (let ms = 0; !state.settled && ms < LIMIT_MS; ms++) {
    clock.advance(1);
    await Promise.resolve();
  }
  return seen;
}
