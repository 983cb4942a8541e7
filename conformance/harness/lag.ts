import type { Clock, Millis, Timer } from '../../src/ports/clock';

/** How often the machine is asked whether it keeps time. */
const TICK_MS = 50;

/**
 * Measures how late this process runs: a tick that comes late was kept waiting by a busy machine, and so was all that
 * the testers should have done meanwhile.
 */
export class LagMeter implements Disposable {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #worstMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#arm();
  }

  /** The longest that a tick was late, in milliseconds. */
  get worstMs(): Millis {
    return this.#worstMs;
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    const due = this.#clock.now() + TICK_MS;
    this.#timer = this.#clock.after(TICK_MS, () => {
      this.#worstMs = Math.max(this.#worstMs, this.#clock.now() - due);
      this.#arm();
    });
  }
}
