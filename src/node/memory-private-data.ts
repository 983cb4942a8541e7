import type { MayReadCollection } from '../channel';
import type { PeerIdentity } from '../ports/identity';
import type { PrivateDataStore, PrivateDigest, PrivateWrite } from '../ports/private-data';

/** Far more than wait for their commit at any time. */
const MAX_WRITES = 1000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Keeps private write sets in memory, so that endorsers may count on this peer; the oldest give way. */
export class MemoryPrivateData implements PrivateDataStore {
  readonly #mayRead: MayReadCollection;
  readonly #writes: PrivateWrite[] = [];
  #bytes = 0;

  /** `mayRead`: to whom write sets are given, by the policy that came with them (PVT-07); to nobody where left out. */
  constructor(mayRead: MayReadCollection = () => false) {
    this.#mayRead = mayRead;
  }

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

  find({ collection, namespace, txId }: PrivateDigest, requester: PeerIdentity): readonly Uint8Array[] {
    if (txId === '') return [];
    return this.of(txId)
      .filter(
        (write) =>
          write.collectionName === collection &&
          write.namespace === namespace &&
          this.#mayRead(write.collectionConfigs, collection, requester),
      )
      .map(({ privateRwset }) => privateRwset);
  }

  /** What is kept for a transaction. */
  of(txId: string): PrivateWrite[] {
    return this.#writes.filter((write) => write.txId === txId);
  }
}

const bytesOf = ({ collectionConfigs, privateRwset }: PrivateWrite): number =>
  collectionConfigs.length + privateRwset.length;
