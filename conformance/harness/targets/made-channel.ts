import { fillerTransaction } from '../../../src/fabric/broadcast';
import type { Creator } from '../../../src/fabric/envelope';
import type { Clock } from '../../../src/ports/clock';
import { blockHash, signedBlock, type BlockSigner } from '../../steps/signed-block';
import type { BlockChange, OwnChannel } from '../target';
import { removal } from './removal';

export interface MadeChannelOptions {
  readonly name: string;
  /** The channel's first block. */
  readonly firstBlock: Uint8Array;
  /** Whose signatures the channel's configuration asks of blocks: all of these. */
  readonly orderers: readonly [BlockSigner, ...BlockSigner[]];
  /** Who is said to have sent the transactions. */
  readonly client: Creator;
  /** Who may change the channel's configuration, together. */
  readonly administrators: readonly [Creator, ...Creator[]];
  readonly clock: Clock;
}

/** A channel whose blocks are made here as they are asked for, and would be committed in their order. */
export class MadeChannel implements OwnChannel {
  readonly name: string;
  readonly #options: MadeChannelOptions;
  readonly #blocks: Uint8Array[];

  constructor(options: MadeChannelOptions) {
    this.name = options.name;
    this.#options = options;
    this.#blocks = [options.firstBlock];
  }

  block(number: bigint): Uint8Array {
    while (BigInt(this.#blocks.length) <= number) {
      this.#blocks.push(this.#make(BigInt(this.#blocks.length), {}));
    }
    const block = this.#blocks[Number(number)];
    if (block === undefined) throw new RangeError(`no block ${number}`);
    return block;
  }

  wrongBlock(number: bigint, change: BlockChange): Uint8Array {
    this.block(number);
    return this.#make(number, change);
  }

  removal(mspId: string): Uint8Array {
    const { administrators, clock, firstBlock, orderers } = this.#options;
    const [orderer] = orderers;
    const wallNanos = clock.wallNanos();
    const request = { channel: this.name, firstBlock, mspId, administrators, orderer, wallNanos };
    const transaction = removal(request).serializeBinary();
    const block = this.#around(BigInt(this.#blocks.length), transaction, orderers);
    this.#blocks.push(block);
    return block;
  }

  #make(number: bigint, { channel = this.name, damage, signer, isShort = false }: BlockChange): Uint8Array {
    const { client, clock, orderers } = this.#options;
    const signers = signer === undefined ? orderers.slice(isShort ? 1 : 0) : [signer];
    const transaction = fillerTransaction(channel, client, clock.wallNanos()).serializeBinary();
    return this.#around(number, damage?.(transaction) ?? transaction, signers);
  }

  #around(number: bigint, transaction: Uint8Array, signers: readonly BlockSigner[]): Uint8Array {
    const previous = this.#blocks[Number(number) - 1];
    return signedBlock({
      number: Number(number),
      previousHash: previous === undefined ? new Uint8Array() : blockHash(previous),
      transactions: [transaction],
      signers,
    }).serializeBinary();
  }
}
