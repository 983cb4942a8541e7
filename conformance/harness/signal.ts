import type { Clock, Millis } from '../../src/ports/clock';
import { CheckClock } from './check-clock';

/** Wakes whoever waits for something to change. */
export class Signal {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next `notify`, or after `timeoutMs`. `what` is awaited, in words, for the report. */
  wait(clock: Clock, timeoutMs: Millis, what: string): Promise<void> {
    const account = accountFor(clock, what);
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel();
        this.#waiting.delete(wake);
        account();
        resolve();
      };
      const timer = clock.after(timeoutMs, wake);
      this.#waiting.add(wake);
    });
  }
}

/** Resolves after `delayMs`. `what` this waits for, in words, for the report. */
export function pause(clock: Clock, delayMs: Millis, what = 'time to pass'): Promise<void> {
  const account = accountFor(clock, what);
  return new Promise((resolve) => {
    clock.after(delayMs, () => {
      account();
      resolve();
    });
  });
}

/** To be called when the wait is over. A wait by any clock but that of a check is nobody's. */
function accountFor(clock: Clock, what: string): () => void {
  if (!(clock instanceof CheckClock)) return () => undefined;
  const sinceMs = clock.now();
  return () => {
    clock.waited(what, sinceMs);
  };
}
