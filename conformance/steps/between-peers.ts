import { RecordingProxy, type FaultRule, type RelayedEnvelope } from '../../src/capture/proxy';
import {
  decodeEnvelope,
  decodeMessage,
  WireError,
  type ContentKind,
  type GossipMessage,
} from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { Recruit } from '../harness/recruit';
import { sameBytes } from './bytes';
import { entriesAbout, Observer } from './membership';

/** A message that one of two peers sent to the other. */
export interface Overheard {
  readonly relayed: RelayedEnvelope;
  readonly message: GossipMessage;
}

/** The peer under test and its neighbour, a peer of its organisation. They reach each other only through a proxy. */
export class BetweenPeers implements AsyncDisposable {
  /** A tester who is a member, and asks the peer under test whom it knows. */
  readonly observer: Observer;
  readonly #t: CheckContext;
  readonly #proxy: RecordingProxy;
  readonly #envelopes: RelayedEnvelope[];

  private constructor(
    t: CheckContext,
    proxy: RecordingProxy,
    envelopes: RelayedEnvelope[],
    observer: Observer,
  ) {
    this.#t = t;
    this.#proxy = proxy;
    this.#envelopes = envelopes;
    this.observer = observer;
  }

  /** Starts both, and waits until they know each other. */
  static async open(t: CheckContext): Promise<BetweenPeers> {
    const envelopes: RelayedEnvelope[] = [];
    const proxy = new RecordingProxy({
      clock: t.clock,
      random: t.random,
      observer: { onEnvelope: (envelope) => envelopes.push(envelope) },
    });
    try {
      const peers = [t.neighbour, t.recruit];
      const fronts = await Promise.all(peers.map((peer) => proxy.add(frontOf(peer))));
      // One after the other: a peer whose bootstrap peer does not answer yet waits five seconds (MEMB-13).
      for (const [index, peer] of peers.entries()) {
        const front = fronts[index] ?? '';
        await peer.start({ endpoint: front, externalEndpoint: front, bootstrap: fronts.slice(0, index) });
      }
      const between = new BetweenPeers(t, proxy, envelopes, await Observer.join(t, t.tester));
      await t.control('two peers find each other', () =>
        t.eventually(
          'a neighbour listed as alive',
          t.waits.turnMs(t.waits.settings.reconnectIntervalMs),
          () => between.lists('alive'),
        ),
      );
      return between;
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Whether the peer under test lists its neighbour there. */
  async lists(list: 'alive' | 'dead'): Promise<boolean> {
    const entries = entriesAbout(await this.observer.entries(), this.#t.neighbour.peer.pkiId);
    return entries.some((entry) => entry.list === list);
  }

  /** Adds a fault on the way from the neighbour to the peer under test; disposing removes it. */
  inject(rule: Omit<FaultRule, 'from' | 'to'>): Disposable {
    return this.#proxy.inject({ ...rule, from: [this.#t.neighbour.peer.name], to: [this.#t.put.name] });
  }

  /** Cuts the two off from each other; disposing reconnects them. */
  cut(): Promise<AsyncDisposable> {
    return this.#proxy.partition([[this.#t.neighbour.peer.name], [this.#t.put.name]]);
  }

  /** Loses all that the two say to each other, while their connections stand; disposing ends that. */
  silence(): AsyncDisposable {
    const both = [this.#t.neighbour.peer.name, this.#t.put.name];
    return this.#proxy.inject({ from: both, to: both, action: { kind: 'drop' } });
  }

  /** What the neighbour sent to the peer under test, of one kind. */
  heard(kind: ContentKind): readonly Overheard[] {
    return this.#envelopes.flatMap((relayed) => {
      const { sender, link, envelope } = relayed;
      const from = sender === 'initiator' ? link.initiator : link.responder;
      if (!sameBytes(from?.pkiId, this.#t.neighbour.peer.pkiId)) return [];
      const message = readable(envelope);
      return message?.content?.kind === kind ? [{ relayed, message }] : [];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy[Symbol.asyncDispose]();
  }
}

const frontOf = ({ peer, frontHost = '', tls }: Recruit): Parameters<RecordingProxy['add']>[0] => ({
  name: peer.name,
  mspId: peer.mspId,
  pkiId: peer.pkiId,
  identity: peer.identity,
  front: `${frontHost}:0`,
  service: () => peer.endpoint,
  tls,
});

/** The message in an envelope; undefined where it does not decode, which is not judged here. */
function readable(envelope: Uint8Array): GossipMessage | undefined {
  try {
    return decodeMessage(decodeEnvelope(envelope).payload);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
