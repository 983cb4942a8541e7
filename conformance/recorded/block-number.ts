import { decode, WireError } from '../../src/wire';
import { message, one, uint64 } from '../../src/wire/schema';

/** What is needed of common.Block. */
const BlockHeader = message('BlockHeader', { number: uint64(1) });
const Block = message('Block', { header: one(1, BlockHeader) });

/** The number that a serialized block tells; undefined for what is none. */
export function blockNumberOf(data: Uint8Array): bigint | undefined {
  try {
    return decode(Block, data).header?.number;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}
