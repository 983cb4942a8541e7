import type { ChaincodeInfo, ChannelOptions, GossipDriver, Member } from '../core';
import type { MemberInfo } from './member-info';

/** An anchor peer that a channel lists. */
export interface AnchorPeer {
  readonly mspId: string;
  /** host:port */
  readonly endpoint: string;
}

/** What a running peer joins a channel with. */
export interface JoinChannelOptions extends ChannelOptions {
  /** Anchor peers of all organisations of the channel; each is joined (BOOT-05). */
  readonly anchorPeers?: readonly AnchorPeer[];
}

/** An alive peer on a channel. */
export interface ChannelMemberInfo {
  readonly member: MemberInfo;
  /** Number of blocks it says it has; 0 where it says nothing. */
  readonly ledgerHeight: bigint;
}

/** A channel that a running peer has joined. Joining it again takes over a later configuration. */
export interface RunningChannel {
  readonly name: string;
  /** How many blocks the ledger has. */
  height(): bigint;
  /** Alive peers on the channel, without the peer itself; none after it has left. */
  members(): readonly ChannelMemberInfo[];
  /** Whether the peer has been elected to talk to the orderer. */
  isLeader(): boolean;
  /** Hands over a block that an orderer has delivered, which the caller has verified: it is committed and pushed. */
  deliver(number: bigint, block: Uint8Array): void;
  /** Says that the ledger has grown by other means than gossip, or what chaincodes the peer has now. */
  changed(chaincodes?: readonly ChaincodeInfo[]): void;
  /** Lets another peer of the organisation lead, as when the orderer cannot be reached (ELECT-09). */
  yieldLeadership(): void;
  /** Tells the others that the peer leaves (LEAVE-02). The channel cannot be joined anew before the peer is restarted. */
  leave(): void;
}

/** `infoOf` describes a member as users see it. */
export function runningChannel(
  name: string,
  driver: GossipDriver,
  infoOf: (member: Member) => MemberInfo,
): RunningChannel {
  const machine = (): ReturnType<NonNullable<GossipDriver['machine']>['channel']> =>
    driver.machine?.channel(name);
  return {
    name,
    height: () => machine()?.height() ?? 0n,
    members: () =>
      machine()
        ?.members()
        .map(({ ledgerHeight, member }) => ({ member: infoOf(member), ledgerHeight })) ?? [],
    isLeader: () => machine()?.isLeader() ?? false,
    deliver: (number, block) => {
      driver.input({ kind: 'block-delivered', name, number, block });
    },
    changed: (chaincodes) => {
      driver.input({ kind: 'channel-changed', name, chaincodes });
    },
    yieldLeadership: () => {
      driver.input({ kind: 'yield-leadership', name });
    },
    leave: () => {
      driver.input({ kind: 'leave-channel', name });
    },
  };
}
