import { issueOrganisation, type IssuedIdentity, type Organisation } from '../../../src/identity';
import { wallMs, type Clock } from '../../../src/ports/clock';
import type { Papers, PapersRequest } from '../target';
import { writeChannel, type ChannelScript } from './embedded-channel';
import { paperMill } from './issued-papers';

/** The address that all peers and testers of an embedded network listen on. */
export const EMBEDDED_HOST = '127.0.0.1';

/** The identities of one organisation of an embedded network: its peers' and its testers'. */
export interface OrganisationPapers {
  readonly organisation: Organisation;
  readonly peers: readonly IssuedIdentity[];
  readonly testers: readonly Papers[];
  readonly issue: (request?: PapersRequest) => Promise<Papers>;
}

/**
 * The papers of all peers and testers of a network. Making them takes longer than starting one, so networks may share
 * them.
 */
export interface NetworkPapers {
  readonly tls: boolean;
  /** The peer under test and another peer of its organisation. */
  readonly own: OrganisationPapers;
  /** A peer of another organisation. */
  readonly foreign: OrganisationPapers;
  readonly channel: ChannelScript;
}

/** Issues the papers of two organisations, for their peers and this many testers. */
export async function issueNetworkPapers(
  tls: boolean,
  testers: { readonly own: number; readonly foreign: number },
  clock: Clock,
): Promise<NetworkPapers> {
  const nowMs = (): number => wallMs(clock);
  const papersOf = async (
    n: number,
    peers: readonly string[],
    outside: number,
  ): Promise<OrganisationPapers> => {
    const organisation = await issueOrganisation({
      mspId: `Org${n}MSP`,
      domain: `org${n}.example.com`,
      nowMs: nowMs(),
    });
    const issue = paperMill({ organisation, tls, listenHost: EMBEDDED_HOST, nowMs });
    return {
      organisation,
      peers: await Promise.all(
        peers.map((name) =>
          organisation.issue({
            name,
            role: 'peer',
            sans: [EMBEDDED_HOST, 'localhost'],
            separateClientTls: true,
          }),
        ),
      ),
      testers: await Promise.all(Array.from({ length: outside }, () => issue())),
      issue,
    };
  };
  const [own, foreign, ordering] = await Promise.all([
    papersOf(1, ['peer0', 'peer1'], testers.own),
    papersOf(2, ['peer0'], testers.foreign),
    issueOrganisation({ mspId: 'OrdererMSP', domain: 'example.com', kind: 'orderer', nowMs: nowMs() }),
  ]);
  const members = [own, foreign].map(({ organisation }) => organisation);
  const channel = await writeChannel(ordering, members, clock);
  return { tls, own, foreign, channel };
}
