import type { Clock } from '../../src/ports/clock';
import { StatusCode, type Transport } from '../../src/ports/transport';

const PORT = 9;
const NOWHERE = new RegExp(`^127\\.77\\.\\d+\\.\\d+:${PORT}$`);

/** The address of a tester who does not listen: on the peer's own loopback, where a dial is refused at once. */
export const nowhere = (number: number): string => `127.77.${(number >> 8) & 255}.${number & 255}:${PORT}`;

/** Time enough for a check to see that a member was alive, which this refusal makes a dead one (DEAD-03). */
const REFUSAL_MS = 100;

/**
 * Refuses dials to nowhere itself: peers dial their members all the time, and each real attempt costs half a
 * millisecond of processor time.
 */
export const knowingNowhere = (transport: Transport, clock: Clock): Transport => ({
  listen: (accept) => transport.listen(accept),
  dial: (endpoint, timeoutMs, done) => {
    if (!NOWHERE.test(endpoint)) return transport.dial(endpoint, timeoutMs, done);
    const details = `${endpoint}: connection refused: nothing listens there`;
    return clock.after(Math.min(timeoutMs, REFUSAL_MS), () => {
      done({ ok: false, failure: { code: StatusCode.UNAVAILABLE, details } });
    });
  },
});
