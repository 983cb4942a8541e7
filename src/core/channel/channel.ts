/**
 * A channel that the peer has joined: what comes for it, through these gates, goes to the machine in charge.
 *
 *     the connection's organisation is in the channel    else dropped    TAG-08
 *     state transfer, private data: it is a reader       else dropped    STATE-02, PVT-04
 *
 * Source: gossip/gossip/channel/channel.go, `HandleMessage`.
 */
import type { PeerIdentity } from '../../ports/identity';
import { PullMsgType } from '../../wire';
import type { PeerContext } from '../context';
import type { Opened } from '../envelopes';
import type { Established } from '../established';
import type { Instant } from '../instant';
import type { Org } from '../org';
import { rejected, type Rejection } from '../rejections';
import { BlockDelivery } from './block-delivery';
import { Blocks } from './blocks';
import { ChannelLedger } from './channel-ledger';
import type { ChaincodeInfo, ChannelMembership, ChannelOptions } from './channel-options';
import { ChannelScope, type PeerParts } from './channel-scope';
import { LeaderElection } from './leader-election';
import { PrivateData } from './private-data';
import { StateService } from './state-service';
import { StateTransfer } from './state-transfer';
import { StateInfos, type ChannelMember } from './state-infos';

export class Channel {
  readonly #scope: ChannelScope;
  readonly #ledger: ChannelLedger;
  readonly #stateInfos: StateInfos;
  readonly #delivery: BlockDelivery;
  readonly #blocks: Blocks;
  readonly #stateService: StateService;
  readonly #stateTransfer: StateTransfer;
  readonly #election: LeaderElection;
  readonly #privateData: PrivateData;

  constructor(options: ChannelOptions, context: PeerContext, peer: PeerParts, at: Instant) {
    const scope = new ChannelScope(options.name, options, context, peer);
    this.#scope = scope;
    const ledger = new ChannelLedger(options.ledger, options.name, context.outbox);
    const stateInfos = new StateInfos(scope, at);
    const delivery = new BlockDelivery(scope, ledger, (height, later) => {
      stateInfos.heightIs(height, later);
    });
    this.#ledger = ledger;
    this.#stateInfos = stateInfos;
    this.#delivery = delivery;
    const parts = { stateInfos, ledger, delivery, verifier: options.verifier };
    this.#blocks = new Blocks(scope, parts);
    this.#stateService = new StateService(scope, ledger);
    this.#stateTransfer = new StateTransfer(scope, parts);
    this.#election = new LeaderElection(scope, stateInfos, at);
    this.#privateData = new PrivateData(scope, options.privateData);
    this.#stateInfos.start(ledger.height(), options.chaincodes ?? [], at);
    this.#blocks.start();
    this.#stateTransfer.start();
    this.#election.start(at);
  }

  get name(): string {
    return this.#scope.name;
  }

  /** Whether a MAC names this channel in a message of `pkiId` (TAG-04). */
  isMac(claimed: Uint8Array, pkiId: Uint8Array): boolean {
    return this.#scope.isMac(claimed, pkiId);
  }

  /** Alive members on the channel, without ourselves. */
  members(): readonly ChannelMember[] {
    return this.#stateInfos.view();
  }

  /** How many blocks the ledger has. */
  height(): bigint {
    return this.#ledger.height();
  }

  /** Whether the peer has been elected to talk to the orderer. */
  isLeader(): boolean {
    return this.#election.isLeader;
  }

  hasLeft(): boolean {
    return this.#stateInfos.hasLeft;
  }

  /** Takes over a later configuration (SINF-15). */
  configure(members: ChannelMembership): void {
    this.#scope.configure(members);
    this.#stateInfos.revalidate();
  }

  changed(chaincodes: readonly ChaincodeInfo[] | undefined, at: Instant): void {
    this.#stateInfos.heightIs(this.#ledger.height(), at);
    this.#delivery.drain(at);
    if (chaincodes !== undefined) {
      this.#stateInfos.chaincodesAre(chaincodes, at);
    }
  }

  /** A block that an orderer has delivered, verified (BLOCK-02). */
  delivered(number: bigint, block: Uint8Array, at: Instant): void {
    this.#blocks.originate(number, block, at);
  }

  /** An elected leader cannot reach the orderer (ELECT-09). */
  yieldLeadership(): void {
    this.#election.yield();
  }

  leave(at: Instant): void {
    this.#stateInfos.leave(at);
    this.#election.stop();
  }

  /** A message of this channel, its tag checked. */
  received(opened: Opened, from: Established, at: Instant): Rejection | Rejection[] | undefined {
    const { content, nonce } = opened.message;
    switch (content?.kind) {
      case 'stateRequest':
        return this.#refusal(from) ?? this.#stateService.received(content.value, nonce, from);
      case 'stateResponse':
        return this.#refusal(from) ?? this.#stateTransfer.received(content.value, nonce, at);
      case 'privateData':
        return this.#refusal(from) ?? this.#privateData.pushed(content.value, nonce, from);
      case 'privateReq':
        this.#privateData.asked(content.value, nonce, from);
        return undefined;
      case 'privateRes':
        return rejected('unasked-private-response');
      default:
        return this.#gossiped(opened, from, at);
    }
  }

  hasOrg(org: Org): boolean {
    return this.#scope.hasOrg(org);
  }

  /** Whether an identity satisfies the policy Readers. */
  isReader(identity: PeerIdentity): boolean {
    return this.#scope.isReader(identity);
  }

  /** Of one who is no reader of the channel, by what it proved when it connected (CONN-17). */
  #refusal({ peer }: Established): Rejection | undefined {
    return this.#scope.isReader(peer) || !this.#scope.context.rules.requiresReader()
      ? undefined
      : rejected('not-a-reader', peer.mspId);
  }

  #gossiped(opened: Opened, from: Established, at: Instant): Rejection | Rejection[] | undefined {
    const { content } = opened.message;
    if (!this.#scope.hasOrg(from.peer.mspId) && this.#scope.context.rules.requiresChannelOrg()) {
      return rejected('org-not-in-channel', from.peer.mspId);
    }
    switch (content?.kind) {
      case 'stateInfo':
        return this.#stateInfos.received(opened, content.value, from, at);
      case 'stateInfoPullReq':
        this.#stateInfos.onRequest(from);
        return undefined;
      case 'stateSnapshot':
        return this.#stateInfos.onSnapshot(content.value, from, at);
      case 'dataMsg':
        return this.#blocks.received(opened, content.value, from, at);
      case 'leadershipMsg':
        return this.#election.received(opened, content.value, from, at);
      case 'hello':
      case 'dataDig':
      case 'dataReq':
      case 'dataUpdate':
        return content.value.msgType === PullMsgType.BLOCK_MSG
          ? this.#blocks.pulled(content, from, at)
          : rejected('illegal-tag');
      default:
        return rejected('illegal-tag');
    }
  }
}
