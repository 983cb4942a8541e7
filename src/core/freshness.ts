/**
 * What was heard last of each author, so that older copies go no further.
 *
 *     newer ──► fresh ──lifetime──► expired ──lifetime──► gone
 *
 * Both fresh and expired items hold off equal and older ones (STORE-01, STORE-03).
 * Source: gossip/gossip/msgstore/msgs.go; gossip/protoext/msgcomparator.go.
 */
import type { Millis } from '../ports/clock';
import type { PeerTime } from '../wire';
import { keyOf } from './bytes';
import type { Rules } from './rules';

interface Item<T> {
  readonly time: PeerTime;
  readonly value: T;
  readonly storedAtMs: Millis;
  expired: boolean;
}

export class FreshnessStore<T> {
  readonly lifetimeMs: Millis;
  readonly #rules: Rules;
  readonly #items = new Map<string, Item<T>>();

  constructor(lifetimeMs: Millis, rules: Rules) {
    this.lifetimeMs = lifetimeMs;
    this.#rules = rules;
  }

  get size(): number {
    return this.#items.size;
  }

  /** Whether something of this author and time would be news. */
  isNews(author: Uint8Array, time: PeerTime): boolean {
    const held = this.#items.get(keyOf(author));
    return held === undefined || this.#rules.isFresher(time, held.time);
  }

  /** Keeps it in place of what was held of its author. False: it is no news. */
  add(author: Uint8Array, time: PeerTime, value: T, nowMs: Millis): boolean {
    if (!this.isNews(author, time)) {
      return false;
    }
    this.#items.set(keyOf(author), { time, value, storedAtMs: nowMs, expired: false });
    return true;
  }

  /** Expires what is older than a lifetime, and returns it; drops what is older than two. */
  sweep(nowMs: Millis): T[] {
    const expired: T[] = [];
    for (const [key, item] of this.#items) {
      const ageMs = nowMs - item.storedAtMs;
      if (!item.expired && ageMs > this.lifetimeMs) {
        item.expired = true;
        expired.push(item.value);
      } else if (item.expired && ageMs > 2 * this.lifetimeMs) {
        this.#items.delete(key);
      }
    }
    return expired;
  }
}
