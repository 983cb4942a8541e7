/** One peer to be judged. */
export interface PeerUnderTest {
  /** What reports call it. */
  readonly name: string;
  /** host:port to dial. */
  readonly endpoint: string;
  readonly mspId: string;
  readonly pkiId: Uint8Array;
  /** Serialized identity as the peer showed it. */
  readonly identity: Uint8Array;
  /** What it tells as its external endpoint; empty if it has none. */
  readonly externalEndpoint: string;
}
