/**
 * The ledger port as the machines use it: what it throws is reported, and they go on with what they know.
 */
import type { Ledger } from '../../ports/ledger';
import type { Outbox } from '../effects';

export class ChannelLedger {
  readonly #ledger: Ledger;
  readonly #channel: string;
  readonly #outbox: Outbox;
  #lastHeight = 0n;

  constructor(ledger: Ledger, channel: string, outbox: Outbox) {
    this.#ledger = ledger;
    this.#channel = channel;
    this.#outbox = outbox;
  }

  /** The height; the last one known where the ledger fails. */
  height(): bigint {
    this.#lastHeight = this.#try(() => this.#ledger.height()) ?? this.#lastHeight;
    return this.#lastHeight;
  }

  /** The block of this number; undefined where there is none, or the ledger fails. */
  blockAt(number: bigint): Uint8Array | undefined {
    return this.#try(() => this.#ledger.blockAt(number));
  }

  /** Commits the next block. False: the ledger failed, or has not grown. */
  append(block: Uint8Array): boolean {
    const before = this.height();
    this.#try(() => {
      this.#ledger.append(block);
    });
    return this.height() > before;
  }

  #try<T>(call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      this.#outbox.report({ kind: 'ledgerFailed', channel: this.#channel, error });
      return undefined;
    }
  }
}
