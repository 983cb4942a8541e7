import { dirname, join } from 'node:path';
import { UsageError } from '../../../conformance/run-types';
import type { Access } from '../../fabric/access';
import { FabricError } from '../../fabric/fabric-error';
import { HostedNode, type HostedNodeOptions, type NodeProgram } from '../../fabric/hosted-node';
import type { StandIn } from '../../fabric/hosting';
import { Metrics } from '../../fabric/metrics';
import { nodeNames, ORDERER, type NodePlan } from '../../fabric/network-plan';
import type { NetworkSettings } from '../../fabric/network-settings';
import { allocatePlace } from '../../fabric/native-addresses';
import { addressAt, type NodePlace } from '../../fabric/node-place';
import { RunFolder } from '../../fabric/run-folder';
import type { GossipOnly, NodeState } from '../../fabric/running-network';
import { MspRegistry } from '../../identity';
import {
  joinConfiguredChannel,
  readChannelConfig,
  loadSettings,
  MemoryLedger,
  peerOptionsFrom,
  startGossipPeer,
  systemClock,
  systemRandom,
  type RunningChannel,
  type RunningPeer,
} from '../../node';
import { OrdererFeed } from './orderer-feed';
import { victims, type Step } from './scenario';

/** What a real peer tells of a channel without chaincodes (SINF-04). */
const LIFECYCLE = { name: '_lifecycle', version: '1' };

/** The channel that it has been told to join; the ledger outlives a restart. */
interface Joined {
  readonly firstBlock: Uint8Array;
  readonly ledger: MemoryLedger;
  readonly orderer: Access;
}

/** While it runs. */
interface Running {
  readonly peer: RunningPeer;
  readonly validator: MspRegistry;
}

/**
 * Our own peer in the place of one of Fabric's: at its address, with its keys, set up by the very core.yaml that it
 * would have. It runs in this process, so it cannot be paused, and to kill it is to stop it.
 */
class SeatedPeer implements NodeProgram {
  readonly gossipOnly: GossipOnly = {
    join: (firstBlock, orderer) =>
      this.#join({ firstBlock, orderer, ledger: new MemoryLedger([firstBlock]) }),
    height: () => Number(this.#joined?.ledger.height() ?? 0n),
    metrics: () => this.#metrics(),
  };
  readonly #plan: NodePlan;
  #starting: Promise<Running> | undefined;
  #joined: Joined | undefined;
  #channel: RunningChannel | undefined;
  #feed: OrdererFeed | undefined;

  constructor(plan: NodePlan) {
    this.#plan = plan;
    new RunFolder(dirname(plan.place.home)).write(plan.name, plan.files);
  }

  get state(): NodeState {
    return this.#starting === undefined ? 'stopped' : 'running';
  }

  async start(): Promise<void> {
    this.#starting = this.#run();
    await this.#starting;
    if (this.#joined !== undefined) await this.#join(this.#joined);
  }

  async stop(): Promise<void> {
    const starting = this.#starting;
    this.#starting = undefined;
    this.#feed?.[Symbol.dispose]();
    this.#channel = undefined;
    // Whoever started it was told if it did not come up.
    await starting?.then(
      ({ peer }) => peer.stop(),
      () => undefined,
    );
  }

  kill(): Promise<void> {
    return this.stop();
  }

  pause(): Promise<void> {
    return Promise.reject(this.#noPause('paused'));
  }

  resume(): Promise<void> {
    return Promise.reject(this.#noPause('resumed'));
  }

  /** It prints nothing. */
  log(): Promise<string> {
    return Promise.resolve('');
  }

  async #run(): Promise<Running> {
    const { organisation, place } = this.#plan;
    const settings = loadSettings({ coreYaml: join(place.home, 'core.yaml') });
    const validator = new MspRegistry([organisation.msp]);
    const peer = await startGossipPeer({ ...peerOptionsFrom(settings), validator });
    return { peer, validator };
  }

  async #join(joined: Joined): Promise<void> {
    if (this.#starting === undefined) throw new FabricError('WRONG_STATE', `${this.#plan.name} does not run`);
    const { peer, validator } = await this.#starting;
    const { firstBlock, ledger, orderer } = joined;
    const config = readChannelConfig(firstBlock);
    const channel = joinConfiguredChannel(peer, { config, ledger, validator, chaincodes: [LIFECYCLE] });
    const { identity } = this.#plan.identity;
    const feed = new OrdererFeed({ orderer, channel, identity, clock: systemClock });
    peer.events.on('leadershipChanged', ({ isLeader }) => {
      if (isLeader) feed.start();
      else feed[Symbol.dispose]();
    });
    this.#joined = joined;
    this.#channel = channel;
    this.#feed = feed;
  }

  #metrics(): Metrics {
    const channel = this.#channel;
    if (channel === undefined) return new Metrics('');
    const samples = {
      gossip_membership_total_peers_known: channel.members().length,
      ledger_blockchain_height: Number(channel.height()),
      gossip_leader_election_leader: Number(channel.isLeader()),
    };
    const lines = Object.entries(samples).map(
      ([name, value]) => `${name}{channel="${channel.name}"} ${value}`,
    );
    return new Metrics(lines.join('\n'));
  }

  #noPause(verb: string): FabricError {
    return new FabricError('WRONG_STATE', `${this.#plan.name} cannot be ${verb}: it runs in this process.`);
  }
}

/** Our own peer as the one who takes a place in a network that comes up; ended when it is disposed of. */
export class Seat implements StandIn, AsyncDisposable {
  readonly name: string;
  #peer: SeatedPeer | undefined;
  #folder: RunFolder | undefined;

  /** Throws a UsageError where there is no such place, or the scenario does to it what our peer cannot stand. */
  constructor(name: string, settings: NetworkSettings, scenario: readonly Step[]) {
    const peers = nodeNames(settings).filter((node) => node !== ORDERER);
    if (!peers.includes(name)) throw new UsageError(`--seat "${name}" is none of ${peers.join(', ')}`);
    if (scenario.includes('pause') && victims.pause === name)
      throw new UsageError(`--seat ${name}: the scenario pauses this peer, and ours cannot be paused`);
    this.name = name;
  }

  async newPlace(): Promise<NodePlace> {
    this.#folder ??= RunFolder.create();
    return { ...(await allocatePlace(systemRandom)), home: this.#folder.homeOf(this.name) };
  }

  createNode(options: HostedNodeOptions): HostedNode {
    const { plan } = options;
    this.#peer = new SeatedPeer(plan);
    return new HostedNode(options, this.#peer, (port) => addressAt(plan.place.host, plan.place, port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer?.stop();
    this.#folder?.remove();
  }
}
