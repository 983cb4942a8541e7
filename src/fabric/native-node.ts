import type { Access } from './access';
import type { FabricError } from './fabric-error';
import { readMetrics, type Metrics } from './metrics';
import { NativeProcess } from './native-process';
import type { RunFolder } from './native-run-folder';
import type { NodePlan } from './network-plan';
import { addressAt } from './node-place';
import type { NetworkNode, NodeState } from './running-network';

export interface NativeNodeOptions {
  readonly plan: NodePlan;
  readonly program: string;
  readonly folder: RunFolder;
  readonly tls: boolean;
  readonly peerLogging: string;
  /** It ended though nobody asked it to. */
  readonly onDeath: (node: NetworkNode, death: FabricError) => void;
  /** Resolves when the node, just started, answers. */
  readonly awaitService: (node: NetworkNode) => Promise<void>;
}

const METRICS_TIMEOUT_MS = 2_000;
/** Without Fabric's colours, which would end up in reports. */
const LOG_FORMAT = '%{time:2006-01-02 15:04:05.000 MST} %{level:.4s} [%{module}] %{message}';

/** A node that is a process of this machine. */
export class NativeNode implements NetworkNode {
  readonly plan: NodePlan;
  readonly name: string;
  readonly access: Access;
  readonly #process: NativeProcess;
  readonly #awaitService: NativeNodeOptions['awaitService'];

  constructor(options: NativeNodeOptions) {
    const { plan, program, folder, tls, peerLogging, onDeath } = options;
    const { name, kind, place } = plan;
    this.plan = plan;
    this.name = name;
    this.access = {
      node: name,
      endpoint: addressAt(place.host, place, 'service'),
      serverName: plan.identity.name,
      rootsPem: tls ? plan.identity.tls.rootsPem : undefined,
    };
    this.#awaitService = options.awaitService;
    folder.write(name, plan.files);
    this.#process = new NativeProcess({
      name,
      program,
      args: kind === 'peer' ? ['node', 'start'] : [],
      env: {
        FABRIC_CFG_PATH: place.home,
        FABRIC_LOGGING_SPEC: kind === 'peer' ? peerLogging : 'info',
        FABRIC_LOGGING_FORMAT: LOG_FORMAT,
        // Go programs look for their user's home; they find what is removed with the run.
        HOME: place.home,
      },
      folder,
      onDeath: (death) => {
        onDeath(this, death);
      },
    });
  }

  get state(): NodeState {
    return this.#process.state;
  }

  /** Starts the program, and does not wait for it. */
  launch(): void {
    this.#process.start();
  }

  /** Kills the program, whatever its state. */
  end(): Promise<void> {
    return this.#process.kill();
  }

  async start(): Promise<void> {
    this.#process.start();
    await this.#awaitService(this);
  }

  async stop(): Promise<AsyncDisposable> {
    await this.#process.stop();
    return this.#startingAgain();
  }

  async kill(): Promise<AsyncDisposable> {
    await this.#process.kill();
    return this.#startingAgain();
  }

  async restart(): Promise<void> {
    await this.#process.stop();
    await this.start();
  }

  pause(): Promise<AsyncDisposable> {
    this.#process.pause();
    return Promise.resolve({
      [Symbol.asyncDispose]: async () => {
        if (this.state === 'paused') await this.resume();
      },
    });
  }

  resume(): Promise<void> {
    this.#process.resume();
    return Promise.resolve();
  }

  logs(lines?: number): Promise<string> {
    return Promise.resolve(this.#process.log(lines));
  }

  metrics(): Promise<Metrics> {
    const { place } = this.plan;
    return readMetrics(addressAt(place.host, place, 'operations'), METRICS_TIMEOUT_MS);
  }

  #startingAgain(): AsyncDisposable {
    return {
      [Symbol.asyncDispose]: async () => {
        if (this.state === 'stopped') await this.start();
      },
    };
  }
}
