import type { Clock, Millis } from '../../src/ports/clock';
import type { LadderLine } from '../../src/report/model';

/** A failing check shows its messages; a chatty one must not grow without bound. */
const MAX_LINES = 400;

/** The messages of one check, in order, with times from its start. */
export class Ladder {
  readonly #clock: Clock;
  readonly #start: Millis;
  readonly #lines: LadderLine[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#start = clock.now();
  }

  /** Adds a rung at the present time; the oldest go when there are too many. */
  add(from: string, to: string, what: string): void {
    if (this.#lines.length === MAX_LINES) this.#lines.shift();
    this.#lines.push({ atMs: this.elapsedMs(), from, to, what });
  }

  /** Milliseconds since the check began. */
  elapsedMs(): Millis {
    return this.#clock.now() - this.#start;
  }

  get lines(): readonly LadderLine[] {
    return this.#lines;
  }
}
