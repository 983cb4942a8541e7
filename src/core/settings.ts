import type { Millis } from '../ports/clock';
import { defaultChannelSettings, type ChannelSettings } from './channel/channel-settings';

/** The numbers that shape gossip; Fabric's keys under `peer.gossip` (specification, section 23.1). */
export interface GossipTiming extends ChannelSettings {
  /** peer.gossip.aliveTimeInterval: time between heartbeats. */
  readonly aliveTimeIntervalMs: Millis;
  /** peer.gossip.aliveExpirationTimeout: silence after which a member is dead. */
  readonly aliveExpirationTimeoutMs: Millis;
  /** peer.gossip.reconnectInterval: time between attempts to reach dead members and bootstrap peers. */
  readonly reconnectIntervalMs: Millis;
  /** peer.gossip.maxConnectionAttempts: attempts to reach one bootstrap or anchor peer. */
  readonly maxConnectionAttempts: number;
  /** peer.gossip.msgExpirationFactor: lifetime of a stored alive message, in alive expiration timeouts. */
  readonly msgExpirationFactor: number;
  /** peer.gossip.publishCertPeriod: how long after start alive messages carry the identity. */
  readonly publishCertPeriodMs: Millis;
  /** peer.gossip.pullInterval: time between pull rounds, and between membership requests. */
  readonly pullIntervalMs: Millis;
  /** peer.gossip.pullPeerNum: peers asked in a round. */
  readonly pullPeerNum: number;
  /** peer.gossip.digestWaitTime: how long digests are collected after the Hello. */
  readonly digestWaitTimeMs: Millis;
  /** peer.gossip.requestWaitTime: how long after a Hello its sender may request. */
  readonly requestWaitTimeMs: Millis;
  /** peer.gossip.responseWaitTime: how long updates are awaited after the request. */
  readonly responseWaitTimeMs: Millis;
  /** peer.gossip.propagateIterations: times each message is emitted. */
  readonly propagateIterations: number;
  /** peer.gossip.propagatePeerNum: peers each emission goes to. */
  readonly propagatePeerNum: number;
  /** peer.gossip.maxPropagationBurstSize: messages that wait for a burst. */
  readonly maxPropagationBurstSize: number;
  /** peer.gossip.maxPropagationBurstLatency: time a message waits for a burst. */
  readonly maxPropagationBurstLatencyMs: Millis;
  /** peer.gossip.dialTimeout: TCP and TLS set-up of an outbound connection. */
  readonly dialTimeoutMs: Millis;
  /** peer.gossip.connTimeout: Ping, and the wait for the other's ConnEstablish. */
  readonly connTimeoutMs: Millis;
  /** peer.gossip.sendBuffSize: messages queued for one connection. */
  readonly sendBuffSize: number;
}

/** Where a peer is to be found, and whom it calls first. */
export interface GossipSettings extends GossipTiming {
  /** peer.gossip.endpoint, else peer.address: host:port told to own-org peers. */
  readonly internalEndpoint: string;
  /** peer.gossip.externalEndpoint: host:port told to everybody; empty: the peer is hidden from other organisations. */
  readonly externalEndpoint: string;
  /** peer.gossip.bootstrap: host:port of own-org peers. */
  readonly bootstrap: readonly string[];
}

/** Fabric's own values (sample core.yaml of 2.5.16 and 3.1.5). */
export const defaultGossipTiming: GossipTiming = {
  ...defaultChannelSettings,
  aliveTimeIntervalMs: 5_000,
  aliveExpirationTimeoutMs: 25_000,
  reconnectIntervalMs: 25_000,
  maxConnectionAttempts: 120,
  msgExpirationFactor: 20,
  publishCertPeriodMs: 10_000,
  pullIntervalMs: 4_000,
  pullPeerNum: 3,
  digestWaitTimeMs: 1_000,
  requestWaitTimeMs: 1_500,
  responseWaitTimeMs: 2_000,
  propagateIterations: 1,
  propagatePeerNum: 3,
  maxPropagationBurstSize: 10,
  maxPropagationBurstLatencyMs: 10,
  dialTimeoutMs: 3_000,
  connTimeoutMs: 2_000,
  sendBuffSize: 200,
};

/** Numbers that Fabric hard-codes (specification, section 23.3). */
export const fixedTiming = {
  /** The stream of a deep probe ends by itself after this (CONN-13). */
  deepProbeDeadlineMs: 10_000,
  /** Wait for the response to a join request (MEMB-13). */
  membershipResponseWaitMs: 5_000,
  /** An identity not used for so long is purged (ID-09) … */
  identityUsageThresholdMs: 3_600_000,
  /** … which is checked so often. */
  identityUsageCheckMs: 360_000,
  /** Expiry checks per alive expiration timeout (DEAD-01). */
  expiryChecksPerTimeout: 10,
  /** Expiry checks per lifetime of a stored message (STORE-03). */
  sweepsPerLifetime: 100,
  /** Lifetime of a relayed state info, in publishStateInfoIntervals (STORE-03). */
  stateInfoLifetimeFactor: 100,
} as const;
