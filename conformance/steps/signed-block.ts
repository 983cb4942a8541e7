import { createHash, randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { dataHash, headerBytes } from '../../src/channel/block';
import type { Signer } from '../../src/ports/identity';

/** Who signs a block: an identity as it is serialized, and its key. */
export interface BlockSigner extends Signer {
  readonly serialized: Uint8Array;
  /** With which it names itself in place of its identity: a consenter of a channel whose orderers agree by BFT. */
  readonly consenterId?: number;
}

export interface BlockRequest {
  readonly number: number;
  readonly previousHash: Uint8Array;
  /** Serialized envelopes. */
  readonly transactions: readonly Uint8Array[];
  readonly signers: readonly BlockSigner[];
}

/** One slot for each entry of `common.BlockMetadataIndex`. */
const METADATA_SLOTS = 5;
const NONCE_BYTES = 24;

/** A block as an orderer makes and signs it. Source: orderer/common/multichannel/blockwriter.go, `addBlockSignature`. */
export function signedBlock({ number, previousHash, transactions, signers }: BlockRequest): common.Block {
  const data = new common.BlockData();
  data.setDataList([...transactions]);
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(previousHash);
  header.setDataHash(dataHash(transactions));

  const ordererMetadata = new common.OrdererBlockMetadata();
  ordererMetadata.setLastConfig(new common.LastConfig());
  const signatures = new common.Metadata();
  signatures.setValue(ordererMetadata.serializeBinary());
  const signedHeader = headerBytes(BigInt(number), header);
  for (const signer of signers) {
    const signature = new common.MetadataSignature();
    const name = naming(signer, signature);
    signature.setSignature(signer.sign(Buffer.concat([signatures.getValue_asU8(), name, signedHeader])));
    signatures.addSignatures(signature);
  }
  const slots = new Array<Uint8Array>(METADATA_SLOTS).fill(new Uint8Array());
  slots[common.BlockMetadataIndex.SIGNATURES] = signatures.serializeBinary();
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList(slots);

  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

/** Writes who signs; the bytes of that, which are signed too. */
function naming({ consenterId, serialized }: BlockSigner, signature: common.MetadataSignature): Uint8Array {
  if (consenterId === undefined) {
    const header = new common.SignatureHeader();
    header.setCreator(serialized);
    header.setNonce(randomBytes(NONCE_BYTES));
    signature.setSignatureHeader(header.serializeBinary());
    return signature.getSignatureHeader_asU8();
  }
  const header = new common.IdentifierHeader();
  header.setIdentifier(consenterId);
  header.setNonce(randomBytes(NONCE_BYTES));
  signature.setIdentifierHeader(header.serializeBinary());
  return signature.getIdentifierHeader_asU8();
}

/** What the next block names as its predecessor's hash. Source: protoutil/blockutils.go, `BlockHeaderHash`. */
export function blockHash(bytes: Uint8Array): Uint8Array {
  const header = common.Block.deserializeBinary(bytes).getHeader();
  if (header === undefined) throw new TypeError('a block without header');
  return createHash('sha256')
    .update(headerBytes(BigInt(header.getNumber()), header))
    .digest();
}
