/**
 * Blocks that are missing, asked of peers that say they have them.
 *
 *     every checkInterval: is somebody in the view higher than our ledger?                        (STATE-09)
 *       │ yes                                     nobody left who is higher ──► idle
 *       ▼                                                  ▲
 *     RemoteStateRequest [height … height + batchSize] ────┤  maxRetries + 1 sends in vain: those asked are doubted
 *       ▲                    │ a response that makes the ledger grow
 *       └────────────────────┘
 *
 * Only one request is under way at a time, and blocks beyond its range are refused, so a height that is a lie costs
 * a few small messages and no memory. Deviations from Fabric, which in such cases gives up until the next check:
 * a retry prefers members not yet asked; after the last one the rest of the view is tried, without those that failed
 * (STATE-11); a response with another nonce costs no try (STATE-12); after one with a gap we go on at the gap
 * (STATE-13). Source: gossip/state/state.go, `antiEntropy`, `requestBlocksInRange`, `handleStateResponse`.
 */
import type { BlockVerifier } from '../../ports/ledger';
import { Tag, type RemoteStateResponse } from '../../wire';
import { keyOf } from '../bytes';
import type { Opened } from '../envelopes';
import type { Instant } from '../instant';
import type { Member } from '../membership';
import { rejected, type Rejection } from '../rejections';
import type { BlockDelivery } from './block-delivery';
import type { ChannelLedger } from './channel-ledger';
import { targetOf, type ChannelScope } from './channel-scope';
import type { ChannelMember, StateInfos } from './state-infos';

/** What state transfer works with. */
export interface StateTransferParts {
  readonly stateInfos: StateInfos;
  readonly ledger: ChannelLedger;
  readonly verifier: BlockVerifier;
  readonly delivery: BlockDelivery;
}

/** A range that is asked for. */
interface Asked {
  readonly start: bigint;
  readonly end: bigint;
  readonly nonce: bigint;
  readonly request: Opened;
  /** Who was asked for it, last comes last. */
  readonly members: Member[];
}

export class StateTransfer {
  readonly #scope: ChannelScope;
  readonly #parts: StateTransferParts;
  #asked: Asked | undefined;
  /** Keys of the members that had nothing for us in this transfer. */
  readonly #doubted = new Set<string>();

  constructor(scope: ChannelScope, parts: StateTransferParts) {
    this.#scope = scope;
    this.#parts = parts;
  }

  start(): void {
    if (this.#scope.context.settings.stateEnabled) {
      this.#checkLater();
    }
  }

  #checkLater(): void {
    const { settings, timers } = this.#scope.context;
    timers.arm(this.#scope.timer('state-check'), settings.stateCheckIntervalMs, (at) => {
      this.#doubted.clear();
      this.#next(at);
    });
  }

  /** Members of the view that are not doubted in this transfer. */
  #trusted(): ChannelMember[] {
    return this.#parts.stateInfos.view().filter(({ member }) => !this.#doubted.has(keyOf(member.pkiId)));
  }

  /** Asks for the next range, if somebody has more than we. */
  #next(at: Instant): void {
    const { random, rules, settings } = this.#scope.context;
    const start = this.#parts.ledger.height();
    const tallest = this.#trusted().reduce(
      (height, { ledgerHeight }) => (ledgerHeight > height ? ledgerHeight : height),
      start,
    );
    if (tallest === start) {
      this.#asked = undefined;
      this.#checkLater();
      return;
    }
    const end = rules.rangeEnd(start, tallest, BigInt(settings.stateBatchSize));
    const nonce = random.uint64();
    const request = this.#scope.seal({
      tag: Tag.CHAN_OR_ORG,
      nonce,
      content: { kind: 'stateRequest', value: { startSeqNum: start, endSeqNum: end } },
    });
    this.#asked = { start, end, nonce, request, members: [] };
    this.#ask(this.#asked, at);
  }

  /** Sends the request, the same bytes each time, to one who says that it has the range (STATE-10, STATE-11). */
  #ask(asked: Asked, at: Instant): void {
    const { connections, context } = this.#scope;
    const { random, rules, settings, timers } = context;
    const able = this.#trusted()
      .filter(({ ledgerHeight }) => rules.hasRange(ledgerHeight, asked.end))
      .map(({ member }) => member);
    const fresh = able.filter(
      ({ pkiId }) => !asked.members.some((other) => keyOf(other.pkiId) === keyOf(pkiId)),
    );
    const candidates = fresh.length > 0 ? fresh : able;
    if (candidates.length === 0 || asked.members.length > settings.stateMaxRetries) {
      this.#giveUp(asked, at);
      return;
    }
    const member = candidates[random.below(candidates.length)];
    if (member === undefined) {
      return;
    }
    asked.members.push(member);
    connections.send(targetOf(member), asked.request, at);
    timers.arm(this.#scope.timer('state-response'), settings.stateResponseTimeoutMs, (later) => {
      this.#reject(member, rejected('state-request-unanswered', `${asked.start} to ${asked.end}`));
      this.#ask(asked, later);
    });
  }

  /** Nobody asked had the range: the others may have less of it. */
  #giveUp(asked: Asked, at: Instant): void {
    if (asked.members.length === 0) {
      this.#asked = undefined;
      this.#checkLater();
      return;
    }
    for (const { pkiId } of asked.members) {
      this.#doubted.add(keyOf(pkiId));
    }
    this.#next(at);
  }

  #reject({ endpoint, pkiId }: Member, rejection: Rejection): void {
    this.#scope.context.outbox.report({ kind: 'rejected', rejection, from: { pkiId, address: endpoint } });
  }

  /** A response on a connection of a reader of the channel (STATE-12, STATE-13). */
  received({ payloads }: RemoteStateResponse, nonce: bigint, at: Instant): Rejection | undefined {
    const asked = this.#asked;
    const { rules, timers } = this.#scope.context;
    if (asked === undefined || (nonce !== asked.nonce && rules.requiresStateNonce())) {
      return rejected('unasked-state-response');
    }
    const { delivery, ledger, verifier } = this.#parts;
    let fault: Rejection | undefined;
    for (const { data, seqNum } of payloads) {
      if (seqNum < asked.start || seqNum > asked.end) {
        fault = rejected('bad-state-response', `${seqNum} is not of ${asked.start} to ${asked.end}`);
        break;
      }
      const verdict = verifier.verify(data, seqNum);
      if (!verdict.ok && rules.heedsFault(verdict.reason)) {
        fault = rejected('bad-state-response', `${seqNum} ${verdict.reason}: ${verdict.detail}`);
        break;
      }
      delivery.transferred(seqNum, data, at);
    }
    timers.cancel(this.#scope.timer('state-response'));
    if (fault === undefined && ledger.height() > asked.start) {
      this.#next(at);
      return undefined;
    }
    this.#ask(asked, at);
    return fault ?? rejected('bad-state-response', `without block ${asked.start}`);
  }
}
