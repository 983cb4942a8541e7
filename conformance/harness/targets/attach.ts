import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  deserializeIdentity,
  IdentityError,
  loadLocalMsp,
  loadMsp,
  loadTlsCredentials,
  MspRegistry,
  openOrganisation,
  type TlsCredentials,
} from '../../../src/identity';
import type { Clock } from '../../../src/ports/clock';
import type { ContentOf } from '../../../src/wire';
import { NetworkError, UsageError, type TargetOptions } from '../../run-types';
import { hex } from '../../steps/bytes';
import { PapersPool } from '../papers-pool';
import { accepts, introduce, isDialledBy, readConn, type SurveyTools } from '../survey';
import type { Need, Papers, PeerUnderTest, Target } from '../target';
import { paperMill } from './issued-papers';
import { listenHostFor, ownHostFor } from './listen-host';

export type AttachOptions = Extract<TargetOptions, { kind: 'attach' }>;

/** Testers issued in advance for each organisation whose CA is at hand: enough for the checks that run at once. */
const ISSUED_TESTERS = 12;

const wallMs = (clock: Clock): number => Number(clock.wallNanos() / 1_000_000n);

/** A tester's folder, before anybody knows which organisation it is of. */
interface TesterFolder {
  readonly dir: string;
  readonly mspId: string | undefined;
  readonly tls: TlsCredentials | undefined;
}

/** A peer as it shows itself to anybody. */
interface Sighting {
  readonly endpoint: string;
  readonly conn: ContentOf<'conn'>;
  readonly mspId: string;
}

/** Runs `load` and turns what is wrong with the user's files into a UsageError. */
function fromFiles<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (error instanceof IdentityError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

function openTesterFolders(options: AttachOptions, nowMs: number): readonly TesterFolder[] {
  if (options.testers.length === 0) {
    throw new UsageError(
      'Which outside peer shall speak to the network? Name the folder of one with --tester DIR (it holds msp/ and tls/).',
    );
  }
  return options.testers.map(({ dir, mspId }) => {
    if (!existsSync(join(dir, 'msp'))) {
      throw new UsageError(`${dir}: there is no msp folder in it; name a folder that holds msp/ and tls/.`);
    }
    // Its MSP-ID is not known yet, but the files can be read, and the key must be that of the certificate.
    fromFiles(() => loadLocalMsp(join(dir, 'msp'), mspId ?? 'unknown', { nowMs }));
    return {
      dir,
      mspId,
      tls: options.tls ? fromFiles(() => loadTlsCredentials(join(dir, 'tls'), { nowMs })) : undefined,
    };
  });
}

async function sight(
  tools: SurveyTools,
  endpoint: string,
  tls: TlsCredentials | undefined,
): Promise<Sighting> {
  const conn = await readConn(tools, endpoint, tls);
  const identity = deserializeIdentity(conn.identity);
  if (identity === undefined) {
    throw new NetworkError(`${endpoint} speaks gossip, but its identity is no serialized MSP identity.`);
  }
  return { endpoint, conn, mspId: identity.mspId };
}

/** The organisation of a folder: the one of whose peers the folder's own CAs vouch for. */
function mspIdOf(folder: TesterFolder, sightings: readonly Sighting[], nowMs: number): string {
  const found =
    folder.mspId ??
    sightings.find(({ mspId, conn }) => {
      const registry = new MspRegistry([fromFiles(() => loadMsp(join(folder.dir, 'msp'), mspId))]);
      return registry.validate(conn.identity, nowMs).ok;
    })?.mspId;
  if (found !== undefined) return found;
  throw new UsageError(
    `${folder.dir}: of which organisation is this tester? None of the peers named is of it. Say its MSP-ID: --tester ORGMSP=${folder.dir}`,
  );
}

/** The organisation folders with CA keys: those named, and those that testers lie in as cryptogen lays them out. */
function issuerFolders(options: AttachOptions): readonly string[] {
  if (!options.issue) return [];
  const beside = options.testers
    .map(({ dir }) => dirname(dirname(dir)))
    .filter((folder) => existsSync(join(folder, 'ca')) && existsSync(join(folder, 'tlsca')));
  return [...new Set([...options.issuers, ...beside])];
}

async function poolsOf(
  options: AttachOptions,
  folders: readonly TesterFolder[],
  sightings: readonly Sighting[],
  clock: Clock,
  note: (line: string) => void,
): Promise<ReadonlyMap<string, PapersPool>> {
  const nowMs = wallMs(clock);
  const peerHost = (sightings[0]?.endpoint ?? '').replace(/:\d+$/, '');
  const papers = new Map<string, Papers[]>();
  for (const folder of folders) {
    const mspId = mspIdOf(folder, sightings, nowMs);
    const { identity } = fromFiles(() => loadLocalMsp(join(folder.dir, 'msp'), mspId, { nowMs }));
    const listenHost = options.listen ?? listenHostFor(folder.tls, peerHost);
    const mine: Papers = { name: `${mspId}/${basename(folder.dir)}`, identity, tls: folder.tls, listenHost };
    papers.set(mspId, [...(papers.get(mspId) ?? []), mine]);
  }
  const mills = new Map<string, ReturnType<typeof paperMill>>();
  for (const dir of issuerFolders(options)) {
    const mspId = mspIdOf({ dir, mspId: undefined, tls: undefined }, sightings, nowMs);
    const organisation = await openOrganisation(dir, mspId, { nowMs }).catch((error: unknown) => {
      if (error instanceof IdentityError && !options.issuers.includes(dir)) return undefined;
      throw error instanceof IdentityError ? new UsageError(error.message, { cause: error }) : error;
    });
    if (organisation === undefined) continue;
    const listenHost = options.listen ?? ownHostFor(peerHost);
    mills.set(mspId, paperMill({ organisation, tls: options.tls, listenHost, nowMs: () => wallMs(clock) }));
    note(
      `testers of ${mspId} are issued by the CA in ${dir}, for this run and in memory only (--no-issue: none)`,
    );
  }
  const pools = new Map<string, PapersPool>();
  for (const mspId of new Set([...papers.keys(), ...mills.keys()])) {
    const mill = mills.get(mspId);
    const issued =
      mill === undefined ? [] : await Promise.all(Array.from({ length: ISSUED_TESTERS }, () => mill()));
    pools.set(mspId, new PapersPool(mspId, [...(papers.get(mspId) ?? []), ...issued], mill));
  }
  return pools;
}

/** What can be done with a peer: found out by trying. */
async function survey(
  tools: SurveyTools,
  sighting: Sighting,
  pools: ReadonlyMap<string, PapersPool>,
): Promise<{ peer: PeerUnderTest; offers: ReadonlySet<Need> }> {
  const { endpoint, conn, mspId } = sighting;
  const unknown: PeerUnderTest = {
    name: endpoint,
    endpoint,
    mspId,
    pkiId: conn.pkiId,
    identity: conn.identity,
    externalEndpoint: '',
  };
  const own = pools.get(mspId);
  const tester = own?.borrow();
  if (own === undefined || tester === undefined) {
    throw new UsageError(
      `${endpoint} is of ${mspId}, and none of the testers is. Name one of that organisation with --tester.`,
    );
  }
  try {
    const introduction = await introduce(tools, unknown, tester);
    if (!introduction.ok) {
      throw new NetworkError(
        `${endpoint} does not accept the tester ${tester.name} (${introduction.reason}). Is its certificate one of ${mspId}, and not revoked?`,
      );
    }
    const peer = { ...unknown, externalEndpoint: introduction.externalEndpoint };
    const offers = new Set<Need>([tester.tls === undefined ? 'tls-off' : 'tls']);
    if (peer.externalEndpoint !== '') offers.add('external-endpoint');
    if (own.issue !== undefined) offers.add('fresh');
    if (tester.listenHost !== undefined && (await isDialledBy(tools, peer, tester))) offers.add('dial-back');
    const stranger = foreignPool(pools, mspId);
    const papers = stranger?.borrow();
    if (stranger !== undefined && papers !== undefined) {
      if (await accepts(tools, peer, papers)) offers.add('foreign');
      stranger.giveBack(papers);
    }
    return { peer, offers };
  } finally {
    own.giveBack(tester);
  }
}

const foreignPool = (pools: ReadonlyMap<string, PapersPool>, mspId: string): PapersPool | undefined =>
  [...pools.values()].find((pool) => pool.mspId !== mspId);

/** A network that is already up: the peers named, judged by the testers named. */
export async function attach(
  options: AttachOptions,
  tools: SurveyTools & { readonly fabricVersion: string | undefined; readonly note: (line: string) => void },
): Promise<Target> {
  const { clock, timing, note } = tools;
  const folders = openTesterFolders(options, wallMs(clock));
  const sightings = await Promise.all(
    options.peers.map((endpoint) => sight(tools, endpoint, folders[0]?.tls)),
  );
  const pools = await poolsOf(options, folders, sightings, clock, note);
  const surveyed: Awaited<ReturnType<typeof survey>>[] = [];
  for (const sighting of sightings) surveyed.push(await survey(tools, sighting, pools));
  const peers = surveyed.map(({ peer }) => peer);
  const offers = new Map(surveyed.map(({ peer, offers: offered }) => [hex(peer.pkiId), offered]));
  const poolOf = (peer: PeerUnderTest): PapersPool => {
    const pool = pools.get(peer.mspId);
    if (pool === undefined) throw new Error(`no testers of ${peer.mspId}`);
    return pool;
  };
  return {
    info: {
      kind: 'attach',
      real: true,
      description: `${peers.map(({ endpoint }) => endpoint).join(', ')}, TLS ${options.tls ? 'on' : 'off'}`,
      fabricVersion: tools.fabricVersion,
      peers: peers.map(({ name }) => name),
    },
    tls: options.tls,
    timing,
    peers,
    offers: (peer) => offers.get(hex(peer.pkiId)) ?? new Set(),
    own: poolOf,
    foreign: (peer) => foreignPool(pools, peer.mspId),
    lanes: { all: 8, view: 1 },
    close: () => Promise.resolve(),
  };
}
