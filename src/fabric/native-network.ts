import type { common } from '@hyperledger/fabric-protos';
import type { Clock } from '../ports/clock';
import type { Random } from '../ports/random';
import { ChannelControl } from './channel-control';
import type { ConfigChange } from './config-changes';
import { FabricError } from './fabric-error';
import { allocateAddresses } from './native-addresses';
import { NativeNode } from './native-node';
import { findPrograms, type NativePrograms } from './native-programs';
import { RunFolder, sweepAbandonedRuns } from './native-run-folder';
import {
  capabilitiesFor,
  nodeNames,
  planGenesisBlock,
  planNetwork,
  type NetworkPlan,
  type NodePlan,
} from './network-plan';
import type { NetworkSettings } from './network-settings';
import type { NetworkNode, RunningNetwork } from './running-network';

export interface NativeOptions {
  readonly settings: NetworkSettings;
  /** The folder with `peer` and `orderer`; PATH if undefined. */
  readonly binaries: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted while the network comes up, everything started is stopped; later, whoever holds the network does that. */
  readonly signal: AbortSignal;
  /** Told what is worth telling while the network comes up. */
  readonly note?: (line: string) => void;
  /** A node of a network that is up ended though nobody asked it to. */
  readonly onDeath?: (node: NetworkNode, death: FabricError) => void;
}

/**
 * Brings up a network of Fabric's own programs on loopback. Rejects with a FabricError, or the signal's reason; nothing
 * is left then.
 */
export async function startNativeNetwork(options: NativeOptions): Promise<RunningNetwork> {
  sweepAbandonedRuns();
  options.signal.throwIfAborted();
  const network = new NativeNetwork(options);
  try {
    await network.bringUp();
    return network;
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

/** Processes of this machine that make up a network. */
class NativeNetwork implements RunningNetwork {
  readonly stages: Record<string, number> = {};
  readonly #options: NativeOptions;
  readonly #folder = RunFolder.create();
  /** Aborted by whoever asks us to stop, and by the death of a node while the network comes up. */
  readonly #stopping = new AbortController();
  readonly #startedMs: number;
  readonly #sweepAtExit = (): void => {
    this.#folder.killAll();
    this.#folder.remove();
  };
  readonly #nodes = new Map<string, NativeNode>();
  readonly #revived = new Set<string>();
  #parts: Parts | undefined;
  #isUp = false;

  constructor(options: NativeOptions) {
    this.#options = options;
    this.#startedMs = options.clock.now();
    // For exceptions that nobody catches: an exit handler can still kill, and cannot wait.
    process.on('exit', this.#sweepAtExit);
    options.signal.addEventListener('abort', this.#abort, { once: true });
  }

  get plan(): NetworkPlan {
    return this.#up.plan;
  }

  get versions(): readonly string[] {
    const { peer, orderer } = this.#up.programs;
    return [...new Set([peer.version, orderer.version])];
  }

  get orderer(): NativeNode {
    return this.#up.orderer;
  }

  get peers(): readonly NativeNode[] {
    return this.#up.peers;
  }

  async bringUp(): Promise<void> {
    const { settings, binaries, clock, random } = this.#options;
    const nowMs = Number(clock.wallNanos() / 1_000_000n);
    const [programs, addresses] = await Promise.all([
      findPrograms(binaries),
      allocateAddresses(nodeNames(settings), random),
    ]);
    const placeOf = (name: string) => {
      const address = addresses.get(name);
      if (address === undefined) throw new TypeError(`no address for ${name}`);
      return { ...address, home: this.#folder.homeOf(name) };
    };
    const plan = await planNetwork({
      settings,
      placeOf,
      nowMs,
      onNode: (node) => {
        this.#launch(node, programs, settings);
      },
    });
    this.#mark('started');
    const parts = this.#assemble(plan, programs);
    this.#parts = parts;

    const capabilities = capabilitiesFor([programs.peer.major, programs.orderer.major]);
    const genesis = planGenesisBlock(plan, capabilities, clock.wallNanos());
    const { control } = parts;
    await Promise.all([
      control.joinOrderer(genesis).then(() => control.addBlock(settings.blocks)),
      ...parts.peers.map((peer) => control.joinPeer(peer, genesis)),
    ]);
    this.#mark('joined');
    await control.awaitRest(() => {
      this.#mark('membership');
    });
    this.#mark('ready');
    this.#isUp = true;
  }

  node(name: string): NativeNode {
    const found = this.#nodes.get(name);
    if (found !== undefined) return found;
    throw new FabricError('WRONG_STATE', `the network has no node ${name}`);
  }

  addBlock(count = 1): Promise<number> {
    return this.#up.control.addBlock(count);
  }

  awaitHeight(height: number, peers = this.peers.filter(({ state }) => state === 'running')): Promise<void> {
    return this.#up.control.awaitHeight(height, peers);
  }

  channelConfig(): Promise<common.ConfigGroup> {
    return this.#up.control.config();
  }

  updateConfig(change: ConfigChange): Promise<number> {
    return this.#up.control.updateConfig(change);
  }

  /** Everything is thrown away, so nobody is asked to end in order. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#abort);
    this.#stopping.abort(new FabricError('WRONG_STATE', 'the network is being taken down'));
    await Promise.all([...this.#nodes.values()].map((node) => node.end()));
    this.#folder.remove();
    process.off('exit', this.#sweepAtExit);
  }

  readonly #abort = (): void => {
    this.#stopping.abort(this.#options.signal.reason);
  };

  get #up(): Parts {
    if (this.#parts === undefined) throw new TypeError('the network is not up');
    return this.#parts;
  }

  #mark(stage: string): void {
    this.stages[stage] = Math.round(this.#options.clock.now() - this.#startedMs);
  }

  /** Starts a node while the keys of others are still being made. */
  #launch(plan: NodePlan, programs: NativePrograms, { tls, peerLogging }: NetworkSettings): void {
    this.#stopping.signal.throwIfAborted();
    const node = new NativeNode({
      plan,
      program: programs[plan.kind].path,
      folder: this.#folder,
      tls,
      peerLogging,
      onDeath: (dead, death) => {
        if (this.#isUp) this.#options.onDeath?.(dead, death);
        else if (/^panic: /m.test(death.message) && !this.#revived.has(plan.name)) this.#revive(node, death);
        else this.#stopping.abort(death);
      },
      awaitService: (started) => this.#up.control.awaitService(started),
    });
    this.#nodes.set(plan.name, node);
    node.launch();
  }

  /**
   * Starts a node again that panicked while the network came up, once. A peer of 3.1.5 does where it is elected leader
   * and gives up in the same instant, as happens on a loaded machine (core/deliverservice/deliveryclient.go,
   * `StartDeliverForChannel`, reads what `StopDeliverForChannel` has just cleared).
   */
  #revive(node: NativeNode, death: FabricError): void {
    this.#revived.add(node.name);
    this.#options.note?.(`${death.message}\n${node.name} is started again.`);
    node.launch();
  }

  #assemble(plan: NetworkPlan, programs: NativePrograms): Parts {
    const orderer = this.node(plan.orderer.name);
    const peers = plan.peers.map(({ name }) => this.node(name));
    const admin = plan.ordererOrganisation.admin.tls;
    const { host, ports } = plan.orderer.place;
    const ordererAdmin = {
      node: orderer.name,
      endpoint: `${host}:${ports.admin}`,
      tls: plan.settings.tls ? { ...admin, serverName: plan.orderer.identity.name } : undefined,
    };
    const waiting = { clock: this.#options.clock, signal: this.#stopping.signal };
    const control = new ChannelControl({ plan, orderer, peers, ordererAdmin }, waiting);
    return { plan, programs, orderer, peers, control };
  }
}

/** What there is once the nodes are described. */
interface Parts {
  readonly plan: NetworkPlan;
  readonly programs: NativePrograms;
  readonly orderer: NativeNode;
  readonly peers: readonly NativeNode[];
  readonly control: ChannelControl;
}
