/**
 * Numbers of the blocks seen last, so that each is verified, kept and relayed once.
 *
 *     as high as one held              refused
 *     more than 10 below one held      refused
 *     more than 10 above one held      that one goes
 *
 * So at most eleven, all near the newest (STORE-02). A block expires after its lifetime: it is not offered any more,
 * but holds off its like for another lifetime (STORE-03). Source: gossip/protoext/msgcomparator.go,
 * `dataInvalidationPolicy`; gossip/gossip/msgstore/msgs.go.
 */
import type { Millis } from '../../ports/clock';
import type { Rules } from '../rules';

interface Seen {
  readonly storedAtMs: Millis;
  expired: boolean;
}

export interface BlockStoreOptions {
  readonly rules: Rules;
  readonly maxBlockCountToStore: number;
  readonly lifetimeMs: Millis;
  /** A block is not to be offered any more. */
  readonly dropped: (number: bigint) => void;
}

export class BlockStore {
  readonly #options: BlockStoreOptions;
  readonly #seen = new Map<bigint, Seen>();

  constructor(options: BlockStoreOptions) {
    this.#options = options;
  }

  /** Whether a block of this number would be taken. */
  accepts(number: bigint): boolean {
    return [...this.#seen.keys()].every((held) => this.#compare(number, held) !== 'refused');
  }

  /** Takes a block that it accepts. */
  add(number: bigint, nowMs: Millis): void {
    for (const held of [...this.#seen.keys()]) {
      if (this.#compare(number, held) === 'evicts') {
        this.#seen.delete(held);
        this.#options.dropped(held);
      }
    }
    this.#seen.set(number, { storedAtMs: nowMs, expired: false });
  }

  sweep(nowMs: Millis): void {
    const { dropped, lifetimeMs } = this.#options;
    for (const [number, seen] of this.#seen) {
      const ageMs = nowMs - seen.storedAtMs;
      if (!seen.expired && ageMs > lifetimeMs) {
        seen.expired = true;
        dropped(number);
      } else if (seen.expired && ageMs > 2 * lifetimeMs) {
        this.#seen.delete(number);
      }
    }
  }

  #compare(number: bigint, held: bigint): 'refused' | 'evicts' | 'beside' {
    return this.#options.rules.compareBlocks(number, held, BigInt(this.#options.maxBlockCountToStore));
  }
}
