import type { GossipTiming } from '../../../src/node';

/** Timers for tests: quick, but not so quick that a loaded machine takes a peer for dead. */
export const quickTiming: Partial<GossipTiming> = {
  aliveTimeIntervalMs: 100,
  aliveExpirationTimeoutMs: 5_000,
  reconnectIntervalMs: 200,
  pullIntervalMs: 200,
  digestWaitTimeMs: 50,
  requestWaitTimeMs: 150,
  responseWaitTimeMs: 100,
};
