import { Container } from '../../../docker/container';
import { Cuts } from '../../../docker/cuts';
import type { Engine } from '../../../docker/engine';
import { DockerRun, type RunOptions } from '../../../docker/run';
import type { FabricError } from '../../../src/fabric/fabric-error';
import { timingProfiles } from '../../../src/fabric/gossip-profile';
import { planNetwork, type NetworkPlan } from '../../../src/fabric/network-plan';
import { defaultSettings } from '../../../src/fabric/network-settings';
import { usualPorts } from '../../../src/fabric/node-place';
import { systemClock } from '../../../src/node';

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
      sans: [name],
      home: HOME,
    }),
  });
  const { meet } = options;
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
    await Promise.all(peers.map((peer) => peer.start()));
  } catch (error) {
    await close();
    throw error;
  }
  return { run, plan, peers, cuts, deaths, [Symbol.asyncDispose]: close };
}

/** The members that a peer has, by what it printed of its membership: those last seen alive. */
export async function membersOf(peer: Container): Promise<readonly string[]> {
  const members = new Map<string, boolean>();
  for (const [, event = '', name = ''] of (await peer.log()).matchAll(
    /\b(listening|alive|back|dead)\b.* (\S+?):\d+/g,
  )) {
    if (event === 'listening') members.clear();
    else members.set(name, event !== 'dead');
  }
  return [...members].flatMap(([name, alive]) => (alive ? [name] : [])).sort();
}

/** Resolves once a peer has exactly these members. */
export async function untilMembersOf(peer: Container, wanted: readonly string[]): Promise<void> {
  const text = [...wanted].sort().join();
  while ((await membersOf(peer)).join() !== text) {
    if (peer.state === 'stopped') throw new Error(`${peer.name} has ended: ${await peer.log(LAST_LINES)}`);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}
