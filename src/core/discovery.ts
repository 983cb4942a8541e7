/**
 * What discovery does of its own accord.
 *
 *     every aliveTimeInterval      heartbeat ──► members                            (ALIVE-03)
 *     every pullInterval           MembershipRequest (nonce 0) ──► pullPeerNum members (MEMB-12)
 *     every reconnectInterval      Ping ──► each dead member; MembershipRequest if it answers (DEAD-05)
 *     every tenth of the timeout   the silent die                                   (DEAD-01)
 *
 * Source: gossip/discovery/discovery_impl.go; gossip/gossip/gossip_impl.go.
 */
import { sample } from '../ports/random';
import type { PeerContext } from './context';
import type { DiscoveryMessageParts, DiscoveryMessages } from './discovery-messages';
import type { Opened } from './envelopes';
import type { DeathReason, PurgeReason } from './events';
import type { Instant } from './instant';
import { preferredEndpoint, type Member } from './membership';
import { fixedTiming } from './settings';

/** What discovery works with. */
export interface DiscoveryParts extends DiscoveryMessageParts {
  readonly messages: DiscoveryMessages;
}

export class Discovery {
  readonly #context: PeerContext;
  readonly #parts: DiscoveryParts;

  constructor(context: PeerContext, parts: DiscoveryParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** Arms the periodic work; the first membership request leaves at once. */
  start(at: Instant): void {
    const { rules, settings, timers } = this.#context;
    const { messages } = this.#parts;
    timers.every('heartbeat', settings.aliveTimeIntervalMs, (later) => {
      this.#heartbeat(later);
    });
    timers.every('expiry', rules.expiryCheckMs(settings.aliveExpirationTimeoutMs), (later) => {
      this.#expire(later);
    });
    timers.every('reconnect', settings.reconnectIntervalMs, (later) => {
      this.#pingTheDead(later);
    });
    timers.every('sweep', messages.lifetimeMs / fixedTiming.sweepsPerLifetime, (later) => {
      this.#forgetExpired(later);
    });
    timers.every('sync', settings.pullIntervalMs, (later) => {
      this.#sync(later);
    });
    this.#sync(at);
  }

  // ── Periodic ────────────────────────────────────────────────────────────────────────────────────────────────

  #heartbeat(at: Instant): void {
    const { rules, self, settings } = this.#context;
    const { dissemination, membership, ownAlive } = this.#parts;
    if (rules.sendsHeartbeat(membership.aliveCount)) {
      const route = dissemination.aliveRoute(self.pkiId, settings.externalEndpoint);
      dissemination.push(ownAlive.heartbeat(at.nowMs), route, undefined, at);
    }
  }

  #sync(at: Instant): void {
    const { random, settings } = this.#context;
    const { membership, ownAlive } = this.#parts;
    const members = sample(random, membership.alive(), settings.pullPeerNum);
    if (members.length === 0) {
      return;
    }
    const self = ownAlive.build(at.nowMs);
    for (const member of members) {
      this.#sendRequest(member, self, at);
    }
  }

  #expire(at: Instant): void {
    const { aliveExpirationTimeoutMs } = this.#context.settings;
    for (const member of this.#parts.membership.silent(aliveExpirationTimeoutMs, at.nowMs)) {
      this.died(member.pkiId, 'silent');
    }
  }

  #pingTheDead(at: Instant): void {
    for (const member of this.#parts.membership.dead()) {
      this.#parts.connections.ping({ pkiId: member.pkiId, endpoint: preferredEndpoint(member) }, at);
    }
  }

  /** Forgets members whose last pushed alive expired, except bootstrap and anchor peers (DEAD-07). */
  #forgetExpired(at: Instant): void {
    const { joining, membership, messages } = this.#parts;
    const { rules } = this.#context;
    for (const pkiId of messages.sweep(at.nowMs)) {
      const member = membership.lookup(pkiId);
      if (member === undefined) continue;
      const isCornerstone =
        joining.isCornerstone(member.endpoint) || joining.isCornerstone(member.internalEndpoint);
      if (rules.forgets(isCornerstone)) this.#forget(member);
    }
  }

  // ── Events from below ───────────────────────────────────────────────────────────────────────────────────────

  /** A member is dead; its connection is closed (DEAD-01, DEAD-03). */
  died(pkiId: Uint8Array, why: DeathReason): void {
    const member = this.#parts.membership.died(pkiId);
    if (member === undefined) {
      return;
    }
    this.#context.outbox.report({ kind: 'memberDead', member, why });
    this.#parts.connections.close(pkiId, ({ role }) => this.#context.rules.closesOnDeath(role));
  }

  /** A dead member answered Ping (DEAD-05). */
  reached(pkiId: Uint8Array, at: Instant): void {
    const member = this.#parts.membership.lookup(pkiId);
    if (member !== undefined) {
      this.#sendRequest(member, this.#parts.ownAlive.build(at.nowMs), at);
    }
  }

  /** An identity is gone: its member is forgotten and its connection closed (ID-08, CONN-15). */
  purged(pkiId: Uint8Array, why: PurgeReason): void {
    const { membership } = this.#parts;
    const member = membership.lookup(pkiId);
    const isKept =
      member !== undefined &&
      why === 'expired' &&
      !this.#context.rules.forgetsExpired(membership.isDead(pkiId));
    if (member !== undefined && !isKept) {
      this.#forget(member);
    }
    if (why !== 'switched') {
      this.#parts.connections.close(pkiId);
    }
  }

  #forget(member: Member): void {
    this.#parts.membership.forget(member.pkiId);
    this.#context.outbox.report({ kind: 'memberForgotten', member });
  }

  #sendRequest(member: Member, self: Opened, at: Instant): void {
    const { connections, disclosure, identities } = this.#parts;
    const request = disclosure.request(self, identities.orgOf(member.pkiId, at), 0n);
    connections.send({ pkiId: member.pkiId, endpoint: preferredEndpoint(member) }, request, at);
  }
}
