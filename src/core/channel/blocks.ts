/**
 * Blocks as they spread: pushed once within the organisation, and pulled from whoever has them.
 *
 *     pushed ──► new? ──► verified? ──► kept ──► relayed, offered for pull, delivered   (BLOCK-04, BLOCK-05)
 *     pulled ──► each of them new? ──► all verified? ──► kept ──► offered, delivered    (BLOCK-11, BLOCK-12)
 *
 * Nothing is kept or relayed that the verifier has not accepted.
 * Source: gossip/gossip/channel/channel.go, `HandleMessage`, `createBlockPuller`.
 */
import type { BlockVerifier } from '../../ports/ledger';
import { PullMsgType, Tag, type DataMessage, type DataUpdate, type Payload } from '../../wire';
import { sameBytes } from '../bytes';
import { openNested, type Opened } from '../envelopes';
import type { Established } from '../established';
import type { Instant } from '../instant';
import { MAX_BLOCK_DIGEST_BYTES, MAX_BLOCKS_PER_ROUND } from '../limits';
import { PullExchange, type PullContent } from '../pull-exchange';
import { rejected, type Rejection } from '../rejections';
import { fixedTiming } from '../settings';
import type { BlockDelivery } from './block-delivery';
import { BlockStore } from './block-store';
import type { ChannelLedger } from './channel-ledger';
import type { ChannelScope } from './channel-scope';
import { fixedChannelTiming } from './channel-settings';
import type { StateInfos } from './state-infos';

/** What blocks work with. */
export interface BlockParts {
  readonly stateInfos: StateInfos;
  readonly ledger: ChannelLedger;
  readonly verifier: BlockVerifier;
  readonly delivery: BlockDelivery;
}

interface BlockItem {
  readonly kind: 'block';
  readonly opened: Opened;
  readonly payload: Payload;
}

export class Blocks {
  readonly #scope: ChannelScope;
  readonly #parts: BlockParts;
  readonly #store: BlockStore;
  readonly #exchange: PullExchange;
  readonly #lifetimeMs: number;

  constructor(scope: ChannelScope, parts: BlockParts) {
    const { connections, context, membership } = scope;
    const { rules, settings } = context;
    this.#scope = scope;
    this.#parts = parts;
    this.#lifetimeMs = settings.pullIntervalMs * fixedChannelTiming.blockLifetimeFactor;
    this.#exchange = new PullExchange(context, membership, connections, {
      name: scope.timer('block'),
      msgType: PullMsgType.BLOCK_MSG,
      maxItemsPerRound: MAX_BLOCKS_PER_ROUND,
      seal: (content) => scope.seal({ tag: Tag.CHAN_AND_ORG, content }),
      candidates: (at) =>
        parts.stateInfos.hasLeft
          ? []
          : membership.alive().filter(({ pkiId }) => parts.stateInfos.isPartner(pkiId, at)),
      mayOffer: () => true,
      wanted: (ids) => this.#wanted(ids),
      learn: (update, isAnswer, from, at) => this.#learn(update, isAnswer, from, at),
    });
    this.#store = new BlockStore({
      rules,
      maxBlockCountToStore: settings.maxBlockCountToStore,
      lifetimeMs: this.#lifetimeMs,
      dropped: (number) => {
        this.#exchange.withdraw(digestOf(number));
      },
    });
  }

  start(): void {
    this.#exchange.start();
    const sweepMs = this.#lifetimeMs / fixedTiming.sweepsPerLifetime;
    this.#scope.context.timers.every(this.#scope.timer('sweep-blocks'), sweepMs, (at) => {
      this.#store.sweep(at.nowMs);
    });
  }

  // ── Pushed ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** A block that an orderer has delivered, verified by whoever brings it: pushes it (BLOCK-01, BLOCK-02). */
  originate(number: bigint, block: Uint8Array, at: Instant): void {
    const payload: Payload = { seqNum: number, data: block, privateData: [] };
    if (this.#store.accepts(number)) {
      const content = { kind: 'dataMsg', value: { payload } } as const;
      const opened = this.#scope.seal({ tag: Tag.CHAN_AND_ORG, content });
      this.#keep({ kind: 'block', opened, payload }, true, at);
      this.#push(opened, undefined, at);
    }
    this.#parts.delivery.gossiped(number, block, at);
  }

  /** A block pushed by `from`, whose organisation need not be ours (BLOCK-04, BLOCK-05). */
  received(opened: Opened, { payload }: DataMessage, from: Established, at: Instant): Rejection | undefined {
    if (payload === undefined) {
      return rejected('no-block-payload');
    }
    if (!this.#store.accepts(payload.seqNum)) {
      return rejected('stale-block');
    }
    const fault = this.#fault(payload);
    if (fault !== undefined) {
      return fault;
    }
    this.#keep({ kind: 'block', opened, payload }, true, at);
    if (this.#scope.context.rules.relays('dataMsg')) {
      this.#push(opened, from.peer.pkiId, at);
    }
    return this.#parts.delivery.gossiped(payload.seqNum, payload.data, at);
  }

  #push(opened: Opened, cameFrom: Uint8Array | undefined, at: Instant): void {
    this.#scope.dissemination.push(opened, this.#parts.stateInfos.partnerRoute(), cameFrom, at);
  }

  #fault({ data, seqNum }: Payload): Rejection | undefined {
    const verdict = this.#parts.verifier.verify(data, seqNum);
    return verdict.ok || !this.#scope.context.rules.heedsFault(verdict.reason)
      ? undefined
      : rejected('bad-block', `${verdict.reason}: ${verdict.detail}`);
  }

  #keep({ opened, payload }: BlockItem, isOffered: boolean, at: Instant): void {
    this.#store.add(payload.seqNum, at.nowMs);
    if (isOffered) {
      this.#exchange.offer(digestOf(payload.seqNum), opened);
    }
  }

  // ── Pulled ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** A pull message of type BLOCK_MSG (BLOCK-07, LEAVE-02). */
  pulled(content: PullContent, from: Established, at: Instant): Rejection | undefined {
    if (this.#parts.stateInfos.hasLeft && !this.#scope.context.rules.servesAfterLeaving()) {
      return rejected('channel-left');
    }
    if (!this.#parts.stateInfos.isPartner(from.peer.pkiId, at)) {
      return rejected('no-block-partner');
    }
    return this.#exchange.received(content, from, at);
  }

  /** The numbers of a digest that the ledger lacks, as the very strings received (BLOCK-10). */
  #wanted(ids: readonly Uint8Array[]): Uint8Array[] {
    const height = this.#parts.ledger.height();
    return ids.filter((id) => {
      const number = numberOf(id);
      return number !== undefined && this.#scope.context.rules.wantsBlock(number, height);
    });
  }

  /** Takes in an update: all that is wrong with one item voids it, save being old (BLOCK-11, BLOCK-12). */
  #learn(update: DataUpdate, isAnswer: boolean, from: Established, at: Instant): Rejection | undefined {
    const { rules } = this.#scope.context;
    const good: BlockItem[] = [];
    for (const envelope of update.data) {
      const checked = this.#check(openNested(envelope));
      if (checked?.kind === 'block') {
        good.push(checked);
      } else if (checked !== undefined && rules.oneBadBlockVoidsUpdate()) {
        return rejected('bad-block-update', checked.detail === '' ? checked.reason : checked.detail);
      }
    }
    for (const item of good) {
      const { data, seqNum } = item.payload;
      if (!this.#store.accepts(seqNum)) {
        continue;
      }
      this.#keep(item, isAnswer, at);
      if (rules.relaysPulled()) {
        this.#push(item.opened, from.peer.pkiId, at);
      }
      this.#parts.delivery.gossiped(seqNum, data, at);
    }
    return undefined;
  }

  /** Undefined: a block that the store refuses, which is nobody's fault. */
  #check(opened: Opened | Rejection): BlockItem | Rejection | undefined {
    if (opened.kind === 'rejected') {
      return opened;
    }
    const { channel, content } = opened.message;
    if (!sameBytes(channel, this.#scope.nameBytes)) {
      return rejected('bad-block-update', 'of another channel');
    }
    const payload = content?.kind === 'dataMsg' ? content.value.payload : undefined;
    if (payload === undefined) {
      return rejected('bad-block-update', 'no block');
    }
    if (!this.#store.accepts(payload.seqNum)) {
      return undefined;
    }
    return this.#fault(payload) ?? { kind: 'block', opened, payload };
  }
}

/** A block's number in decimal ASCII (BLOCK-08). */
const digestOf = (number: bigint): Uint8Array => encoder.encode(number.toString());

/**
 * The uint64 that a digest names; leading zeros are allowed (BLOCK-10).
 * Deviation: Fabric reads any number of leading zeros.
 */
function numberOf(digest: Uint8Array): bigint | undefined {
  const text = digest.length > MAX_BLOCK_DIGEST_BYTES ? '' : decoder.decode(digest);
  if (!/^[0-9]+$/.test(text)) {
    return undefined;
  }
  const number = BigInt(text);
  return number <= MAX_UINT64 ? number : undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const MAX_UINT64 = 0xffff_ffff_ffff_ffffn;
