/** The public face of the peer. */
export {
  GossipPeer,
  startGossipPeer,
  type GossipPeerEvents,
  type GossipPeerOptions,
  type PeerNetwork,
  type PeerStatistics,
  type RunningPeer,
} from './gossip-peer';
export { type MemberInfo, type MembershipInfo } from './member-info';
export { systemClock } from './system-clock';
export { systemRandom } from './system-random';
export {
  clauseOfRejection,
  defaultGossipTiming,
  fabricRules,
  openBytes,
  rejected,
  seal,
  withoutSecret,
  type GossipSettings,
  type GossipTiming,
  type MessageParts,
  type Opened,
  type Rejection,
  type RejectionReason,
  type Rules,
  type Tamper,
  type TamperContext,
  type Tampered,
} from '../core';
