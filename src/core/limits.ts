/**
 * What a peer is willing to remember. Fabric has no such limits; these are far above what an honest network of
 * ten thousand peers needs, so that only a hostile one meets them.
 */

/** Members, alive and dead together; an alive message of one more is rejected. */
export const MAX_MEMBERS = 20_000;

/** Identities, of members or not: every valid certificate costs its owner an enrolment. */
export const MAX_IDENTITIES = 40_000;

/** Inbound streams that have not authenticated yet; one more is ended at once. */
export const MAX_HANDSHAKING_STREAMS = 1024;

/** Nonces of Hellos that may still be followed by a request, per pull engine; the oldest gives way. */
export const MAX_INCOMING_NONCES = 4096;

/** Identities that one pull round may ask for, all advertisers together: 40,000 digests of 32 bytes are 1.3 MB. */
export const MAX_IDENTITIES_PER_ROUND = 40_000;

/** Blocks that one pull round may ask for; a Fabric peer offers eleven. */
export const MAX_BLOCKS_PER_ROUND = 1000;

/** Bytes of one block digest: a decimal uint64, leading zeros allowed. */
export const MAX_BLOCK_DIGEST_BYTES = 64;

/** Items held for others to pull, per engine. */
export const MAX_HELD_ITEMS = 40_000;

/** Messages that wait for the next burst; beyond, the oldest is dropped. */
export const MAX_BURST_BACKLOG = 10_000;

/** Longest delay before an outbound connection is tried again after two peers' dials crossed (LIFE-04). */
export const CROSSING_JITTER_MS = 200;

/** A connection lost this soon after crossing dials was lost because of them. */
export const CROSSING_WINDOW_MS = 1000;

/** Bytes of the blocks in one state response: a message without room for them all carries those that it has room for. */
export const MAX_STATE_RESPONSE_BYTES = 100_000_000;

/** Bytes of one state info that is kept: that of a peer with thousands of chaincodes. */
export const MAX_STATE_INFO_BYTES = 262_144;
