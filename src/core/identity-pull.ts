/**
 * Identities spread by pull: each peer offers its own, signed by itself, and those it has pulled.
 *
 *     every pullInterval ──► Hello ──► DataDigest ──► DataRequest ──► DataUpdate ──► store, and offer on (CERT-07)
 *
 * Identities from handshakes and alive messages are used but not offered, for want of an item signed by their
 * owner (CERT-03). Source: gossip/gossip/certstore.go.
 */
import { PullMsgType, Tag, type DataUpdate, type PeerIdentityItem } from '../wire';
import { authenticityFault } from './authenticity';
import type { Connections } from './connections';
import type { Established } from './established';
import type { PeerContext } from './context';
import { openNested, seal, type Opened } from './envelopes';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { MAX_IDENTITIES_PER_ROUND } from './limits';
import type { Membership } from './membership';
import { PullExchange, type PullContent } from './pull-exchange';
import { rejected, type Rejection } from './rejections';

const NO_BYTES = new Uint8Array();

export class IdentityPull {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #membership: Membership;
  readonly #exchange: PullExchange;

  constructor(
    context: PeerContext,
    identities: IdentityStore,
    membership: Membership,
    connections: Connections,
  ) {
    this.#context = context;
    this.#identities = identities;
    this.#membership = membership;
    this.#exchange = new PullExchange(context, membership, connections, {
      name: 'identity',
      msgType: PullMsgType.IDENTITY_MSG,
      maxItemsPerRound: MAX_IDENTITIES_PER_ROUND,
      // Tag EMPTY, no channel, nonce 0 outside; the nonce that counts is inside (PULL-01, TAG-09).
      seal: (content) => seal({ tag: Tag.EMPTY, content }),
      candidates: () => membership.alive(),
      mayOffer: (id, requester) => this.#mayOffer(id, requester.peer.mspId),
      wanted: (ids) => ids,
      learn: (update, isAnswer, _from, at) => this.#learn(update, isAnswer, at),
    });
    this.#exchange.offer(context.self.pkiId, this.#ownItem());
  }

  /** Arms the rounds; the first begins one pullInterval from now (PULL-09). */
  start(): void {
    this.#exchange.start();
  }

  /** A purged identity leaves the digests at once (CERT-10). */
  forget(pkiId: Uint8Array): void {
    this.#exchange.withdraw(pkiId);
  }

  #ownItem(): Opened {
    const { self } = this.#context;
    const value: PeerIdentityItem = { pkiId: self.pkiId, cert: self.serialized, metadata: NO_BYTES };
    return seal({ tag: Tag.EMPTY, content: { kind: 'peerIdentity', value } }, self);
  }

  /** A pull message of type IDENTITY_MSG from an authenticated peer. */
  received(content: PullContent, from: Established, at: Instant): Rejection | undefined {
    return this.#exchange.received(content, from, at);
  }

  /** Takes in an update, asked for or not; one bad item voids it (CERT-06 to CERT-08). */
  #learn(update: DataUpdate, isAnswer: boolean, at: Instant): Rejection | undefined {
    const good: { readonly opened: Opened; readonly item: PeerIdentityItem }[] = [];
    for (const envelope of update.data) {
      const checked = this.#check(openNested(envelope), at);
      if (checked.kind !== 'rejected') {
        good.push(checked);
      } else if (this.#context.rules.oneBadItemVoidsUpdate()) {
        return rejected('bad-update-item', checked.reason);
      }
    }
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
      this.#exchange.offer(item.pkiId, opened);
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
    const fault = authenticityFault(this.#context, opened.envelope, verdict.identity);
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
