/**
 * Blocks as gossip has to look at them: header, channel, transactions, signatures.
 * Source: protoutil/blockutils.go.
 */
import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { DerTag, encodeElement } from '../identity/der';

/** The number of a block's header; undefined for one beyond 2^53, which fabric-protos cannot tell. */
export function blockNumber(header: common.BlockHeader): bigint | undefined {
  const number = header.getNumber();
  return Number.isSafeInteger(number) && number >= 0 ? BigInt(number) : undefined;
}

/** What is hashed and signed of a header: ASN.1 DER of number, previous hash and data hash. Source: `BlockHeaderBytes`. */
export function headerBytes(number: bigint, header: common.BlockHeader): Uint8Array {
  return encodeElement(
    DerTag.SEQUENCE,
    encodeElement(DerTag.INTEGER, integerContent(number)),
    encodeElement(DerTag.OCTET_STRING, header.getPreviousHash_asU8()),
    encodeElement(DerTag.OCTET_STRING, header.getDataHash_asU8()),
  );
}

/** Two's complement, as short as can be. */
function integerContent(number: bigint): Uint8Array {
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), bytes]) : bytes;
}

/** SHA-256 over all transactions, one after another. Source: `BlockDataHash`. */
export function dataHash(transactions: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const transaction of transactions) hash.update(transaction);
  return hash.digest();
}

/** A transaction's envelope opened. */
export interface Transaction {
  readonly type: number;
  readonly channel: string;
  /** The payload's data. */
  readonly data: Uint8Array;
}

/** Opens a transaction; throws what google-protobuf throws, or TypeError where there is no header. */
export function openTransaction(envelope: Uint8Array): Transaction {
  const payload = common.Payload.deserializeBinary(
    common.Envelope.deserializeBinary(envelope).getPayload_asU8(),
  );
  const header = payload.getHeader();
  if (header === undefined) throw new TypeError('a transaction without header');
  const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  return {
    type: channelHeader.getType(),
    channel: channelHeader.getChannelId(),
    data: payload.getData_asU8(),
  };
}

/** The configuration that a block carries as its only transaction; undefined where it is no configuration block. */
export function configTransaction(transactions: readonly Uint8Array[]): Transaction | undefined {
  const [first, ...more] = transactions;
  const opened = first === undefined || more.length > 0 ? undefined : openTransaction(first);
  return opened?.type === common.HeaderType.CONFIG ? opened : undefined;
}
