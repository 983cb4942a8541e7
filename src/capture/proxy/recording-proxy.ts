import type { Socket } from 'node:net';
import type { BetweenPeers, FrontedPeer } from '../../ports/between';
import type { Clock } from '../../ports/clock';
import type { Random } from '../../ports/random';
import { Cuts } from './cuts';
import { Faults, type FaultRule } from './faults';
import { Front } from './front';
import type { RelayObserver } from './observed';
import { RelayedPeer } from './relayed-peer';
import { Traffic } from './traffic';

export interface RecordingProxyOptions {
  readonly clock: Clock;
  /** For faults that strike by chance; a seeded one makes them repeatable. */
  readonly random: Random;
  readonly observer?: RelayObserver;
}

/**
 * Stands between the peers of a network whose keys are at hand, and passes on what they say to each other, byte by byte.
 *
 * In front of a peer it shows that peer's server certificate; it knows who dials by the client certificate, and dials on
 * with that peer's certificate and key, so that what ConnEstablish says of the TLS certificates holds on both sides
 * (CONN-04). Without TLS whoever dials is known from its ConnEstablish. Somebody who is no peer of the network is passed
 * on without a client certificate, since its key is nobody's here.
 *
 * HTTP/2's pings and windows are each side's own; all else passes from end to end.
 */
export class RecordingProxy implements BetweenPeers, AsyncDisposable {
  readonly #faults: Faults;
  readonly #cuts = new Cuts();
  readonly #peers: RelayedPeer[] = [];
  readonly #fronts: Front[] = [];
  readonly #traffic: Traffic;

  constructor(options: RecordingProxyOptions) {
    this.#faults = new Faults(options.random);
    this.#traffic = new Traffic(options.clock, this.#faults, this.#cuts, options.observer ?? {});
  }

  /**
   * Port 0 takes a free one. Rejects with a TransportError where the address cannot be had, or the certificates
   * cannot be used.
   */
  async add(peer: FrontedPeer): Promise<string> {
    const relayed = new RelayedPeer(peer);
    this.#peers.push(relayed);
    const front = await Front.listen(peer.front, (tcp: Socket) => {
      this.#traffic.accept(tcp, relayed, this.#peers);
    });
    this.#fronts.push(front);
    return front.address;
  }

  /** Lets a fault befall envelopes from now on, until it is disposed of, be it as cuts are. */
  inject(rule: FaultRule): Disposable & AsyncDisposable {
    return this.#faults.add(rule);
  }

  /**
   * Breaks the connections between peers of different groups, and refuses new ones until it is disposed of. Peers of no
   * group keep talking to all.
   */
  partition(groups: readonly (readonly string[])[]): Promise<AsyncDisposable> {
    const cut = this.#cuts.add(groups);
    this.#traffic.breakCut();
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        cut[Symbol.dispose]();
        return Promise.resolve();
      },
    });
  }

  /** The same for one peer and all the others. */
  disconnect(name: string): Promise<AsyncDisposable> {
    const others = this.#peers.map((peer) => peer.name.name).filter((other) => other !== name);
    return this.partition([[name], others]);
  }

  /** Breaks what stands between two peers, who may connect again at once. */
  breakConnections(a: string, b: string): void {
    this.#traffic.breakBetween(a, b);
  }

  /** Stops listening and breaks every connection; nothing is left when it resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#fronts.map((front) => front.close());
    this.#traffic.close();
    await Promise.all(closed);
  }
}
