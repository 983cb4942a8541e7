/**
 * The four steps by which one kind of item spreads.
 *
 *     initiator                                  responder
 *         │── Hello(nonce) ───────────────────────► │  remembers the nonce for requestWaitTime
 *         │ ◄────────────── DataDigest(nonce, ids) ─│  what the initiator may have; nothing: silence (PULL-03)
 *     digestWaitTime after the Hello
 *         │── DataRequest(nonce, ids lacking) ────► │  each id from one advertiser, chosen at random (PULL-11)
 *         │ ◄───────────── DataUpdate(nonce, items) │  held and allowed now (PULL-06)
 *     responseWaitTime later the round is over and its nonces with it (PULL-13)
 *
 * Knows neither messages nor connections: a peer to ask is a value of type `P`, one who asks a value of type `Q`.
 * Deviation (PULL-14): Fabric keys a round by endpoint string; this engine keys it by nonce, so that two members at one endpoint
 * do not get mixed up. Source: gossip/gossip/algo/pull.go.
 */
import type { Millis } from '../ports/clock';
import type { Random } from '../ports/random';
import { keyOf } from './bytes';
import { MAX_HELD_ITEMS, MAX_INCOMING_NONCES } from './limits';
import type { Opened } from './envelopes';
import type { Rules } from './rules';
import type { GossipTiming } from './settings';

/** Something to be said to a peer asked. */
export interface HelloTo<P> {
  readonly peer: P;
  readonly nonce: bigint;
}
export interface RequestTo<P> extends HelloTo<P> {
  readonly ids: readonly Uint8Array[];
}

interface Wanted {
  readonly id: Uint8Array;
  /** Nonces of those who advertise it. */
  readonly advertisers: bigint[];
}

interface HeldItem {
  readonly id: Uint8Array;
  readonly item: Opened;
}

export interface PullOptions<Q> {
  readonly rules: Rules;
  readonly random: Random;
  readonly timing: Pick<GossipTiming, 'digestWaitTimeMs' | 'requestWaitTimeMs' | 'responseWaitTimeMs'>;
  /** Items that one round may ask for, all advertisers together. */
  readonly maxItemsPerRound: number;
  /** Whether an item may be offered to one who asks; judged for digest and update alike. */
  readonly mayOffer: (id: Uint8Array, requester: Q) => boolean;
}

export class PullEngine<P, Q> {
  readonly #options: PullOptions<Q>;
  readonly #held = new Map<string, HeldItem>();
  /** Nonces of Hellos received, and when. */
  readonly #incoming = new Map<bigint, Millis>();
  /** Nonces of the Hellos of the running round. */
  readonly #outgoing = new Map<bigint, P>();
  readonly #wanted = new Map<string, Wanted>();
  #helloAtMs: Millis = -Infinity;
  #awaitsUpdates = false;

  constructor(options: PullOptions<Q>) {
    this.#options = options;
  }

  /** Offers an item from now on. False: there are too many. */
  add(id: Uint8Array, item: Opened): boolean {
    const key = keyOf(id);
    if (!this.#held.has(key) && this.#held.size >= MAX_HELD_ITEMS) {
      return false;
    }
    this.#held.set(key, { id, item });
    return true;
  }

  remove(id: Uint8Array): void {
    this.#held.delete(keyOf(id));
  }

  /** Ids of the items on offer. */
  ids(): Uint8Array[] {
    return Array.from(this.#held.values(), ({ id }) => id);
  }

  // ── As initiator ────────────────────────────────────────────────────────────────────────────────────────────

  /** Begins a round: a Hello with a nonce of its own for each peer (PULL-01). */
  begin(peers: readonly P[], nowMs: Millis): HelloTo<P>[] {
    this.#helloAtMs = nowMs;
    return peers.map((peer) => {
      const nonce = this.#freshNonce();
      this.#outgoing.set(nonce, peer);
      return { peer, nonce };
    });
  }

  #freshNonce(): bigint {
    for (;;) {
      const nonce = this.#options.random.uint64();
      if (!this.#outgoing.has(nonce)) {
        return nonce;
      }
    }
  }

  /** Takes in a digest. False: its nonce is not outstanding, or it is too late (PULL-10). */
  onDigest(nonce: bigint, ids: readonly Uint8Array[], nowMs: Millis): boolean {
    const { maxItemsPerRound, rules, timing } = this.#options;
    const isOutstanding = this.#outgoing.has(nonce) || !rules.requiresOutstandingNonce();
    if (!isOutstanding || !rules.digestWithin(nowMs - this.#helloAtMs, timing.digestWaitTimeMs)) {
      return false;
    }
    for (const id of ids) {
      const key = keyOf(id);
      const wanted = this.#wanted.get(key);
      if (wanted !== undefined) {
        if (!wanted.advertisers.includes(nonce)) {
          wanted.advertisers.push(nonce);
        }
      } else if (!this.#held.has(key) && this.#wanted.size < maxItemsPerRound) {
        this.#wanted.set(key, { id, advertisers: [nonce] });
      }
    }
    return true;
  }

  /** At digestWaitTime: what to ask of whom (PULL-11). */
  requests(): RequestTo<P>[] {
    const byNonce = new Map<bigint, Uint8Array[]>();
    for (const { id, advertisers } of this.#wanted.values()) {
      const nonce = advertisers[this.#options.random.below(advertisers.length)];
      if (nonce !== undefined) {
        byNonce.set(nonce, [...(byNonce.get(nonce) ?? []), id]);
      }
    }
    this.#awaitsUpdates = true;
    return [...byNonce].flatMap(([nonce, ids]) => {
      const peer = this.#outgoing.get(nonce);
      return peer === undefined ? [] : [{ peer, nonce, ids }];
    });
  }

  /** Whether the items of an update with this nonce are to be offered from now on (PULL-12). */
  isAnswer(nonce: bigint): boolean {
    return (
      (this.#awaitsUpdates && this.#outgoing.has(nonce)) || !this.#options.rules.requiresOutstandingNonce()
    );
  }

  /** responseWaitTime after the requests: the round is over (PULL-13). */
  end(): void {
    this.#outgoing.clear();
    this.#wanted.clear();
    this.#awaitsUpdates = false;
  }

  // ── As responder ────────────────────────────────────────────────────────────────────────────────────────────

  /** The ids to answer a Hello with; undefined: stay silent (PULL-02, PULL-03). */
  onHello(nonce: bigint, requester: Q, nowMs: Millis): Uint8Array[] | undefined {
    this.#rememberHello(nonce, nowMs);
    const ids = this.ids().filter((id) => this.#options.mayOffer(id, requester));
    return ids.length === 0 && this.#options.rules.keepsSilentWithoutItems() ? undefined : ids;
  }

  #rememberHello(nonce: bigint, nowMs: Millis): void {
    const { rules, timing } = this.#options;
    this.#incoming.delete(nonce);
    this.#incoming.set(nonce, nowMs);
    for (const [oldest, sinceMs] of this.#incoming) {
      if (
        this.#incoming.size <= MAX_INCOMING_NONCES &&
        rules.requestWithin(nowMs - sinceMs, timing.requestWaitTimeMs)
      ) {
        return;
      }
      this.#incoming.delete(oldest);
    }
  }

  /** Whether a request with this nonce is to be answered; any peer may send it, any number of times (PULL-04, PULL-05). */
  isExpected(nonce: bigint, nowMs: Millis): boolean {
    const { rules, timing } = this.#options;
    const helloAtMs = this.#incoming.get(nonce);
    return helloAtMs === undefined
      ? !rules.requiresHelloNonce()
      : rules.requestWithin(nowMs - helloAtMs, timing.requestWaitTimeMs);
  }

  /** The items asked for that are held and allowed; undefined: stay silent (PULL-06, PULL-07). */
  itemsFor(ids: readonly Uint8Array[], requester: Q): Opened[] | undefined {
    const { mayOffer, rules } = this.#options;
    const items = ids.flatMap((id) => {
      const held = this.#held.get(keyOf(id));
      return held !== undefined && mayOffer(id, requester) ? [held.item] : [];
    });
    return items.length === 0 && rules.keepsSilentWithoutItems() ? undefined : items;
  }
}
