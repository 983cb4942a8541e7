/** The public face of the peer. */
export { GossipPeer, grpcTransport, startGossipPeer } from './gossip-peer';
export { type GossipPeerOptions, type PeerNetwork } from './gossip-peer-options';
export { type GossipPeerEvents } from './peer-events';
export { type PeerStatistics, type RunningPeer } from './running-peer';
export { type MemberInfo, type MembershipInfo } from './member-info';
export { joinConfiguredChannel, type ChannelHost, type ConfiguredChannelOptions } from './configured-channel';
export { FileLedger, ForeignLedgerError } from './file-ledger';
export { MemoryLedger } from './memory-ledger';
export { MemoryPrivateData } from './memory-private-data';
export {
  type AnchorPeer,
  type ChannelMemberInfo,
  type JoinChannelOptions,
  type RunningChannel,
} from './running-channel';
export { systemClock } from './system-clock';
export { systemRandom } from './system-random';
export {
  ChannelBlockVerifier,
  ChannelConfigError,
  collectionReaders,
  readChannelConfig,
  type ChannelConfig,
  type ChannelConfigErrorCode,
  type ChannelOrganisation,
  type MayReadCollection,
} from '../channel';
export type { BlockRefusal, BlockVerdict, BlockVerifier, Ledger } from '../ports/ledger';
export type { PrivateDataStore, PrivateDigest, PrivateWrite } from '../ports/private-data';
export {
  defaultGossipTiming,
  fabricRules,
  rejected,
  type ChaincodeInfo,
  type ChannelMembership,
  type ChannelOptions,
  type ChannelSettings,
  type GossipSettings,
  type GossipTiming,
  type Opened,
  type Rejection,
  type RejectionReason,
  type Rules,
  type Tamper,
  type TamperContext,
  type Tampered,
} from '../core';
export { formatGoDuration, parseGoDuration } from './go-duration';
export { peerOptionsFrom, type FromSettings } from './peer-from-settings';
export {
  gossipSettingsOf,
  grpcSettingsOf,
  loadSettings,
  readSettings,
  type PeerSettings,
  type SettingsSources,
} from './settings';
export { SettingsError, type SettingsErrorCode } from './settings-error';
export {
  settingsTable,
  variableOf,
  type Setting,
  type SettingKey,
  type SettingValues,
} from './settings-table';
export { toldTimers } from './told-timers';
