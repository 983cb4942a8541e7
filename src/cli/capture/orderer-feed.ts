import type { Access } from '../../fabric/access';
import { deliver } from '../../fabric/deliver';
import type { RunningChannel } from '../../node';
import type { Clock, Timer } from '../../ports/clock';
import type { SigningIdentity } from '../../ports/identity';

/** Time between attempts to reach the orderer: where Fabric's own begin, internal/pkg/peer/blocksprovider. */
const RETRY_MS = 100;

export interface OrdererFeedOptions {
  readonly orderer: Access;
  readonly channel: RunningChannel;
  readonly identity: SigningIdentity;
  readonly clock: Clock;
}

/**
 * Hands over to a channel what the orderer delivers, while its peer leads (ELECT-02). Nothing is verified: the orderer
 * is the network's own. Source: core/deliverservice/deliveryclient.go.
 */
export class OrdererFeed implements Disposable {
  readonly #options: OrdererFeedOptions;
  #delivery: Disposable | undefined;
  #retry: Timer | undefined;

  constructor(options: OrdererFeedOptions) {
    this.#options = options;
  }

  start(): void {
    this[Symbol.dispose]();
    const { orderer, channel, identity, clock } = this.#options;
    this.#delivery = deliver(orderer, {
      channel: channel.name,
      from: channel.height(),
      creator: identity,
      wallNanos: clock.wallNanos(),
      onBlock: (number, block) => {
        channel.deliver(number, block);
      },
      onEnd: () => {
        this.#retry = clock.after(RETRY_MS, () => {
          this.start();
        });
      },
    });
  }

  [Symbol.dispose](): void {
    this.#delivery?.[Symbol.dispose]();
    this.#retry?.cancel();
  }
}
