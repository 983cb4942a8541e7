import { FabricError } from '../../../src/fabric/fabric-error';
import { timingProfiles } from '../../../src/fabric/gossip-profile';
import { startNativeNetwork } from '../../../src/fabric/native-network';
import { defaultSettings, type NetworkSettings } from '../../../src/fabric/network-settings';
import type { NetworkNode, RunningNetwork } from '../../../src/fabric/running-network';
import type { Organisation } from '../../../src/identity';
import type { Clock } from '../../../src/ports/clock';
import type { Random } from '../../../src/ports/random';
import { NetworkError, UsageError, type NativeTargetOptions } from '../../run-types';
import { PapersPool } from '../papers-pool';
import type { Need, PeerUnderTest, Target } from '../target';
import { paperMill } from './issued-papers';

export interface NativeTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/** Where testers listen; in the certificate of each. */
const TESTER_HOST = '127.0.0.1';
/** Testers issued in advance for each organisation: enough for the checks that run at once. */
const TESTERS = 12;
/** The peers turn to more members at a time than there are testers in view and peers together. */
const LANES = { all: 8, view: 4 };
/** Nothing but the first block: no peer holds one in memory, which clauses on block pull ask for. */
const BLOCKS = 0;

/**
 * A network of Fabric's own programs on this machine, brought up for the run. Rejects with a UsageError, a NetworkError
 * that has the end of a dead node's log, or the signal's reason.
 */
export async function native(options: NativeTargetOptions, tools: NativeTools): Promise<Target> {
  const settings: NetworkSettings = {
    ...defaultSettings,
    tls: options.tls,
    timers: timingProfiles[options.timingProfile],
    blocks: BLOCKS,
  };
  const network = await bringUp(options, settings, tools);
  try {
    return await targetOf(network, options, tools);
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

async function bringUp(
  { binaries }: NativeTargetOptions,
  settings: NetworkSettings,
  { clock, random, signal, note }: NativeTools,
): Promise<RunningNetwork> {
  const onDeath = (node: NetworkNode, death: FabricError): void => {
    note(`${death.message}\n${node.name} is started again.`);
    node.start().catch((error: unknown) => {
      // The run is over.
      if (error instanceof FabricError && error.code === 'WRONG_STATE') return;
      note(`${node.name} does not start again: ${String(error)}`);
    });
  };
  try {
    return await startNativeNetwork({ settings, binaries, clock, random, signal, note, onDeath });
  } catch (error) {
    if (!(error instanceof FabricError)) throw error;
    throw new NetworkError(`The network does not come up. ${error.message}`, { cause: error });
  }
}

async function targetOf(
  network: RunningNetwork,
  options: NativeTargetOptions,
  { clock, note }: NativeTools,
): Promise<Target> {
  const { plan, stages, versions } = network;
  const { tls, timers, channel } = plan.settings;
  note(
    `network up in ${seconds(stages['ready'])}: full membership after ${seconds(stages['membership'])}, nodes started after ${seconds(stages['started'])}`,
  );
  const nowMs = (): number => Number(clock.wallNanos() / 1_000_000n);
  const poolOf = async (organisation: Organisation): Promise<PapersPool> => {
    const mill = paperMill({ organisation, tls, listenHost: TESTER_HOST, nowMs });
    const papers = await Promise.all(Array.from({ length: TESTERS }, () => mill()));
    return new PapersPool(organisation.mspId, papers, mill);
  };
  const pools = await Promise.all(plan.peerOrganisations.map(({ organisation }) => poolOf(organisation)));
  const poolFor = (wanted: (mspId: string) => boolean): PapersPool => {
    const pool = pools.find(({ mspId }) => wanted(mspId));
    if (pool === undefined) throw new TypeError('a peer under test of an organisation without testers');
    return pool;
  };
  const offered = new Set<Need>([
    tls ? 'tls' : 'tls-off',
    'dial-back',
    'foreign',
    'fresh',
    'external-endpoint',
    'block-pull',
  ]);
  if (tls) offered.add('separate-client-certificate');
  const fabricVersion = versions.join(' and ');
  return {
    info: {
      kind: 'native',
      real: true,
      description: `Fabric ${fabricVersion} as processes on loopback, two organisations of two peers, TLS ${tls ? 'on' : 'off'}, timers ${options.timingProfile}`,
      fabricVersion,
      peers: options.nodes,
    },
    tls,
    timing: timers,
    channel,
    peers: options.nodes.map((name) => peerUnderTest(network, name)),
    offers: () => offered,
    own: (peer) => poolFor((mspId) => mspId === peer.mspId),
    foreign: (peer) => poolFor((mspId) => mspId !== peer.mspId),
    lanes: LANES,
    close: () => Promise.resolve(network[Symbol.asyncDispose]()),
  };
}

function peerUnderTest({ peers }: RunningNetwork, name: string): PeerUnderTest {
  const node = peers.find((peer) => peer.name === name);
  if (node === undefined) {
    const names = peers.map((peer) => peer.name).join(', ');
    throw new UsageError(`--node "${name}" is no peer of the network; it has ${names}`);
  }
  const { identity } = node.plan.identity;
  return {
    name,
    endpoint: node.access.endpoint,
    mspId: identity.mspId,
    pkiId: identity.pkiId,
    identity: identity.serialized,
    externalEndpoint: node.access.endpoint,
  };
}

const seconds = (ms = 0): string => `${(ms / 1_000).toFixed(2)} s`;
