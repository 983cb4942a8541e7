/** The decisions of `rules.ts` that concern channels: one function for each that a clause names. */
import type { Millis } from '../../ports/clock';
import type { Sha256 } from '../../ports/digest';
import type { BlockRefusal } from '../../ports/ledger';
import type { ContentKind } from '../../wire';
import { compareBytes, sameBytes } from '../bytes';
import type { Org } from '../org';
import { fixedChannelTiming } from './channel-settings';

/** An entry of a snapshot, and who asks for it. */
export interface StateInfoDisclosure {
  readonly selfOrg: string;
  readonly authorOrg: Org;
  /** Whether its author is a member, alive or dead, with an external endpoint. */
  readonly authorHasExternalEndpoint: boolean;
  readonly requesterOrg: string;
}

/** A state info on its way to a member. */
export interface StateInfoRoute {
  readonly selfOrg: string;
  readonly authorHasExternalEndpoint: boolean;
  readonly memberOrg: Org;
  /** Whether the member's organisation is in the channel. */
  readonly memberOrgInChannel: boolean;
}

/** A peer that blocks may go to or come from. */
export interface BlockPartner {
  readonly selfOrg: string;
  readonly peerOrg: Org;
  readonly hasStateInfo: boolean;
}

export interface ChannelRules {
  /** What names a channel in a state info, and in a request for them (TAG-04). */
  channelMac(pkiId: Uint8Array, channel: Uint8Array, sha256: Sha256): Uint8Array;
  /** Whether a message names a channel by this MAC (TAG-04, SINF-10). */
  macMatches(claimed: Uint8Array, computed: Uint8Array): boolean;
  /** Whether a message of this kind must have the tag of its kind (TAG-03). */
  enforcesTag(kind: ContentKind): boolean;
  /** Whether a connection's organisation has to be in the channel (TAG-08). */
  requiresChannelOrg(): boolean;

  /** Whether a state info is kept, by its author: of an organisation of the channel, and a reader of it (SINF-03). */
  acceptsAuthor(orgInChannel: boolean, isReader: boolean): boolean;
  /** The height that a peer tells of a ledger with so many blocks (SINF-04). */
  toldHeight(blocks: bigint): bigint;
  /** Whether our state info is pushed at a tick (SINF-05). */
  publishesStateInfo(hasChanged: boolean, viewSize: number): boolean;
  /** Whether a member is asked for state info (SINF-08). */
  asksForStateInfo(orgInChannel: boolean): boolean;
  /** Whether an entry is told to a requester (SINF-11). */
  mayDiscloseStateInfo(disclosure: StateInfoDisclosure): boolean;
  /** Whether a bad element ends the reading of a snapshot, or is skipped (SINF-12). */
  badElementEndsReading(): boolean;
  /** Whether state info of one who is no member, alive or dead, is kept (SINF-12, SINF-14). */
  keepsStateInfo(isMember: boolean): boolean;
  /** Time between two looks for state info of those who are no members (SINF-14). */
  sweepPeriodMs(pullIntervalMs: Millis): Millis;
  /** Whether a configuration that changes who may be in the channel is held against the state info kept (SINF-15). */
  reverifiesStateInfo(): boolean;
  /** Whether a state info may be relayed to a member (EMIT-06). */
  mayRelayStateInfo(route: StateInfoRoute): boolean;
  /** Whether what was pulled goes on as a push (EMIT-05, BLOCK-12). */
  relaysPulled(): boolean;
  /** Whether a member with such a state info is in the channel view (LEAVE-03). */
  countsInView(leftChannel: boolean): boolean;

  /** What a new block does where another is held (STORE-02). */
  compareBlocks(number: bigint, held: bigint, maxBlockCountToStore: bigint): 'refused' | 'evicts' | 'beside';
  /** Whether a block is refused for what the verifier finds wrong with it (BLOCK-04, BLOCK-11, STATE-12). */
  heedsFault(fault: BlockRefusal): boolean;
  /** Whether blocks are pushed to a peer, and pulled from and by it (BLOCK-03, BLOCK-07, BLOCK-09). */
  sharesBlocks(partner: BlockPartner): boolean;
  /** Whether block pull goes on after we have left the channel (LEAVE-02). */
  servesAfterLeaving(): boolean;
  /** Whether an advertised block is asked for (BLOCK-10). */
  wantsBlock(number: bigint, height: bigint): boolean;
  /** Whether one bad item voids a whole block update (BLOCK-11). */
  oneBadBlockVoidsUpdate(): boolean;
  /** Whether a gossiped block waits for its turn to be committed (BLOCK-06). */
  queuesBlock(number: bigint, height: bigint, blockBufferSize: bigint): boolean;

  /** Whether state transfer and private data need a reader of the channel on the other side (STATE-02, PVT-04). */
  requiresReader(): boolean;
  /** Whether a requested range is served; both ends are inclusive (STATE-04). */
  servesRange(start: bigint, end: bigint, batchSize: bigint): boolean;
  /** The end, inclusive, of a range asked for (STATE-01, STATE-09). */
  rangeEnd(start: bigint, tallestHeight: bigint, batchSize: bigint): bigint;
  /** Whether a member of this height is asked for a range (STATE-10). */
  hasRange(ledgerHeight: bigint, end: bigint): boolean;
  /** Whether a state response needs the nonce of the request (STATE-12). */
  requiresStateNonce(): boolean;

  /** Whether a leadership message counts, by the organisations of its connection and its author (ELECT-03). */
  acceptsLeadership(selfOrg: string, senderOrg: Org, authorOrg: Org): boolean;
  /** Whether a leadership message is heeded; only authors in the channel view are (ELECT-03). */
  heedsLeadership(isInView: boolean): boolean;
  /** Whether one who wants to lead is better at it than we (ELECT-06, ELECT-07). */
  givesWay(other: Uint8Array, self: Uint8Array): boolean;
  /** Time between two declarations of a leader (ELECT-07). */
  declarationPeriodMs(leaderAliveThresholdMs: Millis): Millis;
  /** How long one who has yielded does not want to lead, if nobody else does (ELECT-09). */
  yieldPeriodMs(leaderAliveThresholdMs: Millis): Millis;

  /** Whether a private write set is stored and acknowledged (PVT-04). */
  storesPrivateData(rwset: Uint8Array): boolean;
  /** Whether a request for private data is answered though there is none (PVT-06). */
  answersWithoutPrivateData(): boolean;
}

/** What real Fabric peers do. */
export const fabricChannelRules: ChannelRules = {
  channelMac: (pkiId, channel, sha256) => {
    const named = new Uint8Array(pkiId.length + channel.length);
    named.set(pkiId);
    named.set(channel, pkiId.length);
    return sha256(named);
  },
  macMatches: sameBytes,
  enforcesTag: (kind) =>
    !['stateRequest', 'stateResponse', 'privateData', 'privateReq', 'privateRes'].includes(kind),
  requiresChannelOrg: () => true,

  acceptsAuthor: (orgInChannel, isReader) => orgInChannel && isReader,
  toldHeight: (blocks) => blocks,
  publishesStateInfo: (hasChanged, viewSize) => hasChanged && viewSize > 0,
  asksForStateInfo: (orgInChannel) => orgInChannel,
  mayDiscloseStateInfo: ({ selfOrg, authorOrg, authorHasExternalEndpoint, requesterOrg }) =>
    requesterOrg === selfOrg || authorOrg !== selfOrg || authorHasExternalEndpoint,
  badElementEndsReading: () => true,
  keepsStateInfo: (isMember) => isMember,
  sweepPeriodMs: (pullIntervalMs) => pullIntervalMs * fixedChannelTiming.stateInfoSweepFactor,
  reverifiesStateInfo: () => true,
  mayRelayStateInfo: ({ selfOrg, authorHasExternalEndpoint, memberOrg, memberOrgInChannel }) =>
    authorHasExternalEndpoint ? memberOrgInChannel : memberOrg === selfOrg,
  relaysPulled: () => false,
  countsInView: (leftChannel) => !leftChannel,

  compareBlocks: (number, held, maxBlockCountToStore) => {
    if (number === held || held - number > maxBlockCountToStore) {
      return 'refused';
    }
    return number - held > maxBlockCountToStore ? 'evicts' : 'beside';
  },
  heedsFault: () => true,
  sharesBlocks: ({ selfOrg, peerOrg, hasStateInfo }) => peerOrg === selfOrg && hasStateInfo,
  servesAfterLeaving: () => false,
  wantsBlock: (number, height) => number >= height,
  oneBadBlockVoidsUpdate: () => true,
  queuesBlock: (number, height, blockBufferSize) => number >= height && number - height < blockBufferSize,

  requiresReader: () => true,
  servesRange: (start, end, batchSize) => start <= end && end - start <= batchSize,
  rangeEnd: (start, tallestHeight, batchSize) =>
    start + batchSize < tallestHeight - 1n ? start + batchSize : tallestHeight - 1n,
  hasRange: (ledgerHeight, end) => ledgerHeight >= end,
  requiresStateNonce: () => true,

  acceptsLeadership: (selfOrg, senderOrg, authorOrg) => senderOrg === selfOrg && authorOrg === selfOrg,
  heedsLeadership: (isInView) => isInView,
  givesWay: (other, self) => compareBytes(other, self) < 0,
  declarationPeriodMs: (leaderAliveThresholdMs) =>
    leaderAliveThresholdMs / fixedChannelTiming.declarationsPerThreshold,
  yieldPeriodMs: (leaderAliveThresholdMs) => leaderAliveThresholdMs * fixedChannelTiming.yieldFactor,

  storesPrivateData: (rwset) => rwset.length > 0,
  answersWithoutPrivateData: () => true,
};
