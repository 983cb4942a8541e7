/**
 * What counts of the state info that others bring.
 *
 *     pushed            news? ──► signed by its author? ──► of the channel? ──► kept
 *     in a snapshot     of the channel's organisations? ──► signed by its author? ──► a member? news? a reader? ──► kept
 *                         └ no: the reading ends            └ no: the reading ends      └ no: the next one is read
 *
 * Source: gossip/gossip/gossip_impl.go, `validateStateInfoMsg`; gossip/gossip/channel/channel.go,
 * `handleStateInfSnapshot`, `stateInfoCache.Add`.
 */
import type { PeerIdentity } from '../../ports/identity';
import type { Envelope, StateInfo } from '../../wire';
import { authenticityFault } from '../authenticity';
import { sameBytes } from '../bytes';
import { openNested, type Opened } from '../envelopes';
import type { Established } from '../established';
import type { Instant } from '../instant';
import { MAX_STATE_INFO_BYTES } from '../limits';
import { rejected, type Rejection } from '../rejections';
import type { ChannelScope } from './channel-scope';
import type { HeldStateInfo, StateInfoStore } from './state-info-store';

/** A state info that its author has signed. */
interface Authentic {
  readonly kind: 'authentic';
  readonly author: PeerIdentity;
  readonly stateInfo: HeldStateInfo;
}

export class StateInfoJudge {
  readonly #scope: ChannelScope;
  readonly #store: StateInfoStore;

  constructor(scope: ChannelScope, store: StateInfoStore) {
    this.#scope = scope;
    this.#store = store;
  }

  /** A pushed one whose MAC names the channel: what is to be kept of it (STORE-01, SINF-02, SINF-03, SINF-16). */
  pushed(opened: Opened, value: StateInfo, from: Established, at: Instant): HeldStateInfo | Rejection {
    const { rules, self } = this.#scope.context;
    const { pkiId, timestamp } = value;
    if (rules.isOwn(pkiId, self.pkiId)) {
      return rejected('own-state-info');
    }
    if (timestamp !== undefined && !this.#store.isNews(pkiId, timestamp)) {
      return rejected('stale-state-info');
    }
    const checked = this.#authentic(opened, value, from, at);
    if (checked.kind === 'rejected') {
      return checked;
    }
    const { author, stateInfo } = checked;
    return rules.acceptsAuthor(this.#scope.hasOrg(author.mspId), this.#scope.isReader(author))
      ? stateInfo
      : rejected('author-not-in-channel', author.mspId);
  }

  /** An element of a snapshot; undefined: not to be kept, and nothing is wrong with it (SINF-12). */
  element(element: Envelope, from: Established, at: Instant): HeldStateInfo | Rejection | undefined {
    const { rules, self } = this.#scope.context;
    const opened = openNested(element);
    if (opened.kind === 'rejected') {
      return opened;
    }
    const { content } = opened.message;
    if (content?.kind !== 'stateInfo') {
      return rejected('bad-snapshot-element', 'no state info');
    }
    const { channelMac, pkiId } = content.value;
    if (!this.#scope.isMac(channelMac, pkiId)) {
      return rejected('bad-snapshot-element', 'of another channel');
    }
    const checked = this.#authentic(opened, content.value, from, at);
    if (checked.kind === 'rejected') {
      return checked;
    }
    const { author, stateInfo } = checked;
    const isOrgIn = this.#scope.hasOrg(author.mspId);
    if (!rules.acceptsAuthor(isOrgIn, true)) {
      return rejected('author-not-in-channel', author.mspId);
    }
    const isWanted =
      this.isMember(pkiId) &&
      !rules.isOwn(pkiId, self.pkiId) &&
      this.#store.isNews(pkiId, stateInfo.time) &&
      rules.acceptsAuthor(isOrgIn, this.#scope.isReader(author));
    return isWanted ? stateInfo : undefined;
  }

  /** Whether state info of this peer is to be kept: its own, or that of a member, alive or dead (SINF-12, SINF-14). */
  isMember(pkiId: Uint8Array): boolean {
    const { context, membership } = this.#scope;
    const isSelf = context.rules.isOwn(pkiId, context.self.pkiId);
    return context.rules.keepsStateInfo(isSelf || membership.lookup(pkiId) !== undefined);
  }

  /** Whether it is whole, and of a known author who has signed it (SINF-02, SINF-16). */
  #authentic(
    opened: Opened,
    { pkiId, properties, timestamp }: StateInfo,
    from: Established,
    at: Instant,
  ): Authentic | Rejection {
    const { context, identities } = this.#scope;
    if (timestamp === undefined) {
      return rejected('incomplete-state-info');
    }
    if (opened.bytes.length > MAX_STATE_INFO_BYTES) {
      return rejected('oversized-state-info', `${opened.bytes.length} bytes`);
    }
    const author = identities.get(pkiId, at);
    if (author === undefined) {
      return rejected('unknown-author');
    }
    const fault = this.#isHeld(pkiId, opened)
      ? undefined
      : authenticityFault(context, opened.envelope, context.rules.verifyingIdentity(author, from.peer));
    return fault ?? { kind: 'authentic', author, stateInfo: { pkiId, time: timestamp, properties, opened } };
  }

  /** Whether this very one is held, and so was verified: most elements of most snapshots. */
  #isHeld(pkiId: Uint8Array, { envelope }: Opened): boolean {
    const held = this.#store.of(pkiId)?.opened.envelope;
    return (
      held !== undefined &&
      sameBytes(held.payload, envelope.payload) &&
      sameBytes(held.signature, envelope.signature)
    );
  }
}
