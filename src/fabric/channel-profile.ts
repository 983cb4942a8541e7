import type { MspConfig } from '../identity';
import type { PrincipalRole } from './policies';

/** A host (name or address) and a port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** What the members of a channel have to understand; each part of the configuration has its own. */
export interface ChannelCapabilities {
  /** V3_0 for channels that no 2.x node joins. */
  readonly channel: 'V2_0' | 'V3_0';
  readonly orderer: 'V2_0';
  readonly application: 'V2_0' | 'V2_5';
}

/** An organisation whose peers are on the channel. */
export interface ApplicationOrganisation {
  readonly msp: MspConfig;
  readonly anchorPeers: readonly HostPort[];
  /** Who of it may read the channel; every member where left out. */
  readonly readers?: readonly PrincipalRole[];
}

/** As in Fabric's samples: not all members, who may be orderers too. */
export const usualReaders: readonly PrincipalRole[] = ['ADMIN', 'PEER', 'CLIENT'];

/** An organisation that runs orderers. */
export interface OrdererOrganisation {
  readonly msp: MspConfig;
  /** Where peers and clients reach its orderers. */
  readonly endpoints: readonly HostPort[];
}

/** An orderer among those that agree. */
export interface Consenter extends HostPort {
  readonly clientTlsCertificatePem: string;
  readonly serverTlsCertificatePem: string;
}

/** An orderer among those that agree by BFT. */
export interface BftConsenter extends Consenter {
  /** With which it signs blocks. */
  readonly id: number;
  /** A serialized `msp.SerializedIdentity`. */
  readonly identity: Uint8Array;
}

export interface BatchSettings {
  readonly maxMessageCount: number;
  readonly absoluteMaxBytes: number;
  readonly preferredMaxBytes: number;
  readonly timeoutMs: number;
}

/** The clock of etcdraft; an election takes `electionTick` ticks or more. */
export interface RaftSettings {
  readonly tickIntervalMs: number;
  readonly electionTick: number;
  readonly heartbeatTick: number;
  readonly maxInflightBlocks: number;
  readonly snapshotIntervalBytes: number;
}

/** All that the configuration of a channel is made of. */
export interface ChannelProfile {
  readonly name: string;
  readonly capabilities: ChannelCapabilities;
  readonly applicationOrganisations: readonly ApplicationOrganisation[];
  readonly ordererOrganisations: readonly OrdererOrganisation[];
  readonly consenters: readonly Consenter[];
  /** Those that agree by BFT, in place of etcdraft and `consenters`; on channels of capability V3_0 alone. */
  readonly bft?: readonly BftConsenter[];
  readonly batch: BatchSettings;
  readonly raft: RaftSettings;
}

const MEBIBYTE = 1024 * 1024;

/** One transaction a block, so that a block is there as soon as it is asked for. */
export const defaultBatch: BatchSettings = {
  maxMessageCount: 1,
  absoluteMaxBytes: 10 * MEBIBYTE,
  preferredMaxBytes: 2 * MEBIBYTE,
  timeoutMs: 200,
};

/** A single orderer elects itself within half a second. */
export const defaultRaft: RaftSettings = {
  tickIntervalMs: 50,
  electionTick: 10,
  heartbeatTick: 1,
  maxInflightBlocks: 5,
  snapshotIntervalBytes: 16 * MEBIBYTE,
};
