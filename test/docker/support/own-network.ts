import { Container } from '../../../docker/container';
import { Cuts } from '../../../docker/cuts';
import type { Engine } from '../../../docker/engine';
import { DockerRun, type RunOptions } from '../../../docker/run';
import type { FabricError } from '../../../src/fabric/fabric-error';
import type { HostPort } from '../../../src/fabric/channel-profile';
import { frontedPeer } from '../../../src/fabric/fronted-peer';
import { timingProfiles } from '../../../src/fabric/gossip-profile';
import { freePorts } from '../../../src/fabric/native-addresses';
import { planNetwork, type NetworkPlan } from '../../../src/fabric/network-plan';
import { defaultSettings } from '../../../src/fabric/network-settings';
import { hostOf, usualPorts } from '../../../src/fabric/node-place';
import { systemClock } from '../../../src/node';
import type { BetweenPeers } from '../../../src/ports/between';

const HOME = '/gossipspec';
const POLL_MS = 50;
const LAST_LINES = 10;

/** Peers of our own in containers: one organisation, no channel. */
export interface OwnNetwork extends AsyncDisposable {
  readonly run: DockerRun;
  readonly plan: NetworkPlan;
  readonly peers: readonly Container[];
  readonly cuts: Cuts;
  readonly deaths: readonly FabricError[];
}

export interface OwnNetworkOptions extends RunOptions {
  /** What they reach each other by way of. */
  readonly between?: BetweenPeers;
  /** Whom the peers call in place of one another, host:port. */
  readonly meet?: (run: DockerRun, plan: NetworkPlan) => Promise<string>;
}

/** Starts `count` peers, which need not have found each other when this resolves. */
export async function startOwnNetwork(
  engine: Engine,
  image: string,
  count: number,
  options: OwnNetworkOptions = { keep: false },
): Promise<OwnNetwork> {
  const run = await DockerRun.open(engine, options);
  const { between, meet } = options;
  const { ownHost = '' } = run.reach;
  const ports = between === undefined ? [] : await freePorts(ownHost, count);
  const frontOf = (name: string): HostPort | undefined => {
    const port = ports[Number(name.slice(-1))];
    return port === undefined ? undefined : { host: ownHost, port };
  };
  const plan = await planNetwork({
    settings: {
      ...defaultSettings,
      timers: timingProfiles.fast,
      organisations: 1,
      peersPerOrganisation: count,
    },
    nowMs: Number(systemClock.wallNanos() / 1_000_000n),
    placeOf: (name) => ({
      host: name,
      listenHost: '0.0.0.0',
      ports: usualPorts.peer,
      front: frontOf(name),
      sans: [name, ownHost],
      home: HOME,
    }),
  });
  const bootstrap = meet && { CORE_PEER_GOSSIP_BOOTSTRAP: await meet(run, plan) };
  const deaths: FabricError[] = [];
  const peers = plan.peers.map(
    ({ name, files }) =>
      new Container({
        run,
        name,
        image,
        command: [],
        env: { FABRIC_CFG_PATH: HOME, ...bootstrap },
        home: HOME,
        files,
        ports: [usualPorts.peer.service],
        onDeath: (death) => deaths.push(death),
      }),
  );
  const cuts = new Cuts(run, new Map(peers.map((peer) => [peer.name, peer])));
  const close = async (): Promise<void> => {
    for (const peer of peers) peer.forget();
    await run.close();
  };
  try {
    await Promise.all(
      plan.peers.map(async (node, index) => {
        const peer = peers[index];
        const service = (): string => peer?.reachedAt(usualPorts.peer.service) ?? '';
        await between?.add(frontedPeer(node, service, plan.settings.tls));
        await peer?.start();
      }),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { run, plan, peers, cuts, deaths, [Symbol.asyncDispose]: close };
}

/** The members that a peer has, host:port each, by what it printed of its membership: those last seen alive. */
async function membersOf(peer: Container): Promise<readonly string[]> {
  const members = new Map<string, boolean>();
  for (const [, event = '', name = ''] of (await peer.log()).matchAll(
    /\b(listening|alive|back|dead)\b.* (\S+:\d+)/g,
  )) {
    if (event === 'listening') members.clear();
    else members.set(name, event !== 'dead');
  }
  return [...members].flatMap(([name, alive]) => (alive ? [name] : []));
}

/** Resolves once a peer has exactly these members, told by host, or by host:port. */
export async function untilMembersOf(peer: Container, wanted: readonly string[]): Promise<void> {
  const text = [...wanted].sort().join();
  const nameOf = (member: string): string => (wanted.includes(member) ? member : hostOf(member));
  while ((await membersOf(peer)).map(nameOf).sort().join() !== text) {
    if (peer.state === 'stopped') throw new Error(`${peer.name} has ended: ${await peer.log(LAST_LINES)}`);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}
