/**
 * What a decoder accepts at most. Fabric's own decoder (protobuf-go) has the first limit and the last; the others
 * keep a message of many tiny parts from becoming a huge heap: measured, each byte of it takes up to 35 bytes in
 * elements and 80 in unknown fields. All are far above what a network sends.
 */
export interface DecodeLimits {
  /** Bytes of one serialized message. */
  readonly maxMessageBytes: number;
  /** Elements of all repeated fields of one message, nested ones included. */
  readonly maxElements: number;
  /** Unknown fields of one message, nested ones included. */
  readonly maxUnknownFields: number;
  /** Groups within groups. Sub-messages need no limit: the wire table, which has no cycle, bounds their depth. */
  readonly maxGroupDepth: number;
}

/** `peer.maxRecvMsgSize` of the sample core.yaml: 100 MiB (RPC-04). */
const MAX_MESSAGE_BYTES = 104_857_600;

/**
 * A snapshot or membership response has one per peer, a private data response one per collection and transaction:
 * thousands. This many envelopes of one byte a field take 130 MB.
 */
export const MAX_ELEMENTS = 250_000;

/** A newer Fabric may add a few to each message, so a list of thousands may have tens of thousands. They take 16 MB. */
export const MAX_UNKNOWN_FIELDS = 100_000;

/** protobuf-go's `protowire.DefaultRecursionLimit`. No gossip message has a group; they only occur as unknown fields. */
export const MAX_GROUP_DEPTH = 10_000;

export const DEFAULT_LIMITS: DecodeLimits = {
  maxMessageBytes: MAX_MESSAGE_BYTES,
  maxElements: MAX_ELEMENTS,
  maxUnknownFields: MAX_UNKNOWN_FIELDS,
  maxGroupDepth: MAX_GROUP_DEPTH,
};

/**
 * Envelopes within envelopes that the JSON form opens. Fabric nests one in another (an alive message in a
 * membership response), never deeper; a hostile payload can nest as many as it has bytes.
 */
export const MAX_ENVELOPE_DEPTH = 8;
