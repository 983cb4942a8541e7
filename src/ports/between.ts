/** What stands between the peers of a network: to each peer the others, to nobody itself. */

/** A TLS certificate with its chain and its key, PEM. */
export interface FrontCertificate {
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
  /** DER of the certificate. */
  readonly leafDer: Uint8Array;
}

/** A peer that others are to reach by way of something else. */
export interface FrontedPeer {
  /** Such as org1.peer0. */
  readonly name: string;
  readonly mspId: string;
  readonly pkiId: Uint8Array;
  /** Its serialized identity. */
  readonly identity: Uint8Array;
  /** host:port that it advertises, where others dial. */
  readonly front: string;
  /** host:port where it listens; asked for with each connection, since a peer may come back elsewhere. */
  readonly service: () => string;
  /** Undefined: plaintext. */
  readonly tls:
    | {
        /** What it shows as a server. */
        readonly server: FrontCertificate;
        /** What it shows as a client. */
        readonly client: FrontCertificate;
      }
    | undefined;
}

/** Whoever stands between. What cuts do is undone when they are disposed of. */
export interface BetweenPeers {
  /**
   * Listens in front of a peer, from before it starts. Resolves to host:port really bound; rejects where the address
   * cannot be had.
   */
  add(peer: FrontedPeer): Promise<string>;
  /** Keeps peers of different groups apart; peers of no group keep talking to all. */
  partition(groups: readonly (readonly string[])[]): Promise<AsyncDisposable>;
  /** Keeps a peer apart from all the others. */
  disconnect(name: string): Promise<AsyncDisposable>;
}
