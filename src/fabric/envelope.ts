import { createHash, randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { Signer } from '../ports/identity';

/** Who signs: an identity as it is serialized, and its key. */
export interface Creator extends Signer {
  readonly serialized: Uint8Array;
}

export type HeaderTypeName = keyof common.HeaderTypeMap;

export interface HeaderRequest {
  readonly type: HeaderTypeName;
  readonly channel: string;
  /** Wall time in nanoseconds since the Unix epoch. */
  readonly wallNanos: bigint;
  /** Left out, nobody: as in a genesis block. */
  readonly creator?: Creator;
  readonly extension?: Uint8Array;
  /** Fabric's tools put 1 into what they make; what applications make has 0. */
  readonly version?: number;
}

const NONCE_BYTES = 24;
const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * A header with a nonce of its own; the transaction's id is the hash of nonce and creator.
 * Source: protoutil/proputils.go, `ComputeTxID`.
 */
export function makeHeader(request: HeaderRequest): common.Header {
  const { type, channel, wallNanos, creator, extension, version = 0 } = request;
  const nonce = randomBytes(NONCE_BYTES);
  const serialized = creator?.serialized ?? new Uint8Array();
  const timestamp = new Timestamp();
  timestamp.setSeconds(Number(wallNanos / NANOS_PER_SECOND));
  timestamp.setNanos(Number(wallNanos % NANOS_PER_SECOND));

  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType[type]);
  channelHeader.setVersion(version);
  channelHeader.setChannelId(channel);
  channelHeader.setTimestamp(timestamp);
  channelHeader.setTxId(createHash('sha256').update(nonce).update(serialized).digest('hex'));
  if (extension !== undefined) channelHeader.setExtension$(extension);

  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(serialized);
  signatureHeader.setNonce(nonce);

  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  return header;
}

/** An envelope around `data`; signed if `signer` is given. */
export function makeEnvelope(header: common.Header, data: Uint8Array, signer?: Signer): common.Envelope {
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data);
  const bytes = payload.serializeBinary();
  const envelope = new common.Envelope();
  envelope.setPayload(bytes);
  if (signer !== undefined) envelope.setSignature(signer.sign(bytes));
  return envelope;
}
