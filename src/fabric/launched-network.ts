import type { common } from '@hyperledger/fabric-protos';
import { abortable } from '../ports/abortable';
import type { BetweenPeers } from '../ports/between';
import type { Clock } from '../ports/clock';
import { ChannelControl } from './channel-control';
import type { ConfigChange } from './config-changes';
import { FabricError } from './fabric-error';
import { frontedPeer } from './fronted-peer';
import type { HostedNode } from './hosted-node';
import type { Hosting, StandIn } from './hosting';
import {
  capabilitiesFor,
  planGenesisBlock,
  planNetwork,
  type NetworkPlan,
  type NodePlan,
} from './network-plan';
import type { NetworkSettings } from './network-settings';
import { HostedRecruit } from './recruit';
import { withLogs } from './saved-logs';
import type { NetworkCuts, NetworkNode, Recruit, RunningNetwork } from './running-network';

export interface LaunchOptions {
  readonly settings: NetworkSettings;
  readonly clock: Clock;
  /** Aborted while the network comes up, everything started is stopped; later, whoever holds the network does that. */
  readonly signal: AbortSignal;
  /** What peers are to reach each other by way of; whoever made it closes it, after the network. */
  readonly between?: BetweenPeers;
  /** Somebody else who runs one of the peers. */
  readonly standIn?: StandIn;
  /** Told what is worth telling while the network comes up. */
  readonly note?: (line: string) => void;
  /** A node of a network that is up ended though nobody asked it to. */
  readonly onDeath?: (node: NetworkNode, death: FabricError) => void;
}

/**
 * Brings up a network wherever `openHosting` says. Rejects with a FabricError, or the signal's reason; nothing is left
 * then.
 */
export async function launchNetwork(
  options: LaunchOptions,
  openHosting: () => Promise<Hosting>,
): Promise<RunningNetwork> {
  const { signal, clock } = options;
  signal.throwIfAborted();
  const startedMs = clock.now();
  const opening = openHosting();
  const hosting = await abortable(opening, signal).catch((error: unknown) => {
    // Opened after all, it is closed; what cannot be opened needs no closing.
    opening.then((late) => late.close()).catch(() => undefined);
    throw error;
  });
  const network = new LaunchedNetwork(options, hosting, startedMs);
  try {
    // What is under way then ends by itself once the nodes are gone.
    await abortable(network.bringUp(), network.stopping);
    return network;
  } catch (error) {
    const told = error instanceof FabricError ? await withLogs(error, network.started) : error;
    await network[Symbol.asyncDispose]();
    throw told;
  }
}

class LaunchedNetwork implements RunningNetwork {
  readonly stages: Record<string, number> = {};
  readonly deaths: FabricError[] = [];
  readonly #options: LaunchOptions;
  readonly #hosting: Hosting;
  /** Aborted by whoever asks us to stop, and by the death of a node while the network comes up. */
  readonly #stopping = new AbortController();
  readonly #startedMs: number;
  readonly #nodes = new Map<string, HostedNode>();
  readonly #revived = new Set<string>();
  #recruits = 0;
  #parts: Parts | undefined;
  #isUp = false;

  constructor(options: LaunchOptions, hosting: Hosting, startedMs: number) {
    this.#options = options;
    this.#hosting = hosting;
    this.#startedMs = startedMs;
    options.signal.addEventListener('abort', this.#abort, { once: true });
    if (options.signal.aborted) this.#abort();
  }

  get plan(): NetworkPlan {
    return this.#up.plan;
  }

  get versions(): readonly string[] {
    return this.#hosting.versions;
  }

  versionOf(node: string): string {
    return this.#hosting.versionOf?.(node) ?? this.versions.join(' and ');
  }

  /** The nodes so far. */
  get started(): Iterable<NetworkNode> {
    return this.#nodes.values();
  }

  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  get keep(): (() => Promise<string>) | undefined {
    const { keep } = this.#hosting;
    if (keep === undefined) return undefined;
    return () => {
      this.#options.signal.removeEventListener('abort', this.#abort);
      return keep();
    };
  }

  get cuts(): NetworkCuts | undefined {
    return this.#hosting.cuts ?? this.#options.between;
  }

  get orderer(): HostedNode {
    return this.#up.orderer;
  }

  get peers(): readonly HostedNode[] {
    return this.#up.peers;
  }

  async bringUp(): Promise<void> {
    const { settings, clock } = this.#options;
    const plan = await planNetwork({
      settings,
      placeOf: (name) => this.#hosting.placeOf(name),
      nowMs: Number(clock.wallNanos() / 1_000_000n),
      onNode: (node) => {
        this.#create(node);
      },
    });
    this.#mark('started');
    const parts = this.#assemble(plan);
    this.#parts = parts;

    const genesis = planGenesisBlock(plan, capabilitiesFor(this.versions), clock.wallNanos());
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

  node(name: string): HostedNode {
    const found = this.#nodes.get(name);
    if (found !== undefined) return found;
    throw new FabricError('WRONG_STATE', `the network has no node ${name}`);
  }

  recruit(like: string): Promise<Recruit> {
    this.#recruits += 1;
    const { plan, control } = this.#up;
    return HostedRecruit.enlist(this.node(like).plan, this.#recruits, {
      plan,
      hosting: this.#hosting,
      control,
      clock: this.#options.clock,
      onDeath: (death) => {
        this.deaths.push(death);
      },
    });
  }

  addBlock(count = 1): Promise<number> {
    return this.#up.control.addBlock(count);
  }

  awaitHeight(height: number, peers = this.peers.filter(({ state }) => state === 'running')): Promise<void> {
    return this.#up.control.awaitHeight(height, peers);
  }

  joinChannel(peer: NetworkNode, firstBlock: Uint8Array): Promise<void> {
    return this.#up.control.joinPeer(peer, firstBlock);
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
    await this.#hosting.close();
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
  #create(plan: NodePlan): void {
    this.#stopping.signal.throwIfAborted();
    const { between, standIn } = this.#options;
    const host = standIn?.name === plan.name ? standIn : this.#hosting;
    const node = host.createNode({
      plan,
      settings: this.#options.settings,
      onDeath: (death) => {
        this.deaths.push(death);
        if (this.#isUp) this.#options.onDeath?.(node, death);
        else if (/^panic: /m.test(`${death.message}\n${death.evidence}`) && !this.#revived.has(plan.name))
          this.#revive(node, death);
        else this.#stopping.abort(death);
      },
      awaitService: (started) => this.#up.control.awaitService(started),
    });
    this.#nodes.set(plan.name, node);
    if (plan.place.front === undefined || between === undefined) this.#launch(node);
    else {
      const service = (): string => node.reachedAt('service');
      this.#launch(node, between.add(frontedPeer(plan, service, this.#options.settings.tls)));
    }
  }

  #launch(node: HostedNode, ready?: Promise<unknown>): void {
    const launched =
      ready?.then(() => {
        this.#stopping.signal.throwIfAborted();
        return node.launch();
      }) ?? node.launch();
    launched.catch((error: unknown) => {
      this.#stopping.abort(error);
    });
  }

  /**
   * Starts a node again that panicked while the network came up, once. A peer of 3.1.5 does where it is elected leader
   * and gives up in the same instant, as happens on a loaded machine (core/deliverservice/deliveryclient.go,
   * `StartDeliverForChannel`, reads what `StopDeliverForChannel` has just cleared).
   */
  #revive(node: HostedNode, death: FabricError): void {
    this.#revived.add(node.name);
    this.#options.note?.(`${death.message}\n${death.evidence}\n${node.name} is started again.`);
    this.#launch(node);
  }

  #assemble(plan: NetworkPlan): Parts {
    const orderer = this.node(plan.orderer.name);
    const peers = plan.peers.map(({ name }) => this.node(name));
    const admin = plan.ordererOrganisation.admin.tls;
    const ordererAdmin = {
      node: orderer.name,
      get endpoint() {
        return orderer.reachedAt('admin');
      },
      tls: plan.settings.tls ? { ...admin, serverName: plan.orderer.identity.name } : undefined,
    };
    const waiting = { clock: this.#options.clock, signal: this.#stopping.signal };
    const control = new ChannelControl({ plan, orderer, peers, ordererAdmin }, waiting);
    return { plan, orderer, peers, control };
  }
}

/** What there is once the nodes are described. */
interface Parts {
  readonly plan: NetworkPlan;
  readonly orderer: HostedNode;
  readonly peers: readonly HostedNode[];
  readonly control: ChannelControl;
}
