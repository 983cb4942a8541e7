import { common, peer } from '@hyperledger/fabric-protos';
import { MemoryLedger } from '../../../src/node';
import type { Ledger } from '../../../src/ports/ledger';

/**
 * A ledger that leaves in each block what a committer does, a flag for each transaction (STATE-06), and validates none.
 */
export class CommittedLedger implements Ledger {
  readonly #ledger: MemoryLedger;

  constructor(firstBlock: Uint8Array) {
    this.#ledger = new MemoryLedger([flagged(firstBlock)]);
  }

  height(): bigint {
    return this.#ledger.height();
  }

  blockAt(number: bigint): Uint8Array | undefined {
    return this.#ledger.blockAt(number);
  }

  append(block: Uint8Array): void {
    this.#ledger.append(flagged(block));
  }
}

function flagged(bytes: Uint8Array): Uint8Array {
  const block = common.Block.deserializeBinary(bytes);
  const metadata = block.getMetadata();
  if (metadata === undefined) throw new TypeError('a block without metadata');
  const transactions = block.getData()?.getDataList().length ?? 0;
  const slots = metadata.getMetadataList_asU8();
  slots[common.BlockMetadataIndex.TRANSACTIONS_FILTER] = new Uint8Array(transactions).fill(
    peer.TxValidationCode.NOT_VALIDATED,
  );
  metadata.setMetadataList(slots);
  return block.serializeBinary();
}
