import { PapersPool } from '../papers-pool';
import type { Need, PeerUnderTest, Target } from '../target';
import type { NetworkPapers, OrganisationPapers } from './embedded-papers';
import { EmbeddedChannel } from './embedded-channel';
import type { Deviation } from './embedded-part';
import { EmbeddedPeers, type EmbeddedTools } from './embedded-peers';
import { embeddedRecruiter } from './embedded-recruits';
import { embeddedTiming } from './embedded-timing';

export type { Deviation } from './embedded-part';

export interface EmbeddedOptions {
  readonly issued: NetworkPapers;
  readonly deviation?: Deviation;
}

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
  const [subject, fellow] = own.peers;
  const [stranger] = foreign.peers;
  if (subject === undefined || fellow === undefined || stranger === undefined) {
    throw new Error('papers of a peer are missing');
  }
  const organisations = [own.organisation, foreign.organisation];
  const peers = new EmbeddedPeers(issued, tools);
  try {
    const put = await peers.startSubject(subject, deviation);
    const [ally, neighbour] = await Promise.all([
      peers.startNeighbour(fellow, [put.address]),
      peers.startNeighbour(stranger, []),
    ]);
    neighbour.joinAnchor(put.address, own.organisation.mspId);
    const channel = new EmbeddedChannel(issued.channel, tools.clock);
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
      begin: (part) => peers.begin(part),
      random: tools.random,
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
      close: () => peers.close(),
    };
  } catch (error) {
    await peers.close();
    throw error;
  }
}
