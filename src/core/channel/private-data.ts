/**
 * Private data of others: pushes are stored and acknowledged, requests answered from the store. The peer itself
 * pushes and asks for none. Source: gossip/state/state.go, `privateDataMessage`; gossip/privdata/pull.go.
 */
import type { PrivateDataStore } from '../../ports/private-data';
import { Tag, type PrivateDataMessage, type PvtDataElement, type RemotePvtDataRequest } from '../../wire';
import { seal } from '../envelopes';
import type { Established } from '../established';
import { rejected, type Rejection } from '../rejections';
import type { ChannelScope } from './channel-scope';

/** What the sender is told where there is no store. */
const NO_STORE = 'this peer keeps no private data';

export class PrivateData {
  readonly #scope: ChannelScope;
  readonly #store: PrivateDataStore | undefined;

  constructor(scope: ChannelScope, store: PrivateDataStore | undefined) {
    this.#scope = scope;
    this.#store = store;
  }

  /** A push by a reader of the channel (PVT-02 to PVT-04). */
  pushed({ payload }: PrivateDataMessage, nonce: bigint, from: Established): Rejection | undefined {
    if (payload === undefined || !this.#scope.context.rules.storesPrivateData(payload.privateRwset)) {
      return rejected('incomplete-private-data');
    }
    const failure = this.#store === undefined ? NO_STORE : this.#store.keep(payload);
    this.#acknowledge(nonce, failure ?? '', from);
    return failure === undefined ? undefined : rejected('private-data-not-kept', failure);
  }

  /** One acknowledgement, of success if `error` is empty (ACK-01, PVT-03). */
  #acknowledge(nonce: bigint, error: string, to: Established): void {
    const content = { kind: 'ack', value: { error } } as const;
    this.#scope.connections.reply(to, seal({ tag: Tag.UNDEFINED, nonce, content }));
  }

  /** A request of anybody; the store decides what it may read. Always answered, if only with nothing (PVT-06 to PVT-08). */
  asked({ digests }: RemotePvtDataRequest, nonce: bigint, from: Established): void {
    const elements = digests.flatMap((digest): PvtDataElement[] => {
      const payload = this.#store?.find(digest, from.peer) ?? [];
      return payload.length === 0 ? [] : [{ digest, payload }];
    });
    if (elements.length > 0 || this.#scope.context.rules.answersWithoutPrivateData()) {
      const content = { kind: 'privateRes', value: { elements } } as const;
      this.#scope.connections.reply(from, this.#scope.seal({ tag: Tag.CHAN_ONLY, nonce, content }));
    }
  }
}
