import { MspRegistry, type IssuedIdentity, type TlsCredentials } from '../../../src/identity';
import {
  startGossipPeer,
  type GossipPeerOptions,
  type PeerNetwork,
  type RunningPeer,
} from '../../../src/node';
import type { Clock } from '../../../src/ports/clock';
import type { Random } from '../../../src/ports/random';
import type { TlsKeyPair } from '../../../src/transport';
import { PapersPool } from '../papers-pool';
import type { Need, PeerUnderTest, Target } from '../target';
import type { GossipTiming } from '../timing';
import { EMBEDDED_HOST, type Cast, type Troupe } from './embedded-cast';
import { EmbeddedChannel } from './embedded-channel';

/** How the embedded peer under test differs from an honest one. */
export interface Deviation {
  /** Overrides options of the peer: its rules, its tampering, its settings. */
  readonly peer?: (honest: GossipPeerOptions) => Partial<GossipPeerOptions>;
  /** Overrides how it listens and dials. */
  readonly network?: (honest: PeerNetwork) => Partial<PeerNetwork>;
  /** Whether it tells other organisations of itself; true by default. */
  readonly externalEndpoint?: boolean;
}

export interface EmbeddedOptions {
  readonly cast: Cast;
  readonly deviation?: Deviation;
}

export interface EmbeddedTools {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Fabric's settings, shortened until a run takes seconds, and not so far that a busy machine upsets them: digestWait <
 * requestWait, digestWait + responseWait < pullInterval, five heartbeats to an expiration.
 */
export const embeddedTiming: GossipTiming = {
  aliveTimeIntervalMs: 250,
  aliveExpirationTimeoutMs: 1_500,
  reconnectIntervalMs: 1_000,
  pullIntervalMs: 500,
  digestWaitTimeMs: 150,
  requestWaitTimeMs: 350,
  responseWaitTimeMs: 250,
  connTimeoutMs: 800,
  dialTimeoutMs: 800,
  publishCertPeriodMs: 2_000,
  maxPropagationBurstLatencyMs: 10,
  requestStateInfoIntervalMs: 500,
  publishStateInfoIntervalMs: 250,
  electionStartupGracePeriodMs: 600,
  electionMembershipSampleIntervalMs: 150,
  electionLeaderAliveThresholdMs: 800,
  electionLeaderElectionDurationMs: 300,
  stateCheckIntervalMs: 300,
  stateResponseTimeoutMs: 400,
};

/** What an embedded peer does on its channel besides. */
const ON_CHANNEL = { stateEnabled: true, useLeaderElection: true };

/** With many testers in its view at once, a peer that picks three of them would starve most. */
const ATTENTION = { propagatePeerNum: 64, pullPeerNum: 64 };

/** Nobody judges its neighbours, and most of their time would go into dialling testers who have left. */
const INDIFFERENCE = { reconnectIntervalMs: 30_000 };

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

/** What an embedded network can do for checks of its peer. */
export const embeddedOffers = (tls: boolean): ReadonlySet<Need> =>
  new Set<Need>([
    ...(tls ? (['tls', 'separate-client-certificate'] as const) : (['tls-off'] as const)),
    'dial-back',
    'foreign',
    'fresh',
    'disposable',
    'external-endpoint',
    'non-reader',
    'channel',
    'block-pull',
    'block-gossip',
    'state-transfer',
    'leader-election',
    'add-block',
  ]);

/**
 * Our own peers in this process: two organisations, the peer under test with a fellow member and a foreign one, all on
 * one channel. It proves the suite, not Fabric.
 */
export async function embedded(options: EmbeddedOptions, tools: EmbeddedTools): Promise<Target> {
  const { cast, deviation = {} } = options;
  const { tls, own, foreign } = cast;
  const { clock, random } = tools;
  const [subject, fellow] = own.peers;
  const [stranger] = foreign.peers;
  if (subject === undefined || fellow === undefined || stranger === undefined) {
    throw new Error('the cast lacks a peer');
  }
  const organisations = [own.organisation, foreign.organisation];
  const validator = new MspRegistry(organisations.map(({ msp }) => msp));
  const roots = organisations.map(({ tlsCa }) => tlsCa.certificatePem);

  const running: RunningPeer[] = [];
  const start = async (
    papers: IssuedIdentity,
    bootstrap: readonly string[],
    twist: Deviation = {},
  ): Promise<RunningPeer> => {
    const plain = networkOf(papers, tls, roots);
    const network = { ...plain, ...twist.network?.(plain) };
    const honest: GossipPeerOptions = {
      identity: papers.identity,
      validator,
      network,
      clock,
      random,
      settings: (address) => ({
        ...embeddedTiming,
        ...ON_CHANNEL,
        ...(papers === subject ? ATTENTION : INDIFFERENCE),
        bootstrap,
        externalEndpoint: twist.externalEndpoint === false ? '' : address,
      }),
    };
    const peer = await startGossipPeer({ ...honest, ...twist.peer?.(honest) });
    running.push(peer);
    return peer;
  };
  const close = async (): Promise<void> => {
    await Promise.all(running.map((peer) => peer.stop()));
  };

  try {
    const put = await start(subject, [], deviation);
    const [ally, neighbour] = await Promise.all([start(fellow, [put.address]), start(stranger, [])]);
    neighbour.joinAnchor(put.address, own.organisation.mspId);
    const channel = new EmbeddedChannel(cast.channel, clock);
    channel.join(put, { fromOrderer: true });
    channel.join(ally, { fromOrderer: false });
    channel.join(neighbour, { fromOrderer: true });
    const peer: PeerUnderTest = {
      name: subject.name,
      endpoint: put.address,
      mspId: own.organisation.mspId,
      pkiId: put.identity.pkiId,
      identity: put.identity.serialized,
      externalEndpoint: deviation.externalEndpoint === false ? '' : put.address,
    };
    const poolOf = ({ organisation, testers, issue }: Troupe): PapersPool =>
      new PapersPool(organisation.mspId, testers, issue);
    const [ownPool, foreignPool] = [poolOf(own), poolOf(foreign)];
    const offers = new Set(embeddedOffers(tls));
    if (deviation.externalEndpoint === false) {
      offers.delete('external-endpoint');
      offers.add('hidden');
    }
    return {
      info: {
        kind: 'embedded',
        real: false,
        description: `our own peers, two organisations, TLS ${tls ? 'on' : 'off'}`,
        fabricVersion: undefined,
        peers: [peer.name],
      },
      tls,
      timing: embeddedTiming,
      channel: channel.name,
      peers: [peer],
      offers: () => offers,
      own: () => ownPool,
      foreign: () => foreignPool,
      addBlock: () => Promise.resolve(channel.addBlock()),
      lanes: { all: 10, view: 5 },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
