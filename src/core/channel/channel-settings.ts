import type { Millis } from '../../ports/clock';

/** The numbers that shape gossip on a channel; Fabric's keys under `peer.gossip` (specification, section 23.1). */
export interface ChannelSettings {
  /** peer.gossip.publishStateInfoInterval: time between looks whether our state info changed. */
  readonly publishStateInfoIntervalMs: Millis;
  /** peer.gossip.requestStateInfoInterval: time between requests for the state info of others. */
  readonly requestStateInfoIntervalMs: Millis;
  /** peer.gossip.maxBlockCountToStore: how far below the newest a block is still kept for others to pull. */
  readonly maxBlockCountToStore: number;
  /** peer.gossip.state.enabled: whether missing blocks are asked of other peers. They are served in any case. */
  readonly stateEnabled: boolean;
  /** peer.gossip.state.checkInterval: time between looks whether blocks are missing. */
  readonly stateCheckIntervalMs: Millis;
  /** peer.gossip.state.responseTimeout: how long a response is awaited. */
  readonly stateResponseTimeoutMs: Millis;
  /** peer.gossip.state.batchSize: the most that the end of a range may lie above its start. */
  readonly stateBatchSize: number;
  /** peer.gossip.state.maxRetries: further tries for one range. */
  readonly stateMaxRetries: number;
  /** peer.gossip.state.blockBufferSize: how far above the ledger a gossiped block may lie. */
  readonly stateBlockBufferSize: number;
  /** peer.gossip.state.channelSize: requests that wait to be served. */
  readonly stateChannelSize: number;
  /** peer.gossip.useLeaderElection: whether own-org peers elect who talks to the orderer. */
  readonly useLeaderElection: boolean;
  /** peer.gossip.election.startupGracePeriod: longest wait for a steady view. */
  readonly electionStartupGracePeriodMs: Millis;
  /** peer.gossip.election.membershipSampleInterval: time between looks at the view. */
  readonly electionMembershipSampleIntervalMs: Millis;
  /** peer.gossip.election.leaderAliveThreshold: silence after which a leader is gone. */
  readonly electionLeaderAliveThresholdMs: Millis;
  /** peer.gossip.election.leaderElectionDuration: time between proposing and declaring. */
  readonly electionLeaderElectionDurationMs: Millis;
}

/** Fabric's own values (sample core.yaml of 2.5.16 and 3.1.5). */
export const defaultChannelSettings: ChannelSettings = {
  publishStateInfoIntervalMs: 4_000,
  requestStateInfoIntervalMs: 4_000,
  maxBlockCountToStore: 10,
  stateEnabled: false,
  stateCheckIntervalMs: 10_000,
  stateResponseTimeoutMs: 3_000,
  stateBatchSize: 10,
  stateMaxRetries: 3,
  stateBlockBufferSize: 20,
  stateChannelSize: 100,
  useLeaderElection: false,
  electionStartupGracePeriodMs: 15_000,
  electionMembershipSampleIntervalMs: 1_000,
  electionLeaderAliveThresholdMs: 10_000,
  electionLeaderElectionDurationMs: 5_000,
};

/** Numbers that Fabric hard-codes. */
export const fixedChannelTiming = {
  /** Time between looks for state info of peers that are no members any more, in pullIntervals (SINF-14). */
  stateInfoSweepFactor: 5,
  /** Lifetime of a stored block, in pullIntervals (STORE-03). */
  blockLifetimeFactor: 100,
  /** Lifetime of a leadership message, in leaderAliveThresholds (STORE-03). */
  leadershipLifetimeFactor: 10,
  /** Declarations of a leader per leaderAliveThreshold (ELECT-07). */
  declarationsPerThreshold: 2,
  /** How long a leader that yielded is no candidate, in leaderAliveThresholds (ELECT-09). */
  yieldFactor: 6,
} as const;
