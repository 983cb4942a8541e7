import type { GossipSettings, Rules, Tamper } from '../core';
import type { Clock } from '../ports/clock';
import type { IdentityValidator, SigningIdentity } from '../ports/identity';
import type { Log } from '../ports/log';
import type { Random } from '../ports/random';
import type { Transport } from '../ports/transport';
import type { GrpcSettings, PeerTls } from '../transport';

/** Where a peer listens, and its TLS. */
export interface PeerNetwork {
  /** `peer.listenAddress`, host:port; port 0 takes a free one. */
  readonly listenAddress: string;
  /** Undefined: plaintext, both ways. */
  readonly tls?: PeerTls | undefined;
  readonly grpc?: Partial<GrpcSettings> | undefined;
}

export interface GossipPeerOptions {
  readonly identity: SigningIdentity;
  readonly validator: IdentityValidator;
  /** Where to listen, or a transport that knows. */
  readonly network: PeerNetwork | Transport;
  /**
   * Fabric's defaults where left out. `internalEndpoint`: the address bound where left out. A function is given that
   * address, for whoever listens on port 0.
   */
  readonly settings?: Partial<GossipSettings> | ((address: string) => Partial<GossipSettings>);
  readonly clock?: Clock;
  readonly random?: Random;
  /** Says nothing where left out. */
  readonly log?: Log;
  /** For a peer that is wrong on purpose. */
  readonly rules?: Rules;
  /** For a peer that is wrong on purpose in what it sends or reads. */
  readonly tamper?: Tamper;
}
