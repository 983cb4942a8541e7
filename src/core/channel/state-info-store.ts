/**
 * The newest state info of each peer of a channel. It does not age: it goes when its author is no member any more
 * (SINF-14), or may not be in the channel any more (SINF-15).
 * Source: gossip/gossip/channel/channel.go, `stateInfoCache`.
 */
import type { PeerTime, Properties } from '../../wire';
import { keyOf } from '../bytes';
import type { Opened } from '../envelopes';
import type { Rules } from '../rules';

/** A state info that has all its parts. */
export interface HeldStateInfo {
  readonly pkiId: Uint8Array;
  readonly time: PeerTime;
  /** Undefined: its author counts as having no height (SINF-13). */
  readonly properties: Properties | undefined;
  readonly opened: Opened;
}

export class StateInfoStore {
  readonly #rules: Rules;
  readonly #held = new Map<string, HeldStateInfo>();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  of(pkiId: Uint8Array): HeldStateInfo | undefined {
    return this.#held.get(keyOf(pkiId));
  }

  all(): HeldStateInfo[] {
    return [...this.#held.values()];
  }

  /** Whether something of this author and time would be news (STORE-01). */
  isNews(pkiId: Uint8Array, time: PeerTime): boolean {
    const held = this.of(pkiId);
    return held === undefined || this.#rules.isFresher(time, held.time);
  }

  /** In place of what was held of its author; the caller has found it to be news. */
  put(stateInfo: HeldStateInfo): void {
    this.#held.set(keyOf(stateInfo.pkiId), stateInfo);
  }

  /** Drops what is not to be kept. */
  keep(isToBeKept: (stateInfo: HeldStateInfo) => boolean): void {
    for (const [key, stateInfo] of this.#held) {
      if (!isToBeKept(stateInfo)) {
        this.#held.delete(key);
      }
    }
  }
}
