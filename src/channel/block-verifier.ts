/**
 * Judges blocks by the configuration of their channel.
 *
 *     decodes, with header, data and metadata      malformed
 *     the number that the message says             wrong-number
 *     the channel                                  wrong-channel
 *     transactions well formed                     malformed
 *     the data's hash is the header's              wrong-hash
 *     signed as the block validation policy asks   not-signed
 *
 * Source: internal/peer/gossip/mcs.go, `VerifyBlock`; protoutil/blockutils.go,
 * `VerifyTransactionsAreWellFormed`, `BlockSignatureVerifier`.
 */
import { common } from '@hyperledger/fabric-protos';
import type { PeerIdentity } from '../ports/identity';
import type { BlockRefusal, BlockVerdict, BlockVerifier } from '../ports/ledger';
import { blockNumber, configTransaction, dataHash, headerBytes, openTransaction } from './block';
import type { ChannelConfig } from './channel-config';
import { BEFORE_ANY_EXPIRY_MS } from './principals';

/** A block opened as far as it is judged. */
interface OpenBlock {
  readonly header: common.BlockHeader;
  readonly number: bigint | undefined;
  readonly transactions: readonly Uint8Array[];
  readonly channel: string;
  readonly isConfig: boolean;
  readonly signatures: common.Metadata;
}

/** Who is said to have signed a block. */
interface Signatory {
  /** Serialized; undefined where nobody is named. */
  readonly creator: Uint8Array | undefined;
  /** What names it, as it is signed. */
  readonly signerHeader: Uint8Array;
}

const refused = (reason: BlockRefusal, detail: string): BlockVerdict => ({ ok: false, reason, detail });

export class ChannelBlockVerifier implements BlockVerifier {
  #config: ChannelConfig;

  constructor(config: ChannelConfig) {
    this.#config = config;
  }

  /** Judges by a later configuration from now on. */
  configure(config: ChannelConfig): void {
    this.#config = config;
  }

  verify(bytes: Uint8Array, number: bigint): BlockVerdict {
    const block = opened(bytes);
    if (typeof block === 'string') return refused('malformed', block);
    if (block.number !== number) return refused('wrong-number', `${block.number ?? 'beyond 2^53'}`);
    if (block.channel !== this.#config.channel) return refused('wrong-channel', block.channel);
    const fault = block.isConfig ? undefined : formFault(block.transactions);
    if (fault !== undefined) return refused('malformed', fault);
    if (!Buffer.from(dataHash(block.transactions)).equals(block.header.getDataHash_asU8())) {
      return refused('wrong-hash', 'the hash of the data is not that in the header');
    }
    const signers = this.#signers(number, block);
    return this.#config.blockValidation(signers)
      ? { ok: true }
      : refused('not-signed', `${signers.length} valid signatures do not satisfy the policy`);
  }

  /** Those who have signed the block, each once, and whose signature holds. */
  #signers(number: bigint, { header, signatures }: OpenBlock): PeerIdentity[] {
    const signers = new Map<string, PeerIdentity>();
    const signedHeader = headerBytes(number, header);
    for (const each of signatures.getSignaturesList()) {
      const { creator, signerHeader } = this.#signerOf(each);
      const verdict = creator && this.#config.members.validate(creator, BEFORE_ANY_EXPIRY_MS);
      if (verdict?.ok !== true) continue;
      const { identity } = verdict;
      const key = Buffer.from(identity.pkiId).toString('hex');
      if (signers.has(key)) continue;
      const signed = Buffer.concat([signatures.getValue_asU8(), signerHeader, signedHeader]);
      if (identity.verify(signed, each.getSignature_asU8())) signers.set(key, identity);
    }
    return [...signers.values()];
  }

  /** Who is said to have signed, and in which bytes: in full, or as a consenter by its number (BLOCK-15). */
  #signerOf(signature: common.MetadataSignature): Signatory {
    const signatureHeader = signature.getSignatureHeader_asU8();
    const identifierHeader = signature.getIdentifierHeader_asU8();
    const { consenters } = this.#config;
    if (consenters.size === 0 || signatureHeader.length > 0 || identifierHeader.length === 0) {
      return { creator: creatorOf(signatureHeader), signerHeader: signatureHeader };
    }
    const identifier = identifierOf(identifierHeader);
    const creator = identifier === undefined ? undefined : consenters.get(identifier);
    return { creator, signerHeader: identifierHeader };
  }
}

/** The block opened, or what is wrong with its form. */
function opened(bytes: Uint8Array): OpenBlock | string {
  try {
    const block = common.Block.deserializeBinary(bytes);
    const header = block.getHeader();
    if (header === undefined) return 'no header';
    const transactions = block.getData()?.getDataList_asU8() ?? [];
    const [first] = transactions;
    if (first === undefined) return 'no transaction';
    const slot = block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.SIGNATURES];
    if (slot === undefined) return 'no metadata';
    return {
      header,
      number: blockNumber(header),
      transactions,
      channel: openTransaction(first).channel,
      isConfig: configTransaction(transactions) !== undefined,
      signatures: common.Metadata.deserializeBinary(slot),
    };
  } catch (error) {
    return faultText(error);
  }
}

const creatorOf = (signatureHeader: Uint8Array): Uint8Array | undefined =>
  decoded(() => common.SignatureHeader.deserializeBinary(signatureHeader))?.getCreator_asU8();

const identifierOf = (identifierHeader: Uint8Array): number | undefined =>
  decoded(() => common.IdentifierHeader.deserializeBinary(identifierHeader))?.getIdentifier();

/**
 * What is wrong with the form of a transaction: each is an envelope with payload and signature, and nothing besides.
 * Deviation: Fabric takes unknown fields at an envelope's end; fabric-protos does not tell of them.
 */
function formFault(transactions: readonly Uint8Array[]): string | undefined {
  for (const [index, bytes] of transactions.entries()) {
    const envelope = envelopeOf(bytes);
    if (envelope === undefined) return `transaction ${index} is no envelope`;
    if (envelope.getPayload_asU8().length === 0) return `transaction ${index} has no payload`;
    if (envelope.getSignature_asU8().length === 0) return `transaction ${index} has no signature`;
    if (!Buffer.from(envelope.serializeBinary()).equals(bytes)) {
      return `transaction ${index} is not encoded as it should be`;
    }
  }
  return undefined;
}

const envelopeOf = (bytes: Uint8Array): common.Envelope | undefined =>
  decoded(() => common.Envelope.deserializeBinary(bytes));

/** What was decoded; undefined for bytes that are no such message. */
function decoded<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** What a decoder complains of. google-protobuf throws plain errors. */
const faultText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
