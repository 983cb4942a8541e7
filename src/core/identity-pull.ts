/**
 * Identities spread by pull: each peer offers its own, signed by itself, and those it has pulled.
 *
 *     every pullInterval ──► Hello ──► DataDigest ──► DataRequest ──► DataUpdate ──► store, and offer on (CERT-07)
 *
 * Identities from handshakes and alive messages are used but not offered, for want of an item signed by their
 * owner (CERT-03). Source: gossip/gossip/certstore.go; gossip/gossip/pull/pullstore.go.
 */
import { sample } from '../ports/random';
import { PullMsgType, Tag, type Content, type DataUpdate, type PeerIdentityItem } from '../wire';
import type { Connections, Target } from './connections';
import type { Established } from './established';
import type { PeerContext } from './context';
import { openNested, seal, type Opened } from './envelopes';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { preferredEndpoint, type Membership } from './membership';
import { PullEngine } from './pull-engine';
import { rejected, type Rejection } from './rejections';

/** A pull message. */
export type PullContent = Extract<Content, { kind: 'hello' | 'dataDig' | 'dataReq' | 'dataUpdate' }>;

const NO_BYTES = new Uint8Array();
const msgType = PullMsgType.IDENTITY_MSG;

export class IdentityPull {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #membership: Membership;
  readonly #connections: Connections;
  /** One who asks is known by its organisation. */
  readonly #engine: PullEngine<Target, string>;

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
    this.#engine = new PullEngine<Target, string>({
      rules: context.rules,
      random: context.random,
      timing: context.settings,
      mayOffer: (id, requesterOrg) => this.#mayOffer(id, requesterOrg),
    });
    this.#engine.add(context.self.pkiId, this.#ownItem());
  }

  /** Arms the rounds; the first begins one pullInterval from now (PULL-09). */
  start(): void {
    const { settings, timers } = this.#context;
    timers.every('identity-pull', settings.pullIntervalMs, (at) => {
      this.#round(at);
    });
  }

  /** A purged identity leaves the digests at once (CERT-10). */
  forget(pkiId: Uint8Array): void {
    this.#engine.remove(pkiId);
  }

  #ownItem(): Opened {
    const { self } = this.#context;
    const value: PeerIdentityItem = { pkiId: self.pkiId, cert: self.serialized, metadata: NO_BYTES };
    return seal({ tag: Tag.EMPTY, content: { kind: 'peerIdentity', value } }, self);
  }

  #round(at: Instant): void {
    const { random, settings, timers } = this.#context;
    const members = sample(random, this.#membership.alive(), settings.pullPeerNum);
    const targets = members.map((member) => ({ pkiId: member.pkiId, endpoint: preferredEndpoint(member) }));
    for (const { peer, nonce } of this.#engine.begin(targets, at.nowMs)) {
      const value = { nonce, metadata: NO_BYTES, msgType };
      this.#connections.send(peer, pullMessage({ kind: 'hello', value }), at);
    }
    timers.arm('identity-digests', settings.digestWaitTimeMs, (later) => {
      this.#request(later);
    });
  }

  #request(at: Instant): void {
    const { settings, timers } = this.#context;
    for (const { peer, nonce, ids } of this.#engine.requests()) {
      const value = { nonce, digests: ids, msgType };
      this.#connections.send(peer, pullMessage({ kind: 'dataReq', value }), at);
    }
    timers.arm('identity-updates', settings.responseWaitTimeMs, () => {
      this.#engine.end();
    });
  }

  /** A pull message of type IDENTITY_MSG from an authenticated peer. */
  received(content: PullContent, from: Established, at: Instant): Rejection | undefined {
    const { nonce } = content.value;
    const org = from.peer.mspId;
    switch (content.kind) {
      case 'hello': {
        const digests = this.#engine.onHello(nonce, org, at.nowMs);
        if (digests === undefined) {
          return rejected('nothing-to-offer');
        }
        this.#answer(from, { kind: 'dataDig', value: { nonce, digests, msgType } }, at);
        return undefined;
      }
      case 'dataDig':
        return this.#engine.onDigest(nonce, content.value.digests, at.nowMs)
          ? undefined
          : rejected('unknown-digest-nonce');
      case 'dataReq': {
        if (!this.#engine.isExpected(nonce, at.nowMs)) {
          return rejected('unknown-request-nonce');
        }
        const items = this.#engine.itemsFor(content.value.digests, org);
        if (items === undefined) {
          return rejected('nothing-held');
        }
        const data = items.map(({ envelope }) => envelope);
        this.#answer(from, { kind: 'dataUpdate', value: { nonce, data, msgType } }, at);
        return undefined;
      }
      case 'dataUpdate':
        return this.#learn(content.value, at);
    }
  }

  #answer(to: Established, content: PullContent, at: Instant): void {
    if (this.#context.rules.answersOnStream()) {
      this.#connections.reply(to, pullMessage(content));
      return;
    }
    const member = this.#membership.lookup(to.peer.pkiId);
    const endpoint = member === undefined ? '' : preferredEndpoint(member);
    this.#connections.send({ pkiId: to.peer.pkiId, endpoint }, pullMessage(content), at);
  }

  /** Takes in an update, asked for or not; one bad item voids it (CERT-06 to CERT-08). */
  #learn(update: DataUpdate, at: Instant): Rejection | undefined {
    const good: { readonly opened: Opened; readonly item: PeerIdentityItem }[] = [];
    for (const envelope of update.data) {
      const checked = this.#check(openNested(envelope), at);
      if (checked.kind !== 'rejected') {
        good.push(checked);
      } else if (this.#context.rules.oneBadItemVoidsUpdate()) {
        return rejected('bad-update-item', checked.reason);
      }
    }
    const isAnswer = this.#engine.isAnswer(update.nonce);
    for (const { opened, item } of good) {
      this.#take(opened, item, isAnswer, at);
    }
    return undefined;
  }

  /** An identity that came as a message of its own, which no honest peer takes (CERT-09). */
  receivedItem(opened: Opened, at: Instant): Rejection | undefined {
    const checked = this.#check(opened, at);
    if (checked.kind === 'rejected') {
      return checked;
    }
    this.#take(checked.opened, checked.item, false, at);
    return undefined;
  }

  #take(opened: Opened, item: PeerIdentityItem, isAnswer: boolean, at: Instant): void {
    const put = this.#identities.put(item.pkiId, item.cert, at);
    if (put.kind === 'held' && isAnswer) {
      this.#engine.add(item.pkiId, opened);
    }
  }

  #check(
    opened: Opened | Rejection,
    at: Instant,
  ): { readonly kind: 'good'; readonly opened: Opened; readonly item: PeerIdentityItem } | Rejection {
    if (opened.kind === 'rejected') {
      return opened;
    }
    const { content } = opened.message;
    if (content?.kind !== 'peerIdentity') {
      return rejected('bad-update-item', 'no identity');
    }
    const item = content.value;
    const verdict = this.#identities.validate(item.pkiId, item.cert, at);
    if (verdict.kind === 'rejected') {
      return verdict;
    }
    const fault = this.#context.rules.signatureFault(opened.envelope, verdict.identity);
    return fault ?? { kind: 'good', opened, item };
  }

  #mayOffer(id: Uint8Array, requesterOrg: string): boolean {
    const { rules, self, settings } = this.#context;
    const isOwn = rules.isOwn(id, self.pkiId);
    const endpoint = isOwn ? settings.externalEndpoint : this.#membership.lookup(id)?.endpoint;
    return rules.mayOffer({
      selfOrg: self.mspId,
      itemOrg: this.#identities.peek(id)?.mspId,
      itemHasExternalEndpoint: endpoint !== undefined && endpoint !== '',
      requesterOrg,
    });
  }
}

/** Tag EMPTY, no channel, nonce 0 outside; the nonce that counts is inside (PULL-01, TAG-09). */
const pullMessage = (content: PullContent): Opened => seal({ tag: Tag.EMPTY, content });
