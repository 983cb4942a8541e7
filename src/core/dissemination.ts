/**
 * Pushes: what the peer says of its own accord and what it relays.
 *
 *     push ──► waiting ──10 ms, or ten of them──► burst: for each, up to propagatePeerNum members that its route allows
 *                                                       (a leadership message: all of them)
 *
 * Source: gossip/gossip/batcher.go; gossip/gossip/gossip_impl.go, `gossipBatch`, `sendAndFilterSecrets`.
 */
import type { ContentKind } from '../wire';
import { sameBytes } from './bytes';
import type { Connections } from './connections';
import type { PeerContext } from './context';
import { withoutSecret, type Opened } from './envelopes';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { MAX_BURST_BACKLOG } from './limits';
import { preferredEndpoint, type Member, type Membership } from './membership';

/** Who may be given a message, beyond chance and the sender. */
export type Route = (member: Member, at: Instant) => boolean;

interface Waiting {
  readonly message: Opened;
  readonly route: Route;
  /** The PKI-ID of the connection it came from; undefined for our own. */
  readonly cameFrom: Uint8Array | undefined;
  iterationsLeft: number;
}

const BURST_TIMER = 'burst';

export class Dissemination {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #membership: Membership;
  readonly #connections: Connections;
  #waiting: Waiting[] = [];

  constructor(
    context: PeerContext,
    identities: IdentityStore,
    membership: Membership,
    connections: Connections,
  ) {
    this.#context = context;
    this.#identities = identities;
    this.#membership = membership;
    this.#connections = connections;
  }

  /** Queues a message for the next burst (EMIT-01). */
  push(message: Opened, route: Route, cameFrom: Uint8Array | undefined, at: Instant): void {
    const { settings, timers } = this.#context;
    if (this.#waiting.length >= MAX_BURST_BACKLOG) {
      this.#waiting.shift();
    }
    this.#waiting.push({ message, route, cameFrom, iterationsLeft: settings.propagateIterations });
    if (this.#waiting.length >= settings.maxPropagationBurstSize) {
      this.#burst(at);
    } else if (this.#waiting.length === 1) {
      this.#armBurst();
    }
    if (this.#waiting.length === 0) {
      timers.cancel(BURST_TIMER);
    }
  }

  /** The route of an alive message (EMIT-06). */
  aliveRoute(author: Uint8Array, authorEndpoint: string): Route {
    const { rules, self } = this.#context;
    return (member, at) =>
      rules.mayRelayAlive({
        selfOrg: self.mspId,
        authorOrg: this.#identities.orgOf(author, at),
        authorEndpoint,
        memberOrg: this.#identities.orgOf(member.pkiId, at),
        memberEndpoint: member.endpoint,
      });
  }

  /** The route of what stays in the peer's own organisation. */
  ownOrgRoute(): Route {
    return (member, at) => this.#identities.orgOf(member.pkiId, at) === this.#context.self.mspId;
  }

  #armBurst(): void {
    const { settings, timers } = this.#context;
    timers.arm(BURST_TIMER, settings.maxPropagationBurstLatencyMs, (at) => {
      this.#burst(at);
      if (this.#waiting.length > 0) {
        this.#armBurst();
      }
    });
  }

  #burst(at: Instant): void {
    for (const waiting of this.#waiting) {
      waiting.iterationsLeft--;
      this.#emit(waiting, at);
    }
    this.#waiting = this.#waiting.filter(({ iterationsLeft }) => iterationsLeft > 0);
  }

  #emit({ message, route, cameFrom }: Waiting, at: Instant): void {
    const { rules, self, settings } = this.#context;
    const isSender = (member: Member): boolean =>
      cameFrom !== undefined && rules.sparesSender() && sameBytes(member.pkiId, cameFrom);
    const isEligible = (member: Member): boolean => !isSender(member) && route(member, at);
    const kind = message.message.content?.kind;
    const fanOut = rules.fanOut(kind, settings.propagatePeerNum);
    for (const member of this.#choose(fanOut, this.#pool(kind), isEligible)) {
      const keepsSecret = rules.keepsSecretFor(this.#identities.orgOf(member.pkiId, at), self.mspId);
      const target = { pkiId: member.pkiId, endpoint: preferredEndpoint(member) };
      this.#connections.send(target, keepsSecret ? message : withoutSecret(message), at);
    }
  }

  /** Those of whom members are chosen for a message of this kind. */
  #pool(kind: ContentKind | undefined): Member[] {
    const alive = this.#membership.alive();
    return this.#context.rules.pushesToTheDead(kind) ? [...alive, ...this.#membership.dead()] : alive;
  }

  /** Up to `count` members that are eligible, uniformly chosen; asks no more of them than it needs. */
  #choose(count: number, pool: Member[], isEligible: (member: Member) => boolean): Member[] {
    const chosen: Member[] = [];
    while (chosen.length < count && pool.length > 0) {
      const index = this.#context.random.below(pool.length);
      const member = pool[index];
      const last = pool.pop();
      if (last !== undefined && index < pool.length) {
        pool[index] = last;
      }
      if (member !== undefined && isEligible(member)) {
        chosen.push(member);
      }
    }
    return chosen;
  }
}
