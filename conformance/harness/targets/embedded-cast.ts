import { issueOrganisation, type IssuedIdentity, type Organisation } from '../../../src/identity';
import type { Clock } from '../../../src/ports/clock';
import type { Papers, PapersRequest } from '../target';
import { writeChannel, type ChannelScript } from './embedded-channel';
import { paperMill } from './issued-papers';

/** Where everybody of an embedded network is to be found. */
export const EMBEDDED_HOST = '127.0.0.1';

/** One organisation's part in an embedded network. */
export interface Troupe {
  readonly organisation: Organisation;
  readonly peers: readonly IssuedIdentity[];
  readonly testers: readonly Papers[];
  readonly issue: (request?: PapersRequest) => Promise<Papers>;
}

/** Everybody's papers. They take longer to make than a network takes to start, and several networks may share them. */
export interface Cast {
  readonly tls: boolean;
  /** The peer under test and a fellow member. */
  readonly own: Troupe;
  /** A foreign member. */
  readonly foreign: Troupe;
  readonly channel: ChannelScript;
}

/** Issues the papers of two organisations: those of their peers, and of so many outside peers. */
export async function issueCast(
  tls: boolean,
  testers: { readonly own: number; readonly foreign: number },
  clock: Clock,
): Promise<Cast> {
  const nowMs = (): number => Number(clock.wallNanos() / 1_000_000n);
  const troupe = async (n: number, peers: readonly string[], outside: number): Promise<Troupe> => {
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
    troupe(1, ['peer0', 'peer1'], testers.own),
    troupe(2, ['peer0'], testers.foreign),
    issueOrganisation({ mspId: 'OrdererMSP', domain: 'example.com', kind: 'orderer', nowMs: nowMs() }),
  ]);
  const onChannel = [own, foreign].map(({ organisation }) => organisation);
  const channel = await writeChannel(ordering, onChannel, clock);
  return { tls, own, foreign, channel };
}
