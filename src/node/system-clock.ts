import { NANOS_PER_MILLI, type Clock, type Millis, type Timer } from '../ports/clock';

/** The longest delay that setTimeout keeps; it fires at once for a longer one. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's own time. The one place that touches it. */
export const systemClock: Clock = {
  now(): Millis {
    return performance.now();
  },

  wallNanos(): bigint {
    return BigInt(Date.now()) * NANOS_PER_MILLI;
  },

  after(delayMs: Millis, fire: () => void): Timer {
    let handle: NodeJS.Timeout;
    const arm = (remainingMs: Millis): void => {
      handle =
        remainingMs > MAX_TIMEOUT_MS
          ? setTimeout(arm, MAX_TIMEOUT_MS, remainingMs - MAX_TIMEOUT_MS)
          : setTimeout(fire, remainingMs);
    };
    arm(delayMs);
    return {
      cancel: () => {
        clearTimeout(handle);
      },
    };
  },
};
