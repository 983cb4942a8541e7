/**
 * Blocks on their way to the ledger, in order.
 *
 *     below the height                        not wanted
 *     the height … height + blockBufferSize   waits for its turn       (BLOCK-06)
 *     above                                   too far: comes by state transfer, or never
 *
 * Source: gossip/state/state.go, `addPayload`, `deliverPayloads`; gossip/state/payloads_buffer.go.
 */
import type { Instant } from '../instant';
import { rejected, type Rejection } from '../rejections';
import type { ChannelLedger } from './channel-ledger';
import type { ChannelScope } from './channel-scope';

export class BlockDelivery {
  readonly #scope: ChannelScope;
  readonly #ledger: ChannelLedger;
  readonly #grown: (height: bigint, at: Instant) => void;
  readonly #waiting = new Map<bigint, Uint8Array>();

  /** `grown` is told whenever blocks were committed. */
  constructor(scope: ChannelScope, ledger: ChannelLedger, grown: (height: bigint, at: Instant) => void) {
    this.#scope = scope;
    this.#ledger = ledger;
    this.#grown = grown;
  }

  /** Takes a verified block that was gossiped. */
  gossiped(number: bigint, block: Uint8Array, at: Instant): Rejection | undefined {
    const { rules, settings } = this.#scope.context;
    const height = this.#ledger.height();
    if (!rules.queuesBlock(number, height, BigInt(settings.stateBlockBufferSize))) {
      return rejected('block-out-of-reach', `${number} at height ${height}`);
    }
    this.transferred(number, block, at);
    return undefined;
  }

  /** Takes a verified block that was asked for, which nothing but the range asked for bounds. */
  transferred(number: bigint, block: Uint8Array, at: Instant): void {
    if (!this.#waiting.has(number)) {
      this.#waiting.set(number, block);
    }
    this.drain(at);
  }

  /** Commits what is due, and drops what the ledger has got meanwhile. */
  drain(at: Instant): void {
    const { outbox } = this.#scope.context;
    const before = this.#ledger.height();
    let height = before;
    for (let next = this.#waiting.get(height); next !== undefined; next = this.#waiting.get(height)) {
      if (!this.#ledger.append(next)) {
        break;
      }
      outbox.report({ kind: 'blockCommitted', channel: this.#scope.name, number: height });
      height = this.#ledger.height();
    }
    for (const number of this.#waiting.keys()) {
      if (number < height) {
        this.#waiting.delete(number);
      }
    }
    if (height > before) {
      this.#grown(height, at);
    }
  }
}
