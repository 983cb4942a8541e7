import type { Clock, Millis, Timer } from '../../src/ports/clock';

/** How often the machine is asked whether it keeps time. */
const TICK_MS = 50;
/** Weight of the last tick among the recent ones. */
const RECENT_SHARE = 0.25;

/**
 * Measures how late this process runs: a tick that comes late was kept waiting by a busy machine, and so was all that
 * the testers should have done meanwhile.
 */
export class LagMeter implements Disposable {
  readonly #clock: Clock;
  #timer: Timer | undefined;
  readonly #onTick: () => void;
  #worstMs = 0;
  #recentMs = 0;

  /** `onTick` is called at every tick, when it has been measured. */
  constructor(clock: Clock, onTick: () => void = () => undefined) {
    this.#clock = clock;
    this.#onTick = onTick;
    this.#arm();
  }

  /** The longest that a tick was late, in milliseconds. */
  get worstMs(): Millis {
    return this.#worstMs;
  }

  /** How late ticks have been of late, on average, in milliseconds. */
  get recentMs(): Millis {
    return this.#recentMs;
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    const due = this.#clock.now() + TICK_MS;
    this.#timer = this.#clock.after(TICK_MS, () => {
      const lateMs = this.#clock.now() - due;
      this.#worstMs = Math.max(this.#worstMs, lateMs);
      this.#recentMs += RECENT_SHARE * (lateMs - this.#recentMs);
      this.#arm();
      this.#onTick();
    });
  }
}
