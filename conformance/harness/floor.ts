import type { Tap } from '../../src/capture';
import type { Observed } from '../../src/report/model';
import { Inconclusive } from './verdict';

/** How much a check must have seen before it may pass: with less it is inconclusive. */
export interface Floor {
  /** What is counted, in words: `intervals between heartbeats`. */
  readonly of: string;
  readonly atLeast: number;
}

/** The floor of a check that names none: where the peer gave no sign of itself, nothing was judged. */
export const anySign: Floor = { of: 'signs of the peer', atLeast: 1 };

/** A floor of this many messages that the peer passed on to a member. */
export const relayed = (atLeast: number): Floor => ({ of: 'messages passed on to a member', atLeast });

/** Counts what one check sees, against its floor. */
export class Tally {
  readonly #floor: Floor;
  #seen = 0;

  constructor(floor: Floor) {
    this.#floor = floor;
  }

  /** The peer gave a sign: a message, the end of its stream, its call, its answer to one. */
  sign(): void {
    if (this.#floor === anySign) this.#seen += 1;
  }

  /** Counts what comes on the streams of a tester as signs. */
  readonly tap: Tap = {
    opened: () => ({
      sent: () => undefined,
      received: () => {
        this.sign();
      },
      ended: () => {
        this.sign();
      },
    }),
  };

  /** The check has seen so many, or so many more, of what its own floor counts. */
  saw(count: number): void {
    if (this.#floor === anySign) throw new Error('the check declares no floor');
    this.#seen += count;
  }

  get observed(): Observed {
    return { what: this.#floor.of, needed: this.#floor.atLeast, seen: this.#seen };
  }

  /** Throws an Inconclusive where that is too little. `detail`: what was seen, in words. */
  demandEnough(detail = ''): void {
    const { of, atLeast } = this.#floor;
    if (this.#seen >= atLeast) return;
    const more = detail === '' ? '' : ` (${detail})`;
    throw new Inconclusive(`too little was seen: ${this.#seen} ${of}, at least ${atLeast} needed${more}`);
  }
}
