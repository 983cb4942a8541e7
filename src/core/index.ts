export { hexOf } from './bytes';
export { type ChaincodeInfo, type ChannelMembership, type ChannelOptions } from './channel/channel-options';
export {
  type BlockPartner,
  type ChannelRules,
  type StateInfoDisclosure,
  type StateInfoRoute,
} from './channel/channel-rules';
export { type ChannelSettings } from './channel/channel-settings';
export { type ChannelMember } from './channel/state-infos';
export { GossipDriver, type DriverOptions, type DriverStatistics } from './driver';
export { type Effect, type Input, type LinkId } from './effects';
export { openBytes, seal, withoutSecret, type MessageParts, type Opened } from './envelopes';
export { type Established } from './established';
export { type DeathReason, type PeerEvent, type PurgeReason, type Remote } from './events';
export { fabricRules } from './fabric-rules';
export { GossipMachine, type GossipMachineOptions } from './gossip-machine';
export { type Instant } from './instant';
export { type Member } from './membership';
export { type Org } from './org';
export { rejected, type Rejection, type RejectionReason } from './rejections';
export type { AliveRoute, MemberDisclosure, IdentityOffer, Rules } from './rules';
export { defaultGossipTiming, type GossipSettings, type GossipTiming } from './settings';
export { type Tamper, type TamperContext, type Tampered } from './tamper';
