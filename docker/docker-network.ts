import type { HostPort } from '../src/fabric/channel-profile';
import { FabricError } from '../src/fabric/fabric-error';
import { HostedNode, type HostedNodeOptions } from '../src/fabric/hosted-node';
import { commandOf, environmentOf, type Hosting } from '../src/fabric/hosting';
import { launchNetwork, type LaunchOptions } from '../src/fabric/launched-network';
import { freePorts } from '../src/fabric/native-addresses';
import { nodeNames, ORDERER, turnOf } from '../src/fabric/network-plan';
import type { NetworkSettings } from '../src/fabric/network-settings';
import { usualPorts, type NodePlace } from '../src/fabric/node-place';
import { RunFolder } from '../src/fabric/run-folder';
import type { NetworkCuts, NetworkNode, RunningNetwork } from '../src/fabric/running-network';
import { Container } from './container';
import { Cuts } from './cuts';
import { Engine } from './engine';
import { imageOf, provideImages, type ImageChoice } from './images';
import { DockerRun } from './run';
import { sweepDockerRuns } from './sweep';

export interface DockerOptions extends LaunchOptions {
  readonly images: ImageChoice;
  /** Whether the network may outlive this process. */
  readonly keep: boolean;
  readonly note: (line: string) => void;
}

/** A network in containers, and how it is found. */
export interface DockerNetwork {
  readonly network: RunningNetwork;
  /** The run's id, which everything of it bears in the label io.gossipspec.run. */
  readonly id: string;
  /** An address of this machine that the nodes can dial; undefined if there is none. */
  readonly ownHost: string | undefined;
  /** Whether they surely can: nothing stands between them and us. */
  readonly isDirect: boolean;
  /** Where its containers run: unix:///var/run/docker.sock. */
  readonly engine: string;
}

/**
 * Brings up a network of Fabric's images on a Docker engine, having swept away what killed runs have left there. Rejects
 * with a FabricError, or the signal's reason; nothing is left then.
 */
export async function startDockerNetwork(options: DockerOptions): Promise<DockerNetwork> {
  const { images, keep, signal, settings, between, standIn } = options;
  const engine = await Engine.connect();
  const hosted = nodeNames(settings).filter((node) => node !== standIn?.name);
  const needed = new Set(hosted.map((node) => imageOf(images, node)));
  await Promise.all([sweepDockerRuns({ engine }), provideImages(engine, [...needed], options)]);
  signal.throwIfAborted();
  let opening: Promise<DockerRun> | undefined;
  let network: RunningNetwork | undefined;
  try {
    network = await launchNetwork(options, async () => {
      opening = DockerRun.open(engine, { keep });
      const run = await opening;
      return new DockerHosting(
        run,
        images,
        between === undefined ? undefined : await frontsIn(run, settings),
        standIn && { name: standIn.name, place: await standIn.newPlace() },
      );
    });
    if (opening === undefined) throw new TypeError('a network without a run');
    const { id, reach } = await opening;
    const ofImages = [network.orderer, ...network.peers].filter(({ name }) => name !== standIn?.name);
    await checkVersions(ofImages, images);
    const isDirect = reach.published === undefined;
    return { network, id, ownHost: reach.ownHost, isDirect, engine: engine.address };
  } catch (error) {
    await network?.[Symbol.asyncDispose]();
    // Also what was still being made when somebody asked us to stop.
    const run = await opening?.catch(() => undefined);
    await run?.close();
    throw error;
  }
}

/** An image is named by whoever chose it; what is in it, its programs say. Rejects with a FabricError NO_PROGRAM. */
async function checkVersions(nodes: readonly NetworkNode[], images: ImageChoice): Promise<void> {
  const oneOfEach = new Map(nodes.map((node) => [imageOf(images, node.name), node]));
  for (const [image, node] of oneOfEach) {
    const version = turnOf(node.name, images.versions);
    const told = (await node.metrics()).version();
    if (told === undefined || told === version || told.startsWith(`${version}.`)) continue;
    const advice = 'Name its release with --fabric, or another image.';
    throw new FabricError('NO_PROGRAM', `The image ${image} is of Fabric ${told}, not ${version}. ${advice}`);
  }
}

/** For each peer, a port of this machine that the containers reach. Rejects with a FabricError NO_ADDRESS. */
async function frontsIn(
  { reach: { ownHost } }: DockerRun,
  settings: NetworkSettings,
): Promise<ReadonlyMap<string, HostPort>> {
  if (ownHost === undefined) {
    throw new FabricError(
      'NO_ADDRESS',
      'The containers reach no address of this machine, where what stands between the peers would be. Take an engine of this machine, or --target native.',
    );
  }
  const peers = nodeNames(settings).filter((name) => name !== ORDERER);
  const ports = await freePorts(ownHost, peers.length);
  return new Map(peers.map((name, index) => [name, { host: ownHost, port: ports[index] ?? 0 }]));
}

/** Where a node's files are in its container. */
const HOME = '/gossipspec';
const EVERYWHERE = '0.0.0.0';

/** A peer that is no container, but a process of this machine. */
interface Elsewhere {
  readonly name: string;
  readonly place: NodePlace;
}

/** Nodes that are containers of a Docker engine. */
class DockerHosting implements Hosting {
  readonly versions: readonly string[];
  readonly cuts: NetworkCuts;
  readonly #run: DockerRun;
  readonly #images: ImageChoice;
  readonly #fronts: ReadonlyMap<string, HostPort> | undefined;
  readonly #elsewhere: Elsewhere | undefined;
  readonly #containers = new Map<string, Container>();

  /** `fronts`: where others are told to reach a peer, by its name; undefined where nothing stands in front of them. */
  constructor(
    run: DockerRun,
    images: ImageChoice,
    fronts: ReadonlyMap<string, HostPort> | undefined,
    elsewhere: Elsewhere | undefined,
  ) {
    this.versions = images.versions;
    this.#run = run;
    this.#images = images;
    this.#fronts = fronts;
    this.#elsewhere = elsewhere;
    this.cuts = new Cuts(run, this.#containers);
  }

  readonly versionOf = (node: string): string => turnOf(node, this.#images.versions);

  /** Containers have names for each other, and ports of their own: nothing of two networks can clash. */
  placeOf(name: string): NodePlace {
    const { published, ownHost } = this.#run.reach;
    const others = [published?.host, ownHost].filter((host) => host !== undefined);
    const front = this.#fronts?.get(name);
    if (name === this.#elsewhere?.name) {
      const { place } = this.#elsewhere;
      return { ...place, front, sans: [...new Set([...place.sans, name, ...others])] };
    }
    return {
      host: name,
      listenHost: EVERYWHERE,
      ports: usualPorts[name === ORDERER ? 'orderer' : 'peer'],
      front,
      // This machine’s own address is for whatever of ours stands in front of a peer.
      sans: [...new Set([name, ...others, 'localhost'])],
      home: HOME,
    };
  }

  newPlace(name: string): Promise<NodePlace> {
    return Promise.resolve(this.placeOf(name));
  }

  createNode(options: HostedNodeOptions): HostedNode {
    const { plan, settings, onDeath } = options;
    const { name, kind, place, files } = plan;
    const { service, operations, admin } = place.ports;
    const container = new Container({
      run: this.#run,
      name,
      image: imageOf(this.#images, name),
      command: commandOf[kind],
      env: environmentOf(plan, settings),
      home: place.home,
      files,
      ports: kind === 'orderer' ? [service, operations, admin] : [service, operations],
      onDeath,
    });
    this.#containers.set(name, container);
    return new HostedNode(options, container, (port) => container.reachedAt(place.ports[port]));
  }

  async discard({ name }: HostedNode): Promise<void> {
    const container = this.#containers.get(name);
    this.#containers.delete(name);
    await container?.remove();
  }

  /** The containers bear a label that keeps them; what is on this machine, the mark of a folder. */
  readonly keep = (): Promise<string> => {
    for (const container of this.#containers.values()) container.forget();
    const folder = RunFolder.create();
    folder.keep();
    return Promise.resolve(folder.path);
  };

  async close(): Promise<void> {
    for (const container of this.#containers.values()) container.forget();
    await this.#run.close();
  }
}
