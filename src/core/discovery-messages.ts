/**
 * What discovery does with messages that come.
 *
 *     alive pushed ──► news? ──► complete, signed by its author? ──► not our own? ──► view ──► relay
 *     MembershipRequest ──► self_information of this very connection? ──► view ──► MembershipResponse by PKI-ID
 *     MembershipResponse ──► its alive entries into the view, its unknown dead entries into the dead list
 *
 * Source: gossip/discovery/discovery_impl.go; gossip/gossip/gossip_impl.go.
 */
import type { Millis } from '../ports/clock';
import { Tag, type MembershipRequest, type MembershipResponse } from '../wire';
import { AliveMessages } from './alive-messages';
import type { Connections } from './connections';
import type { PeerContext } from './context';
import type { Disclosure, Requester } from './disclosure';
import type { Dissemination } from './dissemination';
import { seal, type Opened } from './envelopes';
import type { Established } from './established';
import { FreshnessStore } from './freshness';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import type { Joining } from './joining';
import { preferredEndpoint, type Alive, type Membership } from './membership';
import type { OwnAlive } from './own-alive';
import { rejected, type Rejection } from './rejections';

/** What takes part when messages of discovery come. */
export interface DiscoveryMessageParts {
  readonly identities: IdentityStore;
  readonly membership: Membership;
  readonly connections: Connections;
  readonly dissemination: Dissemination;
  readonly disclosure: Disclosure;
  readonly ownAlive: OwnAlive;
  /** Awaits membership responses, and knows the bootstrap and anchor peers, which are never forgotten (DEAD-07). */
  readonly joining: Joining;
}

export class DiscoveryMessages {
  readonly #context: PeerContext;
  readonly #parts: DiscoveryMessageParts;
  readonly #aliveMessages: AliveMessages;
  /** Alive messages that were pushed to us, for their lifetime (STORE-03). */
  readonly #pushed: FreshnessStore<Alive>;

  constructor(context: PeerContext, parts: DiscoveryMessageParts) {
    this.#context = context;
    this.#parts = parts;
    this.#aliveMessages = new AliveMessages(context, parts.identities);
    const { aliveExpirationTimeoutMs, msgExpirationFactor } = context.settings;
    this.#pushed = new FreshnessStore(aliveExpirationTimeoutMs * msgExpirationFactor, context.rules);
  }

  /** How long an alive message that was pushed is good. */
  get lifetimeMs(): Millis {
    return this.#pushed.lifetimeMs;
  }

  /** The PKI-IDs of those whose last pushed alive message has expired since the last call. */
  sweep(nowMs: Millis): Uint8Array[] {
    return this.#pushed.sweep(nowMs).map(({ membership }) => membership.pkiId);
  }

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
    const { connections, disclosure, membership, ownAlive } = this.#parts;
    const response = disclosure.response(requester, ownAlive.forResponse(at.nowMs), at);
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
    this.#parts.joining.answered(nonce);
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
