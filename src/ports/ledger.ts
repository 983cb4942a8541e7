/**
 * A channel's chain of blocks, as gossip sees it. Numbers are uint64, so bigint. What a method throws is a failure of
 * the ledger, never a remote's fault: gossip reports it and tries again with the next block.
 */
export interface Ledger {
  /** How many blocks there are: the number of the last one plus one. */
  height(): bigint;
  /** The serialized `common.Block` of this number, as it was committed; undefined where there is none. */
  blockAt(number: bigint): Uint8Array | undefined;
  /** Commits the block whose number is `height()`, a serialized `common.Block` that the verifier has accepted. */
  append(block: Uint8Array): void;
}

/** Why a block was refused; stable codes (BLOCK-04). */
export type BlockRefusal =
  | 'malformed' // no common.Block, or no header, data or metadata in it, or a transaction that is none
  | 'wrong-number' // its header has another number than the message says
  | 'wrong-channel' // it is a block of another channel
  | 'wrong-hash' // its header does not match its data
  | 'not-signed'; // the block validation policy is not met

export type BlockVerdict =
  { readonly ok: true } | { readonly ok: false; readonly reason: BlockRefusal; readonly detail: string };

/** Decides which blocks are a channel's own. */
export interface BlockVerifier {
  /** Judges a serialized `common.Block` that is said to have this number. */
  verify(block: Uint8Array, number: bigint): BlockVerdict;
}
