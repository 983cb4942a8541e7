import {
  Msp,
  MspRegistry,
  type IssuedIdentity,
  type MspConfig,
  type TlsCredentials,
} from '../../../src/identity';
import {
  grpcTransport,
  startGossipPeer,
  type GossipPeerOptions,
  type GossipSettings,
  type PeerNetwork,
  type RunningPeer,
} from '../../../src/node';
import type { Clock } from '../../../src/ports/clock';
import type { Random } from '../../../src/ports/random';
import type { TlsKeyPair } from '../../../src/transport';
import { knowingNowhere } from '../nowhere';
import { EMBEDDED_HOST, type NetworkPapers } from './embedded-papers';
import type { Deviation, Part } from './embedded-part';
import { ATTENTION, embeddedTiming } from './embedded-timing';

export interface EmbeddedTools {
  readonly clock: Clock;
  readonly random: Random;
}

/** What an embedded peer does on its channel besides. */
const ON_CHANNEL = { stateEnabled: true, useLeaderElection: true };

/**
 * Nobody judges its neighbours, and most of their time would go into dialling testers who have left, and into telling
 * those who are there what the peer under test tells them.
 */
const INDIFFERENCE = { reconnectIntervalMs: 30_000, aliveTimeIntervalMs: 500, propagatePeerNum: 1 };

const keyPairOf = (tls: TlsCredentials): TlsKeyPair => ({
  certificate: tls.certificateChainPem,
  key: tls.privateKeyPem,
});

const networkOf = (
  { tls, clientTls }: IssuedIdentity,
  on: boolean,
  serverRoots: readonly string[],
): PeerNetwork => ({
  listenAddress: `${EMBEDDED_HOST}:0`,
  tls: on ? { server: keyPairOf(tls), client: keyPairOf(clientTls ?? tls), serverRoots } : undefined,
});

/** The peers of an embedded network, in this process. */
export class EmbeddedPeers {
  readonly #tls: boolean;
  readonly #msps: readonly Msp[];
  /** That of all peers whose MSP has no configuration of its own. */
  readonly #validator: MspRegistry;
  readonly #tlsRoots: readonly string[];
  readonly #tools: EmbeddedTools;
  readonly #running: RunningPeer[] = [];

  constructor({ tls, own, foreign }: NetworkPapers, tools: EmbeddedTools) {
    const organisations = [own.organisation, foreign.organisation];
    this.#tls = tls;
    this.#msps = organisations.map(({ msp }) => msp);
    this.#validator = new MspRegistry(this.#msps);
    this.#tlsRoots = organisations.map(({ tlsCa }) => tlsCa.certificatePem);
    this.#tools = tools;
  }

  /** Starts the peer under test. */
  startSubject(papers: IssuedIdentity, deviation: Deviation): Promise<RunningPeer> {
    return this.#start(papers, deviation, { ...ATTENTION, bootstrap: [] });
  }

  /** Starts a peer beside the one under test. */
  startNeighbour(papers: IssuedIdentity, bootstrap: readonly string[]): Promise<RunningPeer> {
    return this.#start(papers, {}, { ...INDIFFERENCE, bootstrap });
  }

  /** Starts a peer that somebody else stops. */
  begin({ papers, deviation = {}, listenAddress, msp, grpc, settings }: Part): Promise<RunningPeer> {
    const { clock, random } = this.#tools;
    const plain = { ...networkOf(papers, this.#tls, this.#tlsRoots), listenAddress, grpc };
    const honest: GossipPeerOptions = {
      identity: papers.identity,
      validator: msp === undefined ? this.#validator : this.#validatorOf(msp),
      network: { ...plain, ...deviation.network?.(plain) },
      clock,
      random,
      settings: (address) => ({ ...embeddedTiming, ...settings(address) }),
    };
    const options = { ...honest, ...deviation.peer?.(honest) };
    const { network } = options;
    const transport = 'listen' in network ? network : grpcTransport(network, clock);
    return startGossipPeer({ ...options, network: knowingNowhere(transport, clock) });
  }

  /** Stops the peers of the network. */
  async close(): Promise<void> {
    await Promise.all(this.#running.map((peer) => peer.stop()));
  }

  async #start(
    papers: IssuedIdentity,
    deviation: Deviation,
    settings: Partial<GossipSettings>,
  ): Promise<RunningPeer> {
    const peer = await this.begin({
      papers,
      deviation,
      listenAddress: `${EMBEDDED_HOST}:0`,
      settings: (address) => ({
        ...ON_CHANNEL,
        ...settings,
        externalEndpoint: deviation.externalEndpoint === false ? '' : address,
      }),
    });
    this.#running.push(peer);
    return peer;
  }

  #validatorOf(config: MspConfig): MspRegistry {
    const registry = new MspRegistry(this.#msps);
    registry.put(new Msp(config));
    return registry;
  }
}
