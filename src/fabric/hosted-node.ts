import type { Access } from './access';
import type { FabricError } from './fabric-error';
import { readMetrics, type Metrics } from './metrics';
import type { NodePlan } from './network-plan';
import type { NetworkSettings } from './network-settings';
import type { PortName } from './node-place';
import type { GossipOnly, NetworkNode, NodeState } from './running-network';

const METRICS_TIMEOUT_MS = 2_000;

export interface HostedNodeOptions {
  readonly plan: NodePlan;
  readonly settings: NetworkSettings;
  /** It ended though nobody asked it to. */
  readonly onDeath: (death: FabricError) => void;
  /** Resolves when the node, just started again, answers. */
  readonly awaitService: (node: NetworkNode) => Promise<void>;
}

/** The program of a node, wherever it runs. All reject with a FabricError, WRONG_STATE where a verb does not fit. */
export interface NodeProgram {
  readonly state: NodeState;
  /** Does not wait until it answers. */
  start(): Promise<void>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
  /** Ends it without a warning, in whatever state it is, and waits until it has ended. */
  kill(): Promise<void>;
  /** Holds it as it is: its connections stay, and nothing moves. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** The last lines that it printed, over all its starts; all by default. */
  log(lines?: number): Promise<string>;
  /** Of one that serves gossip and nothing else. */
  readonly gossipOnly?: GossipOnly;
}

/** A node of a network that this project runs. */
export class HostedNode implements NetworkNode {
  readonly plan: NodePlan;
  readonly name: string;
  readonly access: Access;
  readonly #program: NodeProgram;
  readonly #reachedAt: (port: PortName) => string;
  readonly #awaitService: HostedNodeOptions['awaitService'];

  /** `reachedAt`: host:port at which a listener of it is reached from here, which may change with its starts. */
  constructor(
    { plan, settings, awaitService }: HostedNodeOptions,
    program: NodeProgram,
    reachedAt: (port: PortName) => string,
  ) {
    this.plan = plan;
    this.name = plan.name;
    this.access = {
      node: plan.name,
      get endpoint() {
        return reachedAt('service');
      },
      serverName: plan.identity.name,
      rootsPem: settings.tls ? plan.identity.tls.rootsPem : undefined,
    };
    this.#program = program;
    this.#reachedAt = reachedAt;
    this.#awaitService = awaitService;
  }

  get state(): NodeState {
    return this.#program.state;
  }

  /** host:port at which one of its listeners is reached from here. */
  reachedAt(port: PortName): string {
    return this.#reachedAt(port);
  }

  /** Starts its program, and does not wait until that answers. Rejects with a FabricError. */
  launch(): Promise<void> {
    return this.#program.start();
  }

  async start(): Promise<void> {
    await this.#program.start();
    await this.#awaitService(this);
  }

  async stop(): Promise<AsyncDisposable> {
    await this.#program.stop();
    return this.#undoing('stopped', () => this.start());
  }

  async kill(): Promise<AsyncDisposable> {
    await this.#program.kill();
    return this.#undoing('stopped', () => this.start());
  }

  async restart(): Promise<void> {
    await this.#program.stop();
    await this.start();
  }

  async pause(): Promise<AsyncDisposable> {
    await this.#program.pause();
    return this.#undoing('paused', () => this.resume());
  }

  resume(): Promise<void> {
    return this.#program.resume();
  }

  logs(lines?: number): Promise<string> {
    return this.#program.log(lines);
  }

  async metrics(): Promise<Metrics> {
    return (
      this.gossipOnly?.metrics() ?? (await readMetrics(this.#reachedAt('operations'), METRICS_TIMEOUT_MS))
    );
  }

  get gossipOnly(): GossipOnly | undefined {
    return this.#program.gossipOnly;
  }

  /** Does `act` when disposed of, if the node is still in that state. */
  #undoing(state: NodeState, act: () => Promise<void>): AsyncDisposable {
    return {
      [Symbol.asyncDispose]: async () => {
        if (this.state === state) await act();
      },
    };
  }
}
