import type { IssuedIdentity, MspConfig } from '../../../src/identity';
import type { GossipPeerOptions, GossipSettings, PeerNetwork } from '../../../src/node';

/** How the embedded peer under test differs from an honest one. */
export interface Deviation {
  /** Overrides options of the peer: its rules, its tampering, its settings. */
  readonly peer?: (honest: GossipPeerOptions) => Partial<GossipPeerOptions>;
  /** Overrides how it listens and dials. */
  readonly network?: (honest: PeerNetwork) => Partial<PeerNetwork>;
  /** Whether it tells other organisations of itself; true by default. */
  readonly externalEndpoint?: boolean;
}

/** What a peer is started with. */
export interface Part {
  readonly papers: IssuedIdentity;
  readonly deviation?: Deviation;
  readonly listenAddress: string;
  /** The configuration of its MSP; its organisation's own by default. */
  readonly msp?: MspConfig;
  readonly grpc?: PeerNetwork['grpc'];
  /** Beyond the network's timers; is given the address bound. */
  readonly settings: (address: string) => Partial<GossipSettings>;
}
