/**
 * The view: who is alive, who is dead.
 *
 *                  newer alive                     silent, or a send failed
 *     unknown ───────────────────► alive ─────────────────────────────────────► dead
 *        │                          ▲  │ newer alive: refreshed                   │
 *        │ told as dead             │  └─┐        newer alive: resurrected         │
 *        └───────────► dead ────────┴────┴───────────────────────────────────────┘
 *     alive, dead ──► forgotten (the stored alive expired, or the identity was purged)
 *
 * Source: gossip/discovery/discovery_impl.go.
 */
import type { Millis } from '../ports/clock';
import type { AliveMessage, Member as WireMember, PeerTime } from '../wire';
import { keyOf } from './bytes';
import { internalEndpointOf, type Opened } from './envelopes';
import { MAX_MEMBERS } from './limits';
import type { Rules } from './rules';

/** A member as it last told about itself. */
export interface Member {
  readonly pkiId: Uint8Array;
  /** External endpoint, host:port; empty: none. */
  readonly endpoint: string;
  /** Internal endpoint, host:port; empty: not known. */
  readonly internalEndpoint: string;
  readonly metadata: Uint8Array;
  /** inc_num: nanoseconds since the Unix epoch; seq_num: counts its alive messages. */
  readonly time: PeerTime;
  /** Monotonic time of the last news of it. */
  readonly lastSeenMs: Millis;
  /** Its last alive message, as it came. */
  readonly alive: Opened;
}

/** An alive message that has all its parts (ALIVE-14). */
export interface Alive {
  readonly kind: 'alive';
  readonly opened: Opened;
  readonly message: AliveMessage;
  readonly membership: WireMember;
  readonly time: PeerTime;
}

/** What an alive message did. */
export type Change =
  | { readonly kind: 'learned' | 'refreshed' | 'resurrected'; readonly member: Member }
  | { readonly kind: 'stale' | 'full' };

/** Where to dial a member: internal endpoint if known, else the external one. */
export const preferredEndpoint = (member: Pick<Member, 'endpoint' | 'internalEndpoint'>): string =>
  member.internalEndpoint === '' ? member.endpoint : member.internalEndpoint;

export class Membership {
  readonly #rules: Rules;
  readonly #alive = new Map<string, Member>();
  readonly #dead = new Map<string, Member>();

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  alive(): Member[] {
    return [...this.#alive.values()];
  }

  dead(): Member[] {
    return [...this.#dead.values()];
  }

  get aliveCount(): number {
    return this.#alive.size;
  }

  isAlive(pkiId: Uint8Array): boolean {
    return this.#alive.has(keyOf(pkiId));
  }

  isDead(pkiId: Uint8Array): boolean {
    return this.#dead.has(keyOf(pkiId));
  }

  /** A member, alive or dead. */
  lookup(pkiId: Uint8Array): Member | undefined {
    const key = keyOf(pkiId);
    return this.#alive.get(key) ?? this.#dead.get(key);
  }

  /** Takes in a valid alive message (ALIVE-09, DEAD-04, MEMB-03, MEMB-15). */
  heard(alive: Alive, nowMs: Millis): Change {
    const key = keyOf(alive.membership.pkiId);
    const aliveBefore = this.#alive.get(key);
    const deadBefore = this.#dead.get(key);
    const before = aliveBefore ?? deadBefore;
    if (before === undefined && this.#isFull) {
      return { kind: 'full' };
    }
    if (before !== undefined && !this.#rules.isFresher(alive.time, before.time)) {
      return { kind: 'stale' };
    }
    if (deadBefore !== undefined && !this.#rules.resurrects()) {
      return { kind: 'stale' };
    }
    const member = this.#memberOf(alive, before, nowMs);
    this.#dead.delete(key);
    this.#alive.set(key, member);
    if (before === undefined) {
      return { kind: 'learned', member };
    }
    return { kind: aliveBefore === undefined ? 'resurrected' : 'refreshed', member };
  }

  /** Remembers a member told as dead, if nothing is known of it (MEMB-16). */
  toldDead(alive: Alive, nowMs: Millis): Member | undefined {
    if (this.lookup(alive.membership.pkiId) !== undefined || this.#isFull) {
      return undefined;
    }
    const member = this.#memberOf(alive, undefined, nowMs);
    this.#dead.set(keyOf(member.pkiId), member);
    return member;
  }

  /** Moves a member to the dead; undefined if it was not alive. */
  died(pkiId: Uint8Array): Member | undefined {
    const key = keyOf(pkiId);
    const member = this.#alive.get(key);
    if (member !== undefined) {
      this.#alive.delete(key);
      this.#dead.set(key, member);
    }
    return member;
  }

  /** Drops a member altogether; undefined if it was none. */
  forget(pkiId: Uint8Array): Member | undefined {
    const member = this.lookup(pkiId);
    this.#alive.delete(keyOf(pkiId));
    this.#dead.delete(keyOf(pkiId));
    return member;
  }

  /** Members alive that have not been heard of for too long (DEAD-01). */
  silent(aliveExpirationTimeoutMs: Millis, nowMs: Millis): Member[] {
    return this.alive().filter((member) =>
      this.#rules.isSilent(nowMs - member.lastSeenMs, aliveExpirationTimeoutMs),
    );
  }

  get #isFull(): boolean {
    return this.#alive.size + this.#dead.size >= MAX_MEMBERS;
  }

  #memberOf({ opened, membership, time }: Alive, before: Member | undefined, nowMs: Millis): Member {
    const isReplaced = before === undefined || this.#rules.replacesEndpoint(membership.endpoint);
    const told = isReplaced ? membership : before;
    return {
      pkiId: membership.pkiId,
      endpoint: told.endpoint,
      metadata: told.metadata,
      // A message without the secret does not make us forget it (ALIVE-11).
      internalEndpoint:
        this.#rules.internalEndpoint(internalEndpointOf(opened.envelope), before?.internalEndpoint) ?? '',
      time,
      lastSeenMs: nowMs,
      alive: opened,
    };
  }
}
