import type { Access } from './access';
import {
  commandOf,
  environmentOf,
  resuming,
  startingAgain,
  type HostedNode,
  type HostedNodeOptions,
} from './hosting';
import { readMetrics, type Metrics } from './metrics';
import { NativeProcess } from './native-process';
import type { RunFolder } from './native-run-folder';
import type { NodePlan } from './network-plan';
import { addressAt, type PortName } from './node-place';
import type { NodeState } from './running-network';

export interface NativeNodeOptions extends HostedNodeOptions {
  readonly program: string;
  readonly folder: RunFolder;
}

const METRICS_TIMEOUT_MS = 2_000;

/** What `act` gives back or throws, as a promise. */
const promised = <T>(act: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(act());
  });

/** A node that is a process of this machine. */
export class NativeNode implements HostedNode {
  readonly plan: NodePlan;
  readonly name: string;
  readonly access: Access;
  readonly #process: NativeProcess;
  readonly #awaitService: NativeNodeOptions['awaitService'];

  constructor(options: NativeNodeOptions) {
    const { plan, settings, program, folder, onDeath } = options;
    const { name, kind } = plan;
    const [, ...args] = commandOf[kind];
    this.plan = plan;
    this.name = name;
    this.access = {
      node: name,
      endpoint: this.reachedAt('service'),
      serverName: plan.identity.name,
      rootsPem: settings.tls ? plan.identity.tls.rootsPem : undefined,
    };
    this.#awaitService = options.awaitService;
    folder.write(name, plan.files);
    this.#process = new NativeProcess({
      name,
      program,
      args,
      env: environmentOf(plan, settings),
      folder,
      onDeath,
    });
  }

  get state(): NodeState {
    return this.#process.state;
  }

  reachedAt(port: PortName): string {
    const { place } = this.plan;
    return addressAt(place.host, place, port);
  }

  launch(): Promise<void> {
    return promised(() => {
      this.#process.start();
    });
  }

  /** Kills the program, whatever its state. */
  end(): Promise<void> {
    return this.#process.kill();
  }

  /** Lets the program run on when we end. */
  release(): void {
    this.#process.release();
  }

  async start(): Promise<void> {
    this.#process.start();
    await this.#awaitService(this);
  }

  async stop(): Promise<AsyncDisposable> {
    await this.#process.stop();
    return startingAgain(this);
  }

  async kill(): Promise<AsyncDisposable> {
    await this.#process.kill();
    return startingAgain(this);
  }

  async restart(): Promise<void> {
    await this.#process.stop();
    await this.start();
  }

  pause(): Promise<AsyncDisposable> {
    return promised(() => {
      this.#process.pause();
      return resuming(this);
    });
  }

  resume(): Promise<void> {
    return promised(() => {
      this.#process.resume();
    });
  }

  logs(lines?: number): Promise<string> {
    return promised(() => this.#process.log(lines));
  }

  metrics(): Promise<Metrics> {
    return readMetrics(this.reachedAt('operations'), METRICS_TIMEOUT_MS);
  }
}
