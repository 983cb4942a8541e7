import { fillerTransaction } from '../../../src/fabric/broadcast';
import type { Creator } from '../../../src/fabric/envelope';
import type { Clock } from '../../../src/ports/clock';
import { blockHash, signedBlock } from '../../steps/signed-block';
import type { BlockChange, OwnChannel } from '../target';

export interface MadeChannelOptions {
  readonly name: string;
  /** The channel's first block. */
  readonly firstBlock: Uint8Array;
  /** Whose signature the channel's configuration asks of blocks. */
  readonly orderer: Creator;
  /** Who is said to have sent the transactions. */
  readonly client: Creator;
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

  #make(number: bigint, { channel = this.name, damage, signer }: BlockChange): Uint8Array {
    const { client, clock, orderer } = this.#options;
    const previous = this.#blocks[Number(number) - 1];
    const transaction = fillerTransaction(channel, client, clock.wallNanos()).serializeBinary();
    return signedBlock({
      number: Number(number),
      previousHash: previous === undefined ? new Uint8Array() : blockHash(previous),
      transactions: [damage?.(transaction) ?? transaction],
      signers: [signer ?? orderer],
    }).serializeBinary();
  }
}
