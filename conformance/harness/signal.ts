import type { Clock, Millis } from '../../src/ports/clock';

/** Wakes whoever waits for something to change. */
export class Signal {
  readonly #waiting = new Set<() => void>();

  notify(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next `notify`, or after `timeoutMs`. */
  wait(clock: Clock, timeoutMs: Millis): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timer.cancel();
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = clock.after(timeoutMs, wake);
      this.#waiting.add(wake);
    });
  }
}

/** Resolves after `delayMs`. */
export const pause = (clock: Clock, delayMs: Millis): Promise<void> =>
  new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
