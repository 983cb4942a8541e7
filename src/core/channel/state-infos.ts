/**
 * State info: who is on the channel, and how many blocks each has.
 *
 *     every publishStateInfoInterval     ours, if it changed ──► members of the channel's organisations (SINF-05)
 *     every requestStateInfoInterval     StateInfoPullRequest ──► pullPeerNum of them                    (SINF-08)
 *     every 5 pullIntervals              those whose author is no member any more go                     (SINF-14)
 *
 *     pushed ──► news? ──► signed by its author? ──► of the channel? ──► kept ──► relayed   (SINF-07)
 *     StateInfoPullRequest ──► StateInfoSnapshot, on the stream                             (SINF-09)
 *     StateInfoSnapshot ──► each element like a pushed one, but not relayed                 (SINF-12)
 *
 * Source: gossip/gossip/channel/channel.go.
 */
import { sample } from '../../ports/random';
import { Tag, type StateInfo, type StateInfoSnapshot } from '../../wire';
import type { Route } from '../dissemination';
import { seal, type Opened } from '../envelopes';
import type { Established } from '../established';
import type { Instant } from '../instant';
import type { Member } from '../membership';
import { rejected, type Rejection } from '../rejections';
import { targetOf, type ChannelScope } from './channel-scope';
import type { ChaincodeInfo } from './channel-options';
import { OwnStateInfo } from './own-state-info';
import { StateInfoJudge } from './state-info-judge';
import { StateInfoStore, type HeldStateInfo } from './state-info-store';

/** A member of the channel view: alive, on the channel, and not about to leave it. */
export interface ChannelMember {
  readonly member: Member;
  /** Number of blocks it says it has; 0 where it says nothing. */
  readonly ledgerHeight: bigint;
}

export class StateInfos {
  readonly #scope: ChannelScope;
  readonly #store: StateInfoStore;
  readonly #own: OwnStateInfo;
  readonly #judge: StateInfoJudge;
  #hasChanged = true;

  constructor(scope: ChannelScope, at: Instant) {
    this.#scope = scope;
    this.#store = new StateInfoStore(scope.context.rules);
    this.#own = new OwnStateInfo(scope, at);
    this.#judge = new StateInfoJudge(scope, this.#store);
  }

  start(blocks: bigint, chaincodes: readonly ChaincodeInfo[], at: Instant): void {
    const { rules, settings, timers } = this.#scope.context;
    this.#own.heightIs(blocks, at);
    this.chaincodesAre(chaincodes, at);
    const { publishStateInfoIntervalMs, requestStateInfoIntervalMs } = settings;
    timers.tick(this.#scope.timer('publish-state-info'), publishStateInfoIntervalMs, at, (later) => {
      this.#publishIfChanged(later);
    });
    timers.tick(this.#scope.timer('request-state-info'), requestStateInfoIntervalMs, at, (later) => {
      this.#request(later);
    });
    timers.every(this.#scope.timer('sweep-state-info'), rules.sweepPeriodMs(settings.pullIntervalMs), () => {
      this.#sweep();
    });
  }

  // ── Our own ─────────────────────────────────────────────────────────────────────────────────────────────────

  get hasLeft(): boolean {
    return this.#own.hasLeft;
  }

  /** The ledger has so many blocks now. */
  heightIs(blocks: bigint, at: Instant): void {
    this.#own.heightIs(blocks, at);
    this.#hasChanged = true;
  }

  /** Chaincodes are published at once, whether there is somebody to hear of it or not (SINF-05, SINF-06). */
  chaincodesAre(chaincodes: readonly ChaincodeInfo[], at: Instant): void {
    this.#own.chaincodesAre(chaincodes, at);
    this.#hasChanged = true;
    this.#publish(at);
  }

  /** The others are told at the next tick (LEAVE-02). */
  leave(at: Instant): void {
    this.#own.leave(at);
    this.#hasChanged = true;
  }

  #publishIfChanged(at: Instant): void {
    const { context, membership } = this.#scope;
    if (context.rules.publishesStateInfo(this.#hasChanged, membership.aliveCount)) {
      this.#hasChanged = false;
      this.#publish(at);
    }
  }

  #publish(at: Instant): void {
    const { dissemination } = this.#scope;
    const own = this.#own.build();
    this.#store.put(own);
    dissemination.push(own.opened, this.#scope.stateInfoRoute(own.pkiId), undefined, at);
  }

  // ── Of others ───────────────────────────────────────────────────────────────────────────────────────────────

  /** What is held of a peer. */
  of(pkiId: Uint8Array): HeldStateInfo | undefined {
    return this.#store.of(pkiId);
  }

  /** Alive members on the channel who have not left it (LEAVE-03); none once we have. */
  view(): ChannelMember[] {
    const { context, identities, membership } = this.#scope;
    if (this.hasLeft) {
      return [];
    }
    return membership.alive().flatMap((member) => {
      const stateInfo = this.of(member.pkiId);
      const isIn =
        stateInfo !== undefined &&
        identities.peek(member.pkiId) !== undefined &&
        context.rules.countsInView(stateInfo.properties?.leftChannel ?? false);
      return isIn ? [{ member, ledgerHeight: stateInfo.properties?.ledgerHeight ?? 0n }] : [];
    });
  }

  /** Whether blocks go to and come from a peer: own organisation, state info held (BLOCK-03, BLOCK-07, BLOCK-09). */
  isPartner(pkiId: Uint8Array, at: Instant): boolean {
    const { context, identities } = this.#scope;
    return context.rules.sharesBlocks({
      selfOrg: context.self.mspId,
      peerOrg: identities.orgOf(pkiId, at),
      hasStateInfo: this.of(pkiId) !== undefined,
    });
  }

  /** The route of blocks and leadership messages (EMIT-06). */
  partnerRoute(): Route {
    return ({ pkiId }, at) => this.isPartner(pkiId, at);
  }

  /** A state info pushed by `from`, whose MAC names this channel. */
  received(opened: Opened, value: StateInfo, from: Established, at: Instant): Rejection | undefined {
    const { context, dissemination } = this.#scope;
    const checked = this.#judge.pushed(opened, value, from, at);
    if ('kind' in checked) {
      return checked;
    }
    this.#keep(checked);
    if (context.rules.relays('stateInfo')) {
      dissemination.push(opened, this.#scope.stateInfoRoute(checked.pkiId), from.peer.pkiId, at);
    }
    return undefined;
  }

  #keep(stateInfo: HeldStateInfo): void {
    this.#store.put(stateInfo);
    const { pkiId, properties } = stateInfo;
    this.#scope.context.outbox.report({
      kind: 'stateInfoLearned',
      channel: this.#scope.name,
      pkiId,
      ledgerHeight: properties?.ledgerHeight,
      leftChannel: properties?.leftChannel ?? false,
    });
  }

  /** A configuration has changed who may be in the channel (SINF-15). */
  revalidate(): void {
    const { context, identities } = this.#scope;
    if (!context.rules.reverifiesStateInfo()) {
      return;
    }
    this.#store.keep(({ pkiId }) => {
      const author = identities.peek(pkiId);
      const isIn =
        author !== undefined &&
        context.rules.acceptsAuthor(this.#scope.hasOrg(author.mspId), this.#scope.isReader(author));
      return isIn || context.rules.isOwn(pkiId, context.self.pkiId);
    });
  }

  #sweep(): void {
    this.#store.keep(({ pkiId }) => this.#judge.isMember(pkiId));
  }

  // ── Pull ────────────────────────────────────────────────────────────────────────────────────────────────────

  #request(at: Instant): void {
    const { connections, context, identities, membership } = this.#scope;
    const { random, rules, self, settings } = context;
    const members = membership
      .alive()
      .filter(({ pkiId }) => rules.asksForStateInfo(this.#scope.hasOrg(identities.orgOf(pkiId, at))));
    const value = { channelMac: this.#scope.mac(self.pkiId) };
    const request = seal({ tag: Tag.CHAN_OR_ORG, content: { kind: 'stateInfoPullReq', value } });
    for (const member of sample(random, members, settings.pullPeerNum)) {
      connections.send(targetOf(member), request, at);
    }
  }

  /** Answers a request whose MAC names this channel (SINF-09, SINF-11). */
  onRequest(from: Established): void {
    const { connections, context, identities } = this.#scope;
    const elements = this.#store.all().filter(({ pkiId }) =>
      context.rules.mayDiscloseStateInfo({
        selfOrg: context.self.mspId,
        authorOrg: identities.peek(pkiId)?.mspId,
        authorHasExternalEndpoint: this.#scope.hasExternalEndpoint(pkiId),
        requesterOrg: from.peer.mspId,
      }),
    );
    const value = { elements: elements.map(({ opened }) => opened.envelope) };
    connections.reply(
      from,
      this.#scope.seal({ tag: Tag.CHAN_OR_ORG, content: { kind: 'stateSnapshot', value } }),
    );
  }

  /** A snapshot, asked for or not (SINF-12). */
  onSnapshot({ elements }: StateInfoSnapshot, from: Established, at: Instant): Rejection[] {
    const rejections: Rejection[] = [];
    for (const element of elements) {
      const judged = this.#judge.element(element, from, at);
      if (judged === undefined) {
        continue;
      }
      if (!('kind' in judged)) {
        this.#keep(judged);
        continue;
      }
      rejections.push(judged.ordinary ? judged : rejected('bad-snapshot-element', judged.reason));
      if (this.#scope.context.rules.badElementEndsReading()) {
        break;
      }
    }
    return rejections;
  }
}
