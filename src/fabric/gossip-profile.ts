import type { Millis } from '../ports/clock';

/** The gossip timers of a network's peers; each is `peer.gossip.<key>` of core.yaml, dots left out. */
export interface GossipTimers {
  readonly aliveTimeIntervalMs: Millis;
  readonly aliveExpirationTimeoutMs: Millis;
  readonly reconnectIntervalMs: Millis;
  readonly pullIntervalMs: Millis;
  readonly digestWaitTimeMs: Millis;
  readonly requestWaitTimeMs: Millis;
  readonly responseWaitTimeMs: Millis;
  readonly connTimeoutMs: Millis;
  readonly dialTimeoutMs: Millis;
  readonly publishCertPeriodMs: Millis;
  readonly maxPropagationBurstLatencyMs: Millis;
  readonly requestStateInfoIntervalMs: Millis;
  readonly publishStateInfoIntervalMs: Millis;
  readonly membershipTrackerIntervalMs: Millis;
  readonly electionStartupGracePeriodMs: Millis;
  readonly electionMembershipSampleIntervalMs: Millis;
  readonly electionLeaderAliveThresholdMs: Millis;
  readonly electionLeaderElectionDurationMs: Millis;
  readonly stateCheckIntervalMs: Millis;
  readonly stateResponseTimeoutMs: Millis;
}

export type TimingProfile = 'fast' | 'fabric';

/**
 * `fabric`: the defaults of Fabric's own core.yaml. `fast`: shortened as far as four peers on two processors stay
 * stable: five heartbeats to an expiration, digestWait < requestWait, digestWait + responseWait < pullInterval.
 */
export const timingProfiles: Readonly<Record<TimingProfile, GossipTimers>> = {
  fast: {
    aliveTimeIntervalMs: 500,
    aliveExpirationTimeoutMs: 2_500,
    reconnectIntervalMs: 500,
    pullIntervalMs: 1_000,
    digestWaitTimeMs: 200,
    requestWaitTimeMs: 400,
    responseWaitTimeMs: 500,
    connTimeoutMs: 2_000,
    dialTimeoutMs: 500,
    publishCertPeriodMs: 10_000,
    maxPropagationBurstLatencyMs: 10,
    requestStateInfoIntervalMs: 500,
    publishStateInfoIntervalMs: 500,
    membershipTrackerIntervalMs: 200,
    electionStartupGracePeriodMs: 1_000,
    electionMembershipSampleIntervalMs: 200,
    electionLeaderAliveThresholdMs: 1_500,
    electionLeaderElectionDurationMs: 500,
    stateCheckIntervalMs: 500,
    stateResponseTimeoutMs: 1_000,
  },
  fabric: {
    aliveTimeIntervalMs: 5_000,
    aliveExpirationTimeoutMs: 25_000,
    reconnectIntervalMs: 25_000,
    pullIntervalMs: 4_000,
    digestWaitTimeMs: 1_000,
    requestWaitTimeMs: 1_500,
    responseWaitTimeMs: 2_000,
    connTimeoutMs: 2_000,
    dialTimeoutMs: 3_000,
    publishCertPeriodMs: 10_000,
    maxPropagationBurstLatencyMs: 10,
    requestStateInfoIntervalMs: 4_000,
    publishStateInfoIntervalMs: 4_000,
    membershipTrackerIntervalMs: 5_000,
    electionStartupGracePeriodMs: 15_000,
    electionMembershipSampleIntervalMs: 1_000,
    electionLeaderAliveThresholdMs: 10_000,
    electionLeaderElectionDurationMs: 5_000,
    stateCheckIntervalMs: 10_000,
    stateResponseTimeoutMs: 3_000,
  },
};
