/**
 * Alive messages, membership requests and responses.
 *
 *     every aliveTimeInterval      heartbeat ──► members                            (ALIVE-03)
 *     every pullInterval           MembershipRequest (nonce 0) ──► pullPeerNum members (MEMB-12)
 *     every reconnectInterval      Ping ──► each dead member; MembershipRequest if it answers (DEAD-05)
 *     every tenth of the timeout   the silent die                                   (DEAD-01)
 *
 *     alive pushed ──► news? ──► complete, signed by its author? ──► not our own? ──► view ──► relay
 *     MembershipRequest ──► self_information of this very connection? ──► view ──► MembershipResponse by PKI-ID
 *     MembershipResponse ──► its alive entries into the view, its unknown dead entries into the dead list
 *
 * Source: gossip/discovery/discovery_impl.go; gossip/gossip/gossip_impl.go.
 */
import { sample } from '../ports/random';
import { Tag, type MembershipRequest, type MembershipResponse } from '../wire';
import { AliveMessages } from './alive-messages';
import type { Connections } from './connections';
import type { Established } from './established';
import type { PeerContext } from './context';
import { Disclosure, type Requester } from './disclosure';
import type { Dissemination } from './dissemination';
import { seal, type Opened } from './envelopes';
import type { DeathReason, PurgeReason } from './events';
import { FreshnessStore } from './freshness';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { preferredEndpoint, type Alive, type Member, type Membership } from './membership';
import type { OwnAlive } from './own-alive';
import { rejected, type Rejection } from './rejections';
import { fixedTiming } from './settings';

/** What discovery works with. */
export interface DiscoveryParts {
  readonly identities: IdentityStore;
  readonly membership: Membership;
  readonly connections: Connections;
  readonly dissemination: Dissemination;
  readonly ownAlive: OwnAlive;
  /** Whether an endpoint is that of a bootstrap or anchor peer, which is never forgotten (DEAD-07). */
  readonly isCornerstone: (endpoint: string) => boolean;
  /** A membership response came with this nonce (MEMB-14). */
  readonly answered: (nonce: bigint) => void;
}

export class Discovery {
  readonly #context: PeerContext;
  readonly #parts: DiscoveryParts;
  readonly #aliveMessages: AliveMessages;
  readonly #disclosure: Disclosure;
  /** Alive messages that were pushed to us, for their lifetime (STORE-03). */
  readonly #pushed: FreshnessStore<Alive>;

  constructor(context: PeerContext, parts: DiscoveryParts) {
    this.#context = context;
    this.#parts = parts;
    this.#aliveMessages = new AliveMessages(context, parts.identities);
    this.#disclosure = new Disclosure(context, parts.identities, parts.membership);
    const { aliveExpirationTimeoutMs, msgExpirationFactor } = context.settings;
    this.#pushed = new FreshnessStore(aliveExpirationTimeoutMs * msgExpirationFactor, context.rules);
  }

  /** Arms the periodic work; the first membership request leaves at once. */
  start(at: Instant): void {
    const { rules, settings, timers } = this.#context;
    timers.every('heartbeat', settings.aliveTimeIntervalMs, (later) => {
      this.#heartbeat(later);
    });
    timers.every('expiry', rules.expiryCheckMs(settings.aliveExpirationTimeoutMs), (later) => {
      this.#expire(later);
    });
    timers.every('reconnect', settings.reconnectIntervalMs, (later) => {
      this.#pingTheDead(later);
    });
    timers.every('sweep', this.#pushed.lifetimeMs / fixedTiming.sweepsPerLifetime, (later) => {
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
    const { isCornerstone, membership } = this.#parts;
    const { rules } = this.#context;
    for (const { membership: told } of this.#pushed.sweep(at.nowMs)) {
      const member = membership.lookup(told.pkiId);
      if (member === undefined) continue;
      const isOne = isCornerstone(member.endpoint) || isCornerstone(member.internalEndpoint);
      if (rules.forgets(isOne)) this.#forget(member);
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
    if (this.#context.rules.closesOnDeath()) {
      this.#parts.connections.close(pkiId);
    }
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
    const member = this.#parts.membership.lookup(pkiId);
    if (member !== undefined) {
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

  // ── Requests ────────────────────────────────────────────────────────────────────────────────────────────────

  #sendRequest(member: Member, self: Opened, at: Instant): void {
    const org = this.#parts.identities.orgOf(member.pkiId, at);
    const request = this.request(self, org, 0n);
    this.#parts.connections.send({ pkiId: member.pkiId, endpoint: preferredEndpoint(member) }, request, at);
  }

  /** A membership request as a peer of this organisation is sent it (MEMB-01, BOOT-08). */
  request(self: Opened, org: string | undefined, nonce: bigint): Opened {
    const value: MembershipRequest = { selfInformation: this.#disclosure.forPeerOf(org, self), known: [] };
    return seal({ tag: Tag.EMPTY, nonce, content: { kind: 'memReq', value } });
  }

  // ── Received ────────────────────────────────────────────────────────────────────────────────────────────────

  /** An alive message pushed by `from` (ALIVE-05 to ALIVE-12). */
  onAlive(opened: Opened, from: Established, at: Instant): Rejection | undefined {
    const { rules, self } = this.#context;
    const { dissemination } = this.#parts;
    const alive = this.#aliveMessages.complete(opened);
    if (alive.kind === 'rejected') {
      return alive;
    }
    const { pkiId, endpoint } = alive.membership;
    const isNews = this.#pushed.isNews(pkiId, alive.time);
    if (!isNews && rules.judgesFreshnessFirst()) {
      return rejected('stale-alive');
    }
    if (!rules.acceptsFrom(pkiId, from.peer.pkiId)) {
      return rejected('unknown-author');
    }
    const fault = this.#aliveMessages.fault(alive, from.peer, at);
    if (fault !== undefined) {
      return fault;
    }
    if (!isNews) {
      return rejected('stale-alive');
    }
    if (rules.isOwn(pkiId, self.pkiId)) {
      return rejected('own-alive');
    }
    this.#pushed.add(pkiId, alive.time, alive, at.nowMs);
    const overflow = this.#heard(alive, at);
    if (rules.relays('aliveMsg')) {
      dissemination.push(opened, dissemination.aliveRoute(pkiId, endpoint), from.peer.pkiId, at);
    }
    return overflow;
  }

  /** A membership request on a connection (MEMB-02 to MEMB-11). */
  onRequest(
    request: MembershipRequest,
    nonce: bigint,
    from: Established,
    at: Instant,
  ): Rejection | undefined {
    const { rules, self } = this.#context;
    if (request.selfInformation === undefined) {
      return rejected('bad-self-information', 'none');
    }
    const alive = this.#aliveMessages.open(request.selfInformation);
    if (alive.kind === 'rejected') {
      return rejected('bad-self-information', alive.reason);
    }
    const { pkiId, endpoint } = alive.membership;
    if (!rules.selfInformationMatches(pkiId, from.peer.pkiId)) {
      return rejected('bad-self-information', "another peer's");
    }
    const fault = this.#aliveMessages.fault(alive, from.peer, at);
    if (fault !== undefined) {
      return rejected('bad-self-information', fault.reason);
    }
    const known = this.#parts.membership.lookup(pkiId);
    if (known !== undefined && !rules.isFresher(alive.time, known.time) && !rules.answersRepeatedRequest()) {
      return rejected('stale-alive');
    }
    const introduces = rules.requestIntroduces() && !rules.isOwn(pkiId, self.pkiId);
    if (introduces && this.#pushed.isNews(pkiId, alive.time)) {
      this.#heard(alive, at);
    }
    return this.#respond({ pkiId, endpoint, known: request.known }, nonce, at);
  }

  /** The answer goes by PKI-ID, over whatever connection there is, or a new one (LIFE-06). */
  #respond(requester: Requester, nonce: bigint, at: Instant): Rejection | undefined {
    const { rules } = this.#context;
    const { connections, membership, ownAlive } = this.#parts;
    const response = this.#disclosure.response(requester, ownAlive.forResponse(at.nowMs), at);
    if (response === undefined) {
      if (rules.dismissesUndisclosed()) {
        connections.close(requester.pkiId);
      }
      return rejected('not-disclosed');
    }
    const member = membership.lookup(requester.pkiId);
    const endpoint = member === undefined ? requester.endpoint : preferredEndpoint(member);
    const answer = seal({
      tag: Tag.EMPTY,
      nonce: rules.responseNonce(nonce),
      content: { kind: 'memRes', value: response },
    });
    connections.send({ pkiId: requester.pkiId, endpoint }, answer, at);
    return undefined;
  }

  /**
   * A membership response, asked for or not (MEMB-14 to MEMB-17). Entries that are no news, and our own, which is in
   * every response, are skipped without a word.
   */
  onResponse(response: MembershipResponse, nonce: bigint, from: Established, at: Instant): Rejection[] {
    const { rules } = this.#context;
    this.#parts.answered(nonce);
    const rejections: Rejection[] = [];
    for (const [entry, isDead] of [
      ...response.alive.map((envelope) => [envelope, false] as const),
      ...response.dead.map((envelope) => [envelope, true] as const),
    ]) {
      const alive = this.#aliveMessages.open(entry);
      if (alive.kind === 'rejected') {
        rejections.push(rejected('bad-membership-entry', alive.reason));
        if (rules.badEntryEndsReading()) {
          break;
        }
        continue;
      }
      const rejection = this.#entry(alive, isDead, from, at);
      rejections.push(...(rejection === undefined ? [] : [rejection]));
    }
    return rejections;
  }

  #entry(alive: Alive, isDead: boolean, from: Established, at: Instant): Rejection | undefined {
    const { outbox, rules, self } = this.#context;
    const { pkiId } = alive.membership;
    const known = this.#parts.membership.lookup(pkiId);
    const isOld = known !== undefined && (isDead || !rules.isFresher(alive.time, known.time));
    if (isOld || rules.isOwn(pkiId, self.pkiId) || !this.#pushed.isNews(pkiId, alive.time)) {
      return undefined;
    }
    const fault = this.#aliveMessages.fault(alive, from.peer, at);
    if (fault !== undefined) {
      return fault;
    }
    if (!isDead) {
      return this.#heard(alive, at);
    }
    const member = rules.learnsDead() ? this.#parts.membership.toldDead(alive, at.nowMs) : undefined;
    if (member !== undefined) {
      outbox.report({ kind: 'memberDead', member, why: 'told' });
    }
    return undefined;
  }

  #heard(alive: Alive, at: Instant): Rejection | undefined {
    const { outbox } = this.#context;
    const change = this.#parts.membership.heard(alive, at.nowMs);
    switch (change.kind) {
      case 'learned':
      case 'resurrected':
        outbox.report({
          kind: 'memberAlive',
          member: change.member,
          resurrected: change.kind === 'resurrected',
        });
        return undefined;
      case 'refreshed':
        outbox.report({ kind: 'memberRefreshed', member: change.member });
        return undefined;
      case 'full':
        return rejected('too-many-members');
      case 'stale':
        return undefined;
    }
  }
}
