/**
 * Blocks for peers that lack them, in answer to their requests: one after another, so that a flood of requests
 * costs a queue of a hundred, and does not keep the peer from its other work.
 *
 *     RemoteStateRequest ──► range of eleven at most? ──► queue ──► RemoteStateResponse with what there is
 *
 * Source: gossip/state/state.go, `directMessage`, `handleStateRequest`.
 */
import { Tag, type Payload, type RemoteStateRequest } from '../../wire';
import type { Established } from '../established';
import { MAX_STATE_RESPONSE_BYTES } from '../limits';
import { rejected, type Rejection } from '../rejections';
import type { ChannelLedger } from './channel-ledger';
import type { ChannelScope } from './channel-scope';

interface Waiting {
  readonly request: RemoteStateRequest;
  readonly nonce: bigint;
  readonly from: Established;
}

export class StateService {
  readonly #scope: ChannelScope;
  readonly #ledger: ChannelLedger;
  readonly #queue: Waiting[] = [];

  constructor(scope: ChannelScope, ledger: ChannelLedger) {
    this.#scope = scope;
    this.#ledger = ledger;
  }

  /** A request of a reader of the channel (STATE-04, STATE-08). */
  received(request: RemoteStateRequest, nonce: bigint, from: Established): Rejection | undefined {
    const { rules, settings } = this.#scope.context;
    const { endSeqNum, startSeqNum } = request;
    if (!rules.servesRange(startSeqNum, endSeqNum, BigInt(settings.stateBatchSize))) {
      return rejected('bad-state-range', `${startSeqNum} to ${endSeqNum}`);
    }
    if (this.#queue.length >= settings.stateChannelSize) {
      return rejected('too-many-state-requests');
    }
    this.#queue.push({ request, nonce, from });
    if (this.#queue.length === 1) {
      this.#serveSoon();
    }
    return undefined;
  }

  #serveSoon(): void {
    this.#scope.context.timers.arm(this.#scope.timer('serve-state'), 0, () => {
      const waiting = this.#queue.shift();
      if (waiting !== undefined) {
        this.#serve(waiting);
      }
      if (this.#queue.length > 0) {
        this.#serveSoon();
      }
    });
  }

  /** Always answers, if only with nothing (STATE-05). */
  #serve({ from, nonce, request }: Waiting): void {
    const payloads = this.#payloads(request);
    const content = { kind: 'stateResponse', value: { payloads } } as const;
    this.#scope.connections.reply(from, this.#scope.seal({ tag: Tag.CHAN_OR_ORG, nonce, content }));
  }

  /**
   * The blocks of a range that there are, ascending, without private data.
   * Deviation: not more than fit in a message; a Fabric peer's answer would be lost, and one that asks goes on where
   * a short answer ends (STATE-13).
   */
  #payloads({ endSeqNum, startSeqNum }: RemoteStateRequest): Payload[] {
    const payloads: Payload[] = [];
    const height = this.#ledger.height();
    let bytes = 0;
    for (let seqNum = startSeqNum; seqNum <= endSeqNum && seqNum < height; seqNum++) {
      const data = this.#ledger.blockAt(seqNum);
      if (data === undefined) {
        continue;
      }
      bytes += data.length;
      if (bytes > MAX_STATE_RESPONSE_BYTES && payloads.length > 0) {
        break;
      }
      payloads.push({ seqNum, data, privateData: [] });
    }
    return payloads;
  }
}
