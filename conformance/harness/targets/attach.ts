import { basename, join } from 'node:path';
import { deserializeIdentity, loadLocalMsp, type Organisation } from '../../../src/identity';
import type { OrganisationCas } from '../../../src/capture';
import { hostOf } from '../../../src/fabric/node-place';
import { wallMs } from '../../../src/ports/clock';
import type { ContentOf } from '../../../src/wire';
import { NetworkError, UsageError, type AttachOptions } from '../../run-types';
import { hex } from '../../steps/bytes';
import { PapersPool } from '../papers-pool';
import { holdsNoBlock, introduce, isDialledBy, pullIdentities, readConn, type SurveyTools } from '../survey';
import type { Need, Papers, PapersRequest, PeerUnderTest, Target } from '../target';
import { paperMill } from './issued-papers';
import { checkListen, listenHostFor, ownHostFor } from './listen-host';
import {
  fromFiles,
  issuerFolders,
  likelyMspIds,
  mspIdOf,
  openIssuer,
  openTesterFolders,
  type TesterFolder,
} from './organisations';

/** At most so many testers are issued for each organisation whose CA is at hand: enough for the checks that run at once. */
const ISSUED_TESTERS = 12;

/** Real peers push to three random members: more than one tester at a time in their view starve each other. */
const LANES = { all: 8, view: 1 };

export interface AttachTools extends SurveyTools {
  readonly fabricVersion: string | undefined;
  readonly note: (line: string) => void;
  /** Whether the peers ask others for the blocks that they lack (`peer.gossip.state.enabled`). */
  readonly stateTransfer: boolean;
}

type Issue = (request?: PapersRequest) => Promise<Papers>;

/**
 * A peer as it shows itself to anybody who dials; the external endpoint is not known yet. One whose identity does not
 * tell its organisation is taken for one of the tester's, and judged.
 */
function sightingOf(endpoint: string, conn: ContentOf<'conn'>, testers: readonly Papers[]): PeerUnderTest {
  const mspId = deserializeIdentity(conn.identity)?.mspId ?? testers[0]?.identity.mspId;
  if (mspId === undefined) {
    throw new NetworkError(`${endpoint} speaks gossip, but its identity is no serialized MSP identity.`);
  }
  return {
    name: endpoint,
    endpoint,
    mspId,
    pkiId: conn.pkiId,
    identity: conn.identity,
    externalEndpoint: '',
  };
}

/** What was found out of a peer. */
interface Survey {
  readonly peer: PeerUnderTest;
  readonly offered: ReadonlySet<Need>;
}

/** A network that is already up: its peers as named, judged by testers as named, or issued where a CA is at hand. */
class Attachment {
  readonly #options: AttachOptions;
  readonly #tools: AttachTools;
  readonly #nowMs: number;
  readonly #peerHost: string;
  readonly #pools = new Map<string, PapersPool>();
  readonly #organisations = new Map<string, OrganisationCas>();

  constructor(options: AttachOptions, tools: AttachTools) {
    this.#options = options;
    this.#tools = tools;
    this.#nowMs = wallMs(tools.clock);
    this.#peerHost = (options.peers[0] ?? '').replace(/:\d+$/, '');
  }

  async reach(): Promise<Target> {
    const { peers: endpoints, tls, listen } = this.#options;
    checkListen(listen);
    const folders = openTesterFolders(this.#options, this.#nowMs);
    const likely = folders.flatMap((folder) =>
      likelyMspIds(folder).map((mspId) => this.#papersOf(folder, mspId)),
    );
    if (folders.length === 0) likely.push(...(await this.#issueScouts()));
    const sightings = await Promise.all(
      endpoints.map(async (endpoint) =>
        sightingOf(
          endpoint,
          await readConn(this.#tools, endpoint, (folders[0] ?? likely[0])?.tls, likely),
          likely,
        ),
      ),
    );
    await this.#gatherTesters(folders, sightings);
    const peers: PeerUnderTest[] = [];
    const offers = new Map<string, ReadonlySet<Need>>();
    for (const { peer, offered } of await this.#surveyAll(sightings)) {
      peers.push(peer);
      offers.set(hex(peer.pkiId), offered);
    }
    return {
      info: {
        kind: 'attach',
        real: true,
        description: `${endpoints.join(', ')}, TLS ${tls ? 'on' : 'off'}`,
        fabricVersion: this.#tools.fabricVersion,
        peers: endpoints,
      },
      tls,
      timing: this.#tools.timing,
      channel: this.#options.channel,
      peers,
      organisations: [...this.#organisations.values()],
      offers: (peer) => offers.get(hex(peer.pkiId)) ?? new Set(),
      own: (peer) => this.#ownPool(peer),
      foreign: (peer) => this.#foreignPool(peer),
      lanes: LANES,
      close: () => Promise.resolve(),
    };
  }

  /** Finds out of which organisation each tester is, and takes up the CAs that can issue more. */
  async #gatherTesters(folders: readonly TesterFolder[], sightings: readonly PeerUnderTest[]): Promise<void> {
    const known = sightings.map(({ identity }) => identity);
    const resolve = ({ dir, mspId }: { dir: string; mspId: string | undefined }): string | undefined =>
      mspIdOf({ dir, mspId }, known, this.#nowMs);
    const issuers = issuerFolders(this.#options);
    if ([...folders, ...issuers].some((folder) => resolve(folder) === undefined)) {
      known.push(...(await this.#identitiesOfOthers(folders, sightings, resolve)));
    }
    const given = folders.map((folder) => this.#papersOf(folder, resolve(folder)));
    const issue = new Map<string, Issue>();
    for (const folder of issuers) {
      const mspId = resolve(folder);
      const organisation = mspId && (await openIssuer(this.#options, folder.dir, mspId, this.#nowMs));
      if (!organisation) {
        if (mspId !== undefined) continue;
        this.#tools.note(`no tester is issued by the CA in ${folder.dir}: no peer shows that it knows of it`);
        continue;
      }
      issue.set(organisation.mspId, this.#mill(organisation));
      this.#tools.note(
        `testers of ${organisation.mspId} are issued by the CA in ${folder.dir}, in memory only (--no-issue: none)`,
      );
    }
    for (const mspId of new Set([...given.map(({ identity }) => identity.mspId), ...issue.keys()])) {
      const mill = issue.get(mspId);
      const issued = mill === undefined ? [] : [await mill()];
      const reserve = mill === undefined ? 0 : ISSUED_TESTERS - issued.length;
      const papers = [...given.filter(({ identity }) => identity.mspId === mspId), ...issued];
      this.#pools.set(mspId, new PapersPool({ mspId, papers, issue: mill, reserve }));
    }
  }

  #mill(organisation: Organisation): Issue {
    const { tls, listen } = this.#options;
    const listenHost = listen ?? ownHostFor(this.#peerHost);
    // Issued later, they are valid from later: a run takes its time.
    return paperMill({ organisation, tls, listenHost, nowMs: () => wallMs(this.#tools.clock) });
  }

  /** Where no tester is named, one of each organisation with CA keys, to find out of which the peers are. */
  async #issueScouts(): Promise<readonly Papers[]> {
    const scouts: Papers[] = [];
    for (const folder of issuerFolders(this.#options)) {
      for (const mspId of likelyMspIds(folder)) {
        const organisation = await openIssuer(this.#options, folder.dir, mspId, this.#nowMs);
        if (organisation !== undefined) scouts.push(await this.#mill(organisation)());
      }
    }
    return scouts;
  }

  /** Identities that the peers hand out to a tester of their own organisation: other organisations' among them. */
  async #identitiesOfOthers(
    folders: readonly TesterFolder[],
    sightings: readonly PeerUnderTest[],
    resolve: (folder: TesterFolder) => string | undefined,
  ): Promise<readonly Uint8Array[]> {
    const found: Uint8Array[] = [];
    for (const peer of sightings) {
      const folder = folders.find((one) => resolve(one) === peer.mspId);
      if (folder !== undefined) {
        found.push(...(await pullIdentities(this.#tools, peer, this.#papersOf(folder, peer.mspId))));
      }
    }
    return found;
  }

  #papersOf({ dir, tls }: TesterFolder, mspId: string | undefined): Papers {
    if (mspId === undefined) {
      const what = `${dir}: of which organisation is this tester? No peer that shows itself is of it.`;
      throw new UsageError(`${what} Say its MSP-ID: --tester ORGMSP=${dir}`);
    }
    const { identity, msp } = fromFiles(() => loadLocalMsp(join(dir, 'msp'), mspId, { nowMs: this.#nowMs }));
    this.#organisations.set(mspId, msp.config);
    const listenHost = this.#options.listen ?? listenHostFor(tls, this.#peerHost);
    return { name: `${mspId}/${basename(dir)}`, identity, tls, listenHost };
  }

  /** Organisations at once, the peers of each in turn: there may be one tester of it alone. */
  #surveyAll(sightings: readonly PeerUnderTest[]): Promise<readonly Survey[]> {
    const turns = new Map<string, Promise<unknown>>();
    return Promise.all(
      sightings.map((sighting) => {
        const before = turns.get(sighting.mspId) ?? Promise.resolve();
        const survey = before.then(() => this.#survey(sighting));
        turns.set(sighting.mspId, survey);
        return survey;
      }),
    );
  }

  /** What can be done with a peer: found out by trying. */
  async #survey(sighting: PeerUnderTest): Promise<Survey> {
    const own = this.#ownPool(sighting);
    const tester = own.borrow();
    if (tester === undefined) throw new Error('all testers are out before the run has begun');
    try {
      const introduction = await introduce(this.#tools, sighting, tester);
      if (!introduction.ok) {
        throw new NetworkError(
          `${sighting.endpoint} does not accept the tester ${tester.name} (${introduction.reason}). Is it an identity of ${sighting.mspId}, and not revoked?`,
        );
      }
      // A peer that tells nothing of itself is to be judged for that, and hence taken for one that should.
      const externalEndpoint = introduction.externalEndpoint ?? sighting.endpoint;
      const peer = { ...sighting, externalEndpoint };
      const offered = new Set<Need>([tester.tls === undefined ? 'tls-off' : 'tls']);
      offered.add(externalEndpoint === '' ? 'hidden' : 'external-endpoint');
      if (externalEndpoint !== '' && (await this.#isHere(peer, tester)))
        offered.add('external-endpoint-here');
      if (own.issue !== undefined) offered.add('fresh');
      if (await this.#canDialBack(peer, tester)) offered.add('dial-back');
      // Of an organisation that the user named, or of which a peer of the network hands out identities.
      const foreign = this.#foreignPool(peer);
      if (foreign !== undefined) offered.add('foreign');
      if (foreign?.issue !== undefined) offered.add('foreign-fresh');
      const { channel } = this.#options;
      if (channel !== undefined) offered.add('channel');
      if (channel !== undefined && (await holdsNoBlock(this.#tools, peer, tester, channel)))
        offered.add('block-pull');
      if (channel !== undefined && this.#tools.stateTransfer) offered.add('state-transfer');
      return { peer, offered };
    } finally {
      own.giveBack(tester);
    }
  }

  /** Whether somebody is where a peer says that it is; on the very host that was dialled somebody must be. */
  async #isHere({ endpoint, externalEndpoint }: PeerUnderTest, tester: Papers): Promise<boolean> {
    if (hostOf(endpoint) === hostOf(externalEndpoint)) return true;
    const { lines, timing } = this.#tools;
    return (await lines.reach(externalEndpoint, tester.tls, timing.dialTimeoutMs)) === undefined;
  }

  /**
   * Whether the peer can dial a tester. On one machine it can, and a peer that does not is wrong; across machines, or out
   * of a container, it is found out by trying.
   */
  async #canDialBack(peer: PeerUnderTest, tester: Papers): Promise<boolean> {
    if (tester.listenHost === undefined) return false;
    const onLoopback = [peer.endpoint, peer.externalEndpoint].every((endpoint) =>
      endpoint.startsWith('127.'),
    );
    if (onLoopback || this.#options.listen !== undefined) return true;
    this.#tools.note(
      `finding out whether ${peer.endpoint} can dial this machine at ${tester.listenHost}; --listen ADDRESS says that it can`,
    );
    return isDialledBy(this.#tools, peer, tester);
  }

  #ownPool({ mspId, endpoint }: PeerUnderTest): PapersPool {
    const pool = this.#pools.get(mspId);
    if (pool !== undefined) return pool;
    throw new UsageError(
      `${endpoint} is a peer of ${mspId}, and no tester is. Name one of ${mspId} with --tester DIR.`,
    );
  }

  #foreignPool({ mspId }: PeerUnderTest): PapersPool | undefined {
    return [...this.#pools.values()].find((pool) => pool.mspId !== mspId);
  }
}

/** Reaches a network that is already up. Rejects with a UsageError or a NetworkError. */
export const attach = (options: AttachOptions, tools: AttachTools): Promise<Target> =>
  new Attachment(options, tools).reach();
