import type { GossipTiming } from '../timing';

/**
 * Fabric's settings, shortened until a run takes seconds, and not so far that a busy machine upsets them: digestWait <
 * requestWait, digestWait + responseWait < pullInterval, five heartbeats to an expiration.
 */
export const embeddedTiming: GossipTiming = {
  aliveTimeIntervalMs: 250,
  aliveExpirationTimeoutMs: 1_500,
  reconnectIntervalMs: 1_000,
  pullIntervalMs: 500,
  digestWaitTimeMs: 150,
  requestWaitTimeMs: 350,
  responseWaitTimeMs: 250,
  connTimeoutMs: 800,
  dialTimeoutMs: 800,
  publishCertPeriodMs: 2_000,
  maxPropagationBurstLatencyMs: 10,
  requestStateInfoIntervalMs: 500,
  publishStateInfoIntervalMs: 250,
  electionStartupGracePeriodMs: 600,
  electionMembershipSampleIntervalMs: 150,
  electionLeaderAliveThresholdMs: 800,
  electionLeaderElectionDurationMs: 300,
  stateCheckIntervalMs: 300,
  stateResponseTimeoutMs: 400,
};

/** With many testers in its view at once, a peer that picks three of them would starve most. */
export const ATTENTION = { propagatePeerNum: 64, pullPeerNum: 64 };
