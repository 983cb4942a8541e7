/**
 * Leadership messages: making them, and telling which of others count.
 *
 *     received ──► our organisation? ──► news? ──► signed by its author? ──► author in the view? ──► the election
 *
 * Source: gossip/election/adapter.go; gossip/gossip/gossip_impl.go, `validateLeadershipMessage`.
 */
import { Tag, type LeadershipMessage } from '../../wire';
import { authenticityFault } from '../authenticity';
import { sameBytes } from '../bytes';
import type { Opened } from '../envelopes';
import type { Established } from '../established';
import { FreshnessStore } from '../freshness';
import { wallNanos, type Instant } from '../instant';
import { rejected, type Rejection } from '../rejections';
import { fixedTiming } from '../settings';
import type { ChannelScope } from './channel-scope';
import { fixedChannelTiming } from './channel-settings';
import type { ChannelMember, StateInfos } from './state-infos';

export class Leadership {
  readonly #scope: ChannelScope;
  readonly #stateInfos: StateInfos;
  readonly #heard: FreshnessStore<undefined>;
  readonly #incNum: bigint;
  #seqNum = 0n;

  constructor(scope: ChannelScope, stateInfos: StateInfos, at: Instant) {
    const { rules, settings } = scope.context;
    this.#scope = scope;
    this.#stateInfos = stateInfos;
    this.#incNum = wallNanos(at);
    const lifetimeMs = settings.electionLeaderAliveThresholdMs * fixedChannelTiming.leadershipLifetimeFactor;
    this.#heard = new FreshnessStore(lifetimeMs, rules);
  }

  start(): void {
    const sweepMs = this.#heard.lifetimeMs / fixedTiming.sweepsPerLifetime;
    this.#scope.context.timers.every(this.#scope.timer('sweep-leadership'), sweepMs, (at) => {
      this.#heard.sweep(at.nowMs);
    });
  }

  /** Members of the channel view that are of our organisation. */
  peers(): ChannelMember[] {
    const { context, identities } = this.#scope;
    return this.#stateInfos
      .view()
      .filter(({ member }) => identities.peek(member.pkiId)?.mspId === context.self.mspId);
  }

  /** Says it to all own-org members of the channel (ELECT-01, ELECT-04). */
  send(isDeclaration: boolean, at: Instant): void {
    const { context, dissemination } = this.#scope;
    const { self } = context;
    this.#seqNum++;
    const timestamp = { incNum: this.#incNum, seqNum: this.#seqNum };
    const content = {
      kind: 'leadershipMsg',
      value: { pkiId: self.pkiId, timestamp, isDeclaration },
    } as const;
    const opened = this.#scope.seal({ tag: Tag.CHAN_AND_ORG, content }, self);
    dissemination.push(opened, this.#stateInfos.partnerRoute(), undefined, at);
  }

  /** What keeps a message from counting; undefined: it counts (ELECT-03, ELECT-10). */
  fault(
    opened: Opened,
    { pkiId, timestamp }: LeadershipMessage,
    from: Established,
    at: Instant,
  ): Rejection | undefined {
    const { context, identities } = this.#scope;
    const { rules, self } = context;
    if (timestamp === undefined) {
      return rejected('incomplete-leadership');
    }
    const author = identities.get(pkiId, at);
    if (author === undefined) {
      return rejected('unknown-author');
    }
    if (!rules.acceptsLeadership(self.mspId, from.peer.mspId, author.mspId)) {
      return rejected('foreign-leadership');
    }
    if (!this.#heard.isNews(pkiId, timestamp)) {
      return rejected('stale-leadership');
    }
    const fault = authenticityFault(
      this.#scope.context,
      opened.envelope,
      rules.verifyingIdentity(author, from.peer),
    );
    if (fault !== undefined) {
      return fault;
    }
    this.#heard.add(pkiId, timestamp, undefined, at.nowMs);
    const isInView = this.peers().some(({ member }) => sameBytes(member.pkiId, pkiId));
    return rules.heedsLeadership(isInView) ? undefined : rejected('leadership-outside-view');
  }
}
