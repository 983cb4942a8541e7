import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Ledger } from '../ports/ledger';

/** Bytes of the length before each block: a uint32, big-endian. */
const LENGTH_BYTES = 4;

/** Where a block lies in the file, in bytes. */
interface Place {
  readonly at: number;
  readonly length: number;
}

/** The file holds another chain than the one it was opened for. */
export class ForeignLedgerError extends Error {
  readonly code = 'foreign-ledger';

  constructor(path: string) {
    super(`${path} holds another chain: its first block is not that of the channel; name another file`);
    this.name = 'ForeignLedgerError';
  }
}

/**
 * A ledger in a file that is only appended to, for a peer that keeps its chain over a restart; one process at a time. Each
 * block is preceded by its length. What a crash left unfinished at the end is cut off when the file is opened: gossip
 * brings it again. A channel is joined again with the last configuration block in it.
 */
export class FileLedger implements Ledger, Disposable {
  readonly #file: number;
  readonly #places: Place[] = [];
  #end = 0;

  /**
   * Opens the file, or makes one that begins with `genesis`. Throws a {@link ForeignLedgerError}, or what the file system
   * throws, as the other methods do.
   */
  constructor(path: string, genesis: Uint8Array) {
    this.#file = openSync(path, 'a+');
    try {
      this.#index();
      const first = this.blockAt(0n);
      if (first === undefined) this.append(genesis);
      else if (Buffer.compare(first, genesis) !== 0) throw new ForeignLedgerError(path);
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  height(): bigint {
    return BigInt(this.#places.length);
  }

  blockAt(number: bigint): Uint8Array | undefined {
    const place = number < this.height() ? this.#places[Number(number)] : undefined;
    return place && this.#read(place);
  }

  append(block: Uint8Array): void {
    const record = Buffer.alloc(LENGTH_BYTES + block.length);
    record.writeUInt32BE(block.length);
    record.set(block, LENGTH_BYTES);
    try {
      for (let written = 0; written < record.length;) written += writeSync(this.#file, record, written);
    } catch (error) {
      ftruncateSync(this.#file, this.#end); // What follows half a record would never be found again.
      throw error;
    }
    this.#note(block.length);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  /** Finds the blocks that are there, and cuts off what is no whole one. */
  #index(): void {
    const { size } = fstatSync(this.#file);
    while (this.#end + LENGTH_BYTES <= size) {
      const length = this.#read({ at: this.#end, length: LENGTH_BYTES }).readUInt32BE();
      if (this.#end + LENGTH_BYTES + length > size) break;
      this.#note(length);
    }
    if (this.#end < size) ftruncateSync(this.#file, this.#end);
  }

  /** One more block of this length ends the file. */
  #note(length: number): void {
    this.#places.push({ at: this.#end + LENGTH_BYTES, length });
    this.#end += LENGTH_BYTES + length;
  }

  #read({ at, length }: Place): Buffer {
    const bytes = Buffer.alloc(length);
    for (let read = 0; read < length;) {
      const count = readSync(this.#file, bytes, read, length - read, at + read);
      if (count === 0) throw new Error('the file of a ledger has become shorter');
      read += count;
    }
    return bytes;
  }
}
