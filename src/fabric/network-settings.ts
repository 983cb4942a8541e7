import type { CoreOverrides } from './core-overrides';
import type { GossipTimers } from './gossip-profile';

/** What a test network is like, wherever its nodes run. */
export interface NetworkSettings {
  readonly channel: string;
  readonly tls: boolean;
  readonly timers: GossipTimers;
  readonly organisations: number;
  readonly peersPerOrganisation: number;
  /** Blocks on the channel besides the first. */
  readonly blocks: number;
  /** `peer.deliveryclient.blockGossipEnabled`, which 2.5 has on by default and 3.1 off. */
  readonly blockGossip: boolean;
  /** `peer.gossip.state.enabled`. */
  readonly stateTransfer: boolean;
  /** Off, every peer fetches blocks from the orderer itself. */
  readonly leaderElection: boolean;
  /** `peer.gossip.propagatePeerNum` and `pullPeerNum`: with many testers among the members, 3 would starve most. */
  readonly attention: number;
  /**
   * FABRIC_LOGGING_SPEC of the peers, such as info or info:gossip=debug. gRPC tells forty lines of each dial that fails, and
   * members whom nobody can dial are dialled all the time.
   */
  readonly peerLogging: string;
  /** What the core.yaml of the peer of this name, such as org1.peer0, has otherwise. */
  readonly overridesOf?: ((peer: string) => CoreOverrides) | undefined;
}

/** All but the timers: two organisations of two peers. */
export const defaultSettings: Omit<NetworkSettings, 'timers'> = {
  channel: 'gossip',
  tls: true,
  organisations: 2,
  peersPerOrganisation: 2,
  blocks: 3,
  blockGossip: true,
  stateTransfer: true,
  leaderElection: true,
  attention: 64,
  peerLogging: 'info:grpc=error',
};
