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
  type PeerNetwork,
  type RunningPeer,
} from '../../../src/node';
import type { Clock } from '../../../src/ports/clock';
import type { Random } from '../../../src/ports/random';
import type { TlsKeyPair } from '../../../src/transport';
import { knowingNowhere } from '../nowhere';
import { PapersPool } from '../papers-pool';
import type { Need, PeerUnderTest, Target } from '../target';
import { EMBEDDED_HOST, type NetworkPapers, type OrganisationPapers } from './embedded-papers';
import { EmbeddedChannel } from './embedded-channel';
import { ATTENTION, embeddedTiming } from './embedded-timing';
import type { Deviation, Part } from './embedded-part';
import { embeddedRecruiter } from './embedded-recruits';

export type { Deviation } from './embedded-part';

export interface EmbeddedOptions {
  readonly issued: NetworkPapers;
  readonly deviation?: Deviation;
}

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

/** What an embedded network can do for checks of its peer. */
export const embeddedOffers = (tls: boolean): ReadonlySet<Need> =>
  new Set<Need>([
    ...(tls ? (['tls', 'separate-client-certificate'] as const) : (['tls-off'] as const)),
    'dial-back',
    'foreign',
    'fresh',
    'foreign-fresh',
    'disposable',
    'recruit',
    'between-peers',
    'external-endpoint',
    'external-endpoint-here',
    'non-reader',
    'channel',
    'block-pull',
    'block-gossip',
    'state-transfer',
    'leader-election',
    'add-block',
    'own-channel',
    'bft',
  ]);

/**
 * Our own peers in this process: two organisations, the peer under test with a fellow member and a foreign one, all on
 * one channel. It proves the suite, not Fabric.
 */
export async function embedded(options: EmbeddedOptions, tools: EmbeddedTools): Promise<Target> {
  const { issued, deviation = {} } = options;
  const { tls, own, foreign } = issued;
  const { clock, random } = tools;
  const [subject, fellow] = own.peers;
  const [stranger] = foreign.peers;
  if (subject === undefined || fellow === undefined || stranger === undefined) {
    throw new Error('papers of a peer are missing');
  }
  const organisations = [own.organisation, foreign.organisation];
  const msps = organisations.map(({ msp }) => msp);
  const validator = new MspRegistry(msps);
  const validatorOf = (config: MspConfig): MspRegistry => {
    const registry = new MspRegistry(msps);
    registry.put(new Msp(config));
    return registry;
  };
  const roots = organisations.map(({ tlsCa }) => tlsCa.certificatePem);

  const running: RunningPeer[] = [];
  const begin = ({
    papers,
    deviation: change = {},
    listenAddress,
    msp,
    grpc,
    settings,
  }: Part): Promise<RunningPeer> => {
    const plain = { ...networkOf(papers, tls, roots), listenAddress, grpc };
    const honest: GossipPeerOptions = {
      identity: papers.identity,
      validator: msp === undefined ? validator : validatorOf(msp),
      network: { ...plain, ...change.network?.(plain) },
      clock,
      random,
      settings: (address) => ({ ...embeddedTiming, ...settings(address) }),
    };
    const options = { ...honest, ...change.peer?.(honest) };
    const { network } = options;
    const transport = 'listen' in network ? network : grpcTransport(network, clock);
    return startGossipPeer({ ...options, network: knowingNowhere(transport) });
  };
  const start = async (
    papers: IssuedIdentity,
    bootstrap: readonly string[],
    change: Deviation = {},
  ): Promise<RunningPeer> => {
    const peer = await begin({
      papers,
      deviation: change,
      listenAddress: `${EMBEDDED_HOST}:0`,
      settings: (address) => ({
        ...ON_CHANNEL,
        ...(papers === subject ? ATTENTION : INDIFFERENCE),
        bootstrap,
        externalEndpoint: change.externalEndpoint === false ? '' : address,
      }),
    });
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
    const channel = new EmbeddedChannel(issued.channel, clock);
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
    const poolOf = ({ organisation, testers, issue }: OrganisationPapers): PapersPool =>
      new PapersPool({ mspId: organisation.mspId, papers: testers, issue });
    const [ownPool, foreignPool] = [poolOf(own), poolOf(foreign)];
    const offers = new Set(embeddedOffers(tls));
    if (deviation.externalEndpoint === false) {
      offers.delete('external-endpoint');
      offers.delete('external-endpoint-here');
      offers.add('hidden');
    }
    const recruiter = embeddedRecruiter({
      own,
      foreignMspId: foreign.organisation.mspId,
      deviation,
      tls,
      begin,
      random,
    });
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
      turnsToAll: true,
      channel: channel.name,
      peers: [peer],
      organisations: organisations.map(({ msp }) => msp.config),
      offers: () => offers,
      own: () => ownPool,
      foreign: () => foreignPool,
      addBlock: () => Promise.resolve(channel.addBlock()),
      lanes: { all: 8, view: 6, least: 6 },
      newChannel: ({ name }, { ownOrganisationOnly = false, isBft = false }) =>
        channel.another(recruiter.memberOf(name) ?? { peer: put }, {
          ...(ownOrganisationOnly && { mspIds: [own.organisation.mspId] }),
          isBft,
        }),
      recruiter,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
