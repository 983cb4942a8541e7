import type { Ledger } from '../ports/ledger';

/** A ledger that is gone when the process is; for trials and tests. */
export class MemoryLedger implements Ledger {
  readonly #blocks: Uint8Array[];

  /** `blocks`: what it begins with, from the genesis block on; serialized `common.Block`s. */
  constructor(blocks: Iterable<Uint8Array>) {
    this.#blocks = [...blocks];
  }

  height(): bigint {
    return BigInt(this.#blocks.length);
  }

  blockAt(number: bigint): Uint8Array | undefined {
    return number < this.height() ? this.#blocks[Number(number)] : undefined;
  }

  append(block: Uint8Array): void {
    this.#blocks.push(block);
  }
}
