import { FabricError } from '../../../src/fabric/fabric-error';
import type { CoreOverrides } from '../../../src/fabric/core-overrides';
import { timingProfiles, type TimingProfile } from '../../../src/fabric/gossip-profile';
import { knownAdvice } from '../../../src/fabric/last-words';
import type { LaunchOptions } from '../../../src/fabric/launched-network';
import { defaultSettings, type NetworkSettings } from '../../../src/fabric/network-settings';
import { nodeNames, ORDERER } from '../../../src/fabric/network-plan';
import { advertisedAddress, hostOf } from '../../../src/fabric/node-place';
import { majorOf } from '../../../src/fabric/release';
import type { NetworkNode, RunningNetwork } from '../../../src/fabric/running-network';
import { saveLogs } from '../../../src/fabric/saved-logs';
import { wallMs, type Clock } from '../../../src/ports/clock';
import type { Random } from '../../../src/ports/random';
import {
  NetworkError,
  UsageError,
  type DockerTargetOptions,
  type NativeTargetOptions,
} from '../../run-types';
import { PapersPool } from '../papers-pool';
import type { Need, Papers, PapersRequest, PeerUnderTest, Target } from '../target';
import { paperMill } from './issued-papers';
import { keepPapers } from './kept-network';
import { channelMaker } from './network-channels';
import { NetworkRecruiter, type FrontHostOf } from './network-recruits';

/** A target that is a network of Fabric's programs, brought up for the run. */
export type NetworkTargetOptions = NativeTargetOptions | DockerTargetOptions;

export interface NetworkTools {
  readonly clock: Clock;
  readonly random: Random;
  /** Of the testers' chance. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Whether checks may bring peers down. */
  readonly destructive: boolean;
  readonly note: (line: string) => void;
}

/** At most so many testers of each organisation, for checks in view and aside: enough for those that run at once. */
const TESTERS = { inView: 24, aside: 30 };
/** The peers turn to more members at a time than there are testers in view and peers together. */
const LANES = { all: 20, view: 9, least: 5 };
/**
 * Nobody judges the neighbours of the peers under test, and most of their time would go into dialling testers who do not
 * listen. How often they tell of themselves stays as it is.
 */
const INDIFFERENCE: Partial<Record<TimingProfile, CoreOverrides>> = {
  fast: {
    'peer.gossip.reconnectInterval': '5s',
    'peer.gossip.pullInterval': '4s',
    'peer.gossip.pullPeerNum': 3,
    'peer.gossip.requestStateInfoInterval': '1s',
  },
};
/** Nothing but the first block: no peer holds one in memory, which clauses on block pull ask for. */
const BLOCKS = 0;
/** For testers whom no peer can dial. */
const NOWHERE = '127.0.0.1';

/**
 * Brings up a network by `start`. Rejects with a NetworkError that has the end of a dead node's log, or the signal's
 * reason. A node that dies later is started again. A UsageError, before anything is started, for a peer that there is not.
 */
export async function bringUpNetwork<Network>(
  options: NetworkTargetOptions,
  { clock, signal, note }: NetworkTools,
  start: (launch: LaunchOptions) => Promise<Network>,
): Promise<Network> {
  const settings: NetworkSettings = {
    ...defaultSettings,
    tls: options.tls,
    timers: timingProfiles[options.timingProfile],
    blocks: BLOCKS,
    overridesOf: (peer) => (options.nodes.includes(peer) ? {} : (INDIFFERENCE[options.timingProfile] ?? {})),
  };
  const peers = nodeNames(settings).filter((name) => name !== ORDERER);
  const unknown = options.nodes.find((name) => !peers.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`--node "${unknown}" is no peer of the network; it has ${peers.join(', ')}`);
  }
  const onDeath = (node: NetworkNode, death: FabricError): void => {
    note(`${death.message}\n${death.evidence}\n${node.name} is started again.`);
    node.start().catch((error: unknown) => {
      // The run is over.
      if (error instanceof FabricError && error.code === 'WRONG_STATE') return;
      note(`${node.name} does not start again: ${String(error)}`);
    });
  };
  try {
    return await start({ settings, clock, signal, note, onDeath });
  } catch (error) {
    if (!(error instanceof FabricError)) throw error;
    const { code, message, evidence } = error;
    // A death has its advice already.
    const advice = code === 'REFUSED' ? knownAdvice(message) : undefined;
    const sentence = [
      'The network does not come up.',
      message,
      ...(advice === undefined ? [] : [`· ${advice}`]),
    ];
    throw new NetworkError(sentence.join(' '), { cause: error, evidence });
  }
}

/** How testers and a network live together. */
export interface Lodging {
  /** Where its nodes run, in words that follow the version: as processes on loopback. */
  readonly where: string;
  /** The address on which testers listen for the peers; in the certificate of each. Undefined: peers reach none. */
  readonly testerHost: string | undefined;
  /** Undefined where nodes reach nothing that stands between them. */
  readonly frontHostOf?: FrontHostOf | undefined;
}

/** A network as a target; taken down if that cannot be. */
export async function targetOnNetwork(
  network: RunningNetwork,
  options: NetworkTargetOptions,
  tools: NetworkTools,
  lodging: Lodging,
): Promise<Target> {
  try {
    return await targetOf(network, options, tools, lodging);
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

async function targetOf(
  network: RunningNetwork,
  options: NetworkTargetOptions,
  { clock, note, destructive }: NetworkTools,
  { where, testerHost, frontHostOf }: Lodging,
): Promise<Target> {
  const { plan, stages, versions } = network;
  const { tls, timers, channel } = plan.settings;
  note(
    `network up in ${seconds(stages['ready'])}: full membership after ${seconds(stages['membership'])}, nodes started after ${seconds(stages['started'])}`,
  );
  const nowMs = (): number => wallMs(clock);
  const mills = plan.peerOrganisations.map(({ organisation }) => ({
    mspId: organisation.mspId,
    issue: paperMill({ organisation, tls, listenHost: testerHost ?? NOWHERE, nowMs }),
  }));
  const testers = await testersOf(mills, TESTERS.inView);
  const offered = new Set<Need>([
    tls ? 'tls' : 'tls-off',
    'foreign',
    'fresh',
    'foreign-fresh',
    'external-endpoint',
    'non-reader',
    'channel',
    'block-pull',
    'add-block',
    'recruit',
    'own-channel',
  ]);
  if (destructive) offered.add('disposable');
  if (plan.settings.blockGossip) offered.add('block-gossip');
  if (plan.settings.stateTransfer) offered.add('state-transfer');
  if (plan.settings.leaderElection) offered.add('leader-election');
  if (versions.every((version) => majorOf(version) >= 3)) offered.add('bft');
  if (testerHost !== undefined) offered.add('dial-back');
  if (frontHostOf !== undefined) offered.add('between-peers');
  // Containers have names for each other alone.
  const areHere = network.peers.every(
    ({ access, plan: { place } }) => hostOf(access.endpoint) === place.host,
  );
  if (areHere) offered.add('external-endpoint-here');
  if (tls) offered.add('separate-client-certificate');
  const fabricVersion = versions.join(' and ');
  const ofEach =
    versions.length > 1
      ? ` (${options.nodes.map((name) => `${name} ${network.versionOf(name)}`).join(', ')})`
      : '';
  const { keep } = network;
  const recruiter = new NetworkRecruiter(network, frontHostOf);
  return {
    info: {
      kind: options.kind,
      real: true,
      description: `Fabric ${fabricVersion}${ofEach} ${where}, two organisations of two peers, TLS ${tls ? 'on' : 'off'}, timers ${options.timingProfile}`,
      fabricVersion,
      peers: options.nodes,
      ...(versions.length > 1 && {
        versionByPeer: Object.fromEntries(options.nodes.map((name) => [name, network.versionOf(name)])),
      }),
    },
    tls,
    timing: timers,
    channel,
    peers: options.nodes.map((name) => peerUnderTest(network, name)),
    organisations: plan.peerOrganisations.map(({ organisation }) => organisation.msp.config),
    offers: () => offered,
    ...testers,
    apart: await testersOf(mills, TESTERS.aside),
    addBlock: () => network.addBlock(),
    newChannel: channelMaker(network, clock, ({ name }) => recruiter.nodeOf(name) ?? network.node(name)),
    lanes: LANES,
    recruiter,
    logs: {
      nodeDied: () => network.deaths.length > 0,
      save: () => saveLogs([network.orderer, ...network.peers]),
    },
    close: () => Promise.resolve(network[Symbol.asyncDispose]()),
    keep:
      keep &&
      (async () =>
        keepPapers({
          network,
          nodes: options.nodes,
          listenHost: testerHost ?? NOWHERE,
          folder: await keep(),
        })),
  };
}

/** One tester of each organisation, and up to so many as checks ask for them. */
async function testersOf(
  mills: readonly { readonly mspId: string; readonly issue: (request?: PapersRequest) => Promise<Papers> }[],
  count: number,
): Promise<Pick<Target, 'own' | 'foreign'>> {
  const pools = await Promise.all(
    mills.map(async ({ mspId, issue }) => {
      return new PapersPool({ mspId, papers: [await issue()], issue, reserve: count - 1 });
    }),
  );
  const poolFor = (wanted: (mspId: string) => boolean): PapersPool => {
    const pool = pools.find(({ mspId }) => wanted(mspId));
    if (pool === undefined) throw new TypeError('a peer under test of an organisation without testers');
    return pool;
  };
  return {
    own: (peer) => poolFor((mspId) => mspId === peer.mspId),
    foreign: (peer) => poolFor((mspId) => mspId !== peer.mspId),
  };
}

function peerUnderTest({ peers }: RunningNetwork, name: string): PeerUnderTest {
  const node = peers.find((peer) => peer.name === name);
  if (node === undefined) throw new TypeError(`the network has no peer ${name}`);
  const { identity } = node.plan.identity;
  return {
    name,
    // Where it is reached may change when it is started again.
    get endpoint() {
      return node.access.endpoint;
    },
    mspId: identity.mspId,
    pkiId: identity.pkiId,
    identity: identity.serialized,
    externalEndpoint: advertisedAddress(node.plan.place),
  };
}

const seconds = (ms = 0): string => `${(ms / 1_000).toFixed(2)} s`;
