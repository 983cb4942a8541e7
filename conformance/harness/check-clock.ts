import type { Clock, Millis, Timer } from '../../src/ports/clock';
import type { Wait } from '../../src/report/model';

/** Shorter waits are not reported. */
const MOMENT_MS = 50;
/** A report names this many waits of a check, the longest. */
const TOLD = 3;
/** Kinds of waits to add up: descriptions may contain numbers, so that there could be any number of them. */
const MAX_KEPT = 200;

/** The clock of one check, which keeps account of what the check waits for. */
export class CheckClock implements Clock {
  readonly #clock: Clock;
  readonly #totals = new Map<string, Millis>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): Millis {
    return this.#clock.now();
  }

  wallNanos(): bigint {
    return this.#clock.wallNanos();
  }

  after(delayMs: Millis, fire: () => void): Timer {
    return this.#clock.after(delayMs, fire);
  }

  /** Adds what has been waited for `what` since a time by this clock. */
  waited(what: string, sinceMs: Millis): void {
    const before = this.#totals.get(what);
    if (before === undefined && this.#totals.size >= MAX_KEPT) return;
    this.#totals.set(what, (before ?? 0) + this.now() - sinceMs);
  }

  /** The longest waits. Those that ran side by side count each. */
  longest(): readonly Wait[] {
    return [...this.#totals]
      .map(([what, ms]) => ({ what, ms }))
      .filter(({ ms }) => ms >= MOMENT_MS)
      .sort((a, b) => b.ms - a.ms)
      .slice(0, TOLD);
  }
}
