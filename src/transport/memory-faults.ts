import type { Millis } from '../ports/clock';
import type { Random } from '../ports/random';

/** What a link does to what travels over it, one way. Rates are shares of the messages, 0 to 1. */
export interface LinkFaults {
  /** Each delivery takes between these; whole milliseconds between, drawn at random. */
  readonly latencyMs: { readonly min: Millis; readonly max: Millis };
  /** Envelopes that never arrive. TCP does not do this: it stands for what is lost inside the peers. */
  readonly lossRate: number;
  /** Envelopes that arrive twice. */
  readonly duplicateRate: number;
  /** Envelopes that later ones overtake. */
  readonly reorderRate: number;
}

/** A quick network that does nothing wrong. */
const NO_FAULTS: LinkFaults = {
  latencyMs: { min: 1, max: 1 },
  lossRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
};

const RATE_STEPS = 1_000_000;

/** Decides the fate of each delivery. Chance is drawn only where a fault is possible. */
export class MemoryFaults {
  readonly #random: Random;
  readonly #links = new Map<string, LinkFaults>();
  #everywhere: LinkFaults;
  /** Endpoint to the group it is cut into. */
  #groups: ReadonlyMap<string, number> = new Map();

  constructor(random: Random, faults: Partial<LinkFaults> = {}) {
    this.#random = random;
    this.#everywhere = { ...NO_FAULTS, ...faults };
  }

  /** Changes what all links do, save those that were set by {@link setLink}. */
  set(faults: Partial<LinkFaults>): void {
    this.#everywhere = { ...this.#everywhere, ...faults };
  }

  /** Changes what the link from one endpoint to another does, in this direction. */
  setLink(from: string, to: string, faults: Partial<LinkFaults>): void {
    this.#links.set(linkKey(from, to), { ...this.#of(from, to), ...faults });
  }

  /** Cuts the links between endpoints of different groups; those named in none keep theirs. Replaces an earlier cut. */
  partition(groups: readonly (readonly string[])[]): void {
    this.#groups = new Map(
      groups.flatMap((group, index) => group.map((endpoint) => [endpoint, index] as const)),
    );
  }

  heal(): void {
    this.#groups = new Map();
  }

  isCut(a: string, b: string): boolean {
    const groupOfA = this.#groups.get(a);
    const groupOfB = this.#groups.get(b);
    return groupOfA !== undefined && groupOfB !== undefined && groupOfA !== groupOfB;
  }

  latencyMs(from: string, to: string): Millis {
    const { min, max } = this.#of(from, to).latencyMs;
    const steps = Math.floor(max - min);
    return steps > 0 ? min + this.#random.below(steps + 1) : min;
  }

  /** How many copies of an envelope arrive: none, one or two. */
  copies(from: string, to: string): 0 | 1 | 2 {
    const { lossRate, duplicateRate } = this.#of(from, to);
    if (this.#happens(lossRate)) {
      return 0;
    }
    return this.#happens(duplicateRate) ? 2 : 1;
  }

  /** How much later than its turn an envelope arrives; 0: in its turn. */
  lagMs(from: string, to: string): Millis {
    const { reorderRate, latencyMs } = this.#of(from, to);
    return this.#happens(reorderRate) ? 1 + this.#random.below(1 + Math.ceil(latencyMs.max)) : 0;
  }

  #of(from: string, to: string): LinkFaults {
    return this.#links.get(linkKey(from, to)) ?? this.#everywhere;
  }

  #happens(rate: number): boolean {
    return rate > 0 && this.#random.below(RATE_STEPS) < rate * RATE_STEPS;
  }
}

function linkKey(from: string, to: string): string {
  return `${from} ${to}`;
}
