import type { Clock } from '../../src/ports/clock';
import { LagMeter } from './lag';

/** A process whose timers are later than this, on average, is busy: no more cases begin. */
const BUSY_LAG_MS = 10;
/** Cases that may begin between two measurements. */
const STEP = 2;

/**
 * Lets cases begin as long as this process keeps up with those that run: what they wait for must not come late because of
 * each other.
 */
export class Pace implements Disposable {
  readonly #least: number;
  readonly #lag: LagMeter;
  #running = 0;
  #credit = 0;

  /** `least` cases may run however busy it is. `onRoom` is called when there may be room for more. */
  constructor(clock: Clock, least: number, onRoom: () => void) {
    this.#least = least;
    this.#lag = new LagMeter(clock, () => {
      this.#credit = this.#lag.recentMs < BUSY_LAG_MS ? STEP : 0;
      if (this.#credit > 0) onRoom();
    });
  }

  /** Whether one more may begin. */
  get hasRoom(): boolean {
    return this.#running < this.#least || this.#credit > 0;
  }

  begun(): void {
    if (this.#running >= this.#least) this.#credit -= 1;
    this.#running += 1;
  }

  ended(): void {
    this.#running -= 1;
  }

  [Symbol.dispose](): void {
    this.#lag[Symbol.dispose]();
  }
}
