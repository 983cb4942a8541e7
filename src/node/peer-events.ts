import type { ChannelConfigError } from '../channel';
import type { PeerEvent } from '../core';
import type { MemberInfo } from './member-info';

/** What a peer emits; member events carry the member as it then was. */
export interface GossipPeerEvents {
  listening: [{ address: string }];
  memberAlive: [{ member: MemberInfo; resurrected: boolean }];
  memberRefreshed: [{ member: MemberInfo }];
  memberDead: [{ member: MemberInfo; why: 'silent' | 'send-failed' | 'told' }];
  memberForgotten: [{ member: MemberInfo }];
  identityLearned: [Payload<'identityLearned'>];
  identityPurged: [Payload<'identityPurged'>];
  connected: [Payload<'connected'>];
  disconnected: [Payload<'disconnected'>];
  unreachable: [Payload<'unreachable'>];
  joined: [Payload<'joined'>];
  joinAbandoned: [Payload<'joinAbandoned'>];
  stateInfoLearned: [Payload<'stateInfoLearned'>];
  blockCommitted: [Payload<'blockCommitted'>];
  leadershipChanged: [Payload<'leadershipChanged'>];
  /** A configuration that was committed on a channel cannot be understood; the channel goes on by the one before. */
  channelConfigRefused: [{ channel: string; error: ChannelConfigError }];
  ledgerFailed: [Payload<'ledgerFailed'>];
  /** What a remote did wrong; ordinary refusals, of duplicates for instance, are counted only. */
  rejected: [Payload<'rejected'>];
  stopped: [];
}

type Payload<K extends PeerEvent['kind']> = Omit<Extract<PeerEvent, { kind: K }>, 'kind'>;
