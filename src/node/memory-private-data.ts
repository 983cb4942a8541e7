import type { PrivateDataStore, PrivateWrite } from '../ports/private-data';

/** Far more than wait for their commit at any time. */
const MAX_WRITES = 1000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Keeps private write sets in memory, so that endorsers may count on this peer; the oldest give way. It gives them to
 * nobody: it knows no collection's policy.
 */
export class MemoryPrivateData implements PrivateDataStore {
  readonly #writes: PrivateWrite[] = [];
  #bytes = 0;

  keep(write: PrivateWrite): string | undefined {
    const bytes = bytesOf(write);
    if (bytes > MAX_BYTES) {
      return 'too large to be kept';
    }
    this.#writes.push(write);
    this.#bytes += bytes;
    while (this.#writes.length > MAX_WRITES || this.#bytes > MAX_BYTES) {
      const oldest = this.#writes.shift();
      this.#bytes -= oldest === undefined ? 0 : bytesOf(oldest);
    }
    return undefined;
  }

  find(): readonly Uint8Array[] {
    return [];
  }

  /** What is kept for a transaction. */
  of(txId: string): PrivateWrite[] {
    return this.#writes.filter((write) => write.txId === txId);
  }
}

const bytesOf = ({ collectionConfigs, privateRwset }: PrivateWrite): number =>
  collectionConfigs.length + privateRwset.length;
