/**
 * Who may read the private data of a collection: whoever satisfies the policy of its member organisations.
 * Source: core/common/privdata/simplecollection.go, `AccessFilter`.
 */
import { peer } from '@hyperledger/fabric-protos';
import type { PeerIdentity } from '../ports/identity';
import { signaturePolicy } from './policies';
import type { Members } from './principals';

/** Whether an identity may read a collection. */
export type MayReadCollection = (
  /** A serialized `protos.CollectionConfigPackage`. */
  configs: Uint8Array,
  collection: string,
  identity: PeerIdentity,
) => boolean;

/** Judges by the organisations of a channel. What is not understood may be read by nobody. */
export const collectionReaders =
  (members: Members): MayReadCollection =>
  (configs, collection, identity) => {
    const policy = decodedConfigs(configs)
      .map((config) => config.getStaticCollectionConfig())
      .find((config) => config?.getName() === collection)
      ?.getMemberOrgsPolicy()
      ?.getSignaturePolicy();
    return policy !== undefined && signaturePolicy(policy.serializeBinary(), members)([identity]);
  };

function decodedConfigs(bytes: Uint8Array): readonly peer.CollectionConfig[] {
  try {
    return peer.CollectionConfigPackage.deserializeBinary(bytes).getConfigList();
  } catch (error) {
    // google-protobuf throws plain errors for what does not decode.
    if (error instanceof Error) return [];
    throw error;
  }
}
