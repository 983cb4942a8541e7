/** Private data on its way: what endorsers push, and what committers ask for. */
import type { PeerIdentity } from './identity';

/** The private write set of one collection in one transaction, as an endorser pushes it. */
export interface PrivateWrite {
  readonly collectionName: string;
  readonly namespace: string;
  readonly txId: string;
  /** A serialized `rwset.KVRWSet`; never empty. */
  readonly privateRwset: Uint8Array;
  /** Height of the endorser's ledger when it simulated the transaction. */
  readonly privateSimHeight: bigint;
  /** A serialized `protos.CollectionConfigPackage` with that one collection. */
  readonly collectionConfigs: Uint8Array;
}

/** Names the private write set of one collection in one transaction. */
export interface PrivateDigest {
  readonly txId: string;
  readonly namespace: string;
  readonly collection: string;
  readonly blockSeq: bigint;
  readonly seqInBlock: bigint;
}

export interface PrivateDataStore {
  /** Keeps a write set until its transaction is committed. Undefined: kept; otherwise why not, which the sender is told. */
  keep(write: PrivateWrite): string | undefined;
  /** The serialized write sets of a digest, if `requester` may read them by the collection's policy; else none. */
  find(digest: PrivateDigest, requester: PeerIdentity): readonly Uint8Array[];
}
