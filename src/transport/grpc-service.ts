import type { MethodDefinition } from '@grpc/grpc-js';

/** `/gossip.Gossip/Ping`, unary: Empty to Empty (RPC-01). */
export const PING_PATH = '/gossip.Gossip/Ping';

/** `/gossip.Gossip/GossipStream`: a stream of Envelopes each way (RPC-01). */
export const GOSSIP_STREAM_PATH = '/gossip.Gossip/GossipStream';

/** gossip.Empty on the wire. */
export const EMPTY = Buffer.alloc(0);

/** Messages travel as the bytes they are: `wire` alone reads them. */
export function asIs(bytes: Buffer): Buffer {
  return bytes;
}

type RawMethod = MethodDefinition<Buffer, Buffer>;

const raw = {
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
};

export const PING: RawMethod = { path: PING_PATH, requestStream: false, responseStream: false, ...raw };

export const GOSSIP_STREAM: RawMethod = {
  path: GOSSIP_STREAM_PATH,
  requestStream: true,
  responseStream: true,
  ...raw,
};

/** The same bytes as grpc-js wants them. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The same bytes without Buffer's own `slice`, which aliases. */
export function toBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
