import type { Access } from '../src/fabric/access';
import {
  commandOf,
  environmentOf,
  resuming,
  startingAgain,
  type HostedNode,
  type HostedNodeOptions,
} from '../src/fabric/hosting';
import { readMetrics, type Metrics } from '../src/fabric/metrics';
import type { NodePlan } from '../src/fabric/network-plan';
import type { PortName } from '../src/fabric/node-place';
import type { NodeState } from '../src/fabric/running-network';
import { Container } from './container';
import type { DockerRun } from './run';

const METRICS_TIMEOUT_MS = 2_000;

export interface DockerNodeOptions extends HostedNodeOptions {
  readonly run: DockerRun;
  readonly image: string;
}

/** A node of Fabric's that is a container. */
export class DockerNode implements HostedNode {
  readonly plan: NodePlan;
  readonly name: string;
  readonly access: Access;
  readonly container: Container;
  readonly #awaitService: DockerNodeOptions['awaitService'];

  constructor(options: DockerNodeOptions) {
    const { plan, settings, run, image, onDeath } = options;
    const { name, kind, place, files } = plan;
    this.plan = plan;
    this.name = name;
    const { service, operations, admin } = place.ports;
    this.container = new Container({
      run,
      name,
      image,
      command: commandOf[kind],
      env: environmentOf(plan, settings),
      home: place.home,
      files,
      ports: kind === 'orderer' ? [service, operations, admin] : [service, operations],
      onDeath,
    });
    const reachedAt = (port: PortName): string => this.reachedAt(port);
    this.access = {
      node: name,
      get endpoint() {
        return reachedAt('service');
      },
      serverName: plan.identity.name,
      rootsPem: settings.tls ? plan.identity.tls.rootsPem : undefined,
    };
    this.#awaitService = options.awaitService;
  }

  get state(): NodeState {
    return this.container.state;
  }

  reachedAt(port: PortName): string {
    return this.container.reachedAt(this.plan.place.ports[port]);
  }

  launch(): Promise<void> {
    return this.container.start();
  }

  async start(): Promise<void> {
    await this.container.start();
    await this.#awaitService(this);
  }

  async stop(): Promise<AsyncDisposable> {
    await this.container.stop();
    return startingAgain(this);
  }

  async kill(): Promise<AsyncDisposable> {
    await this.container.kill();
    return startingAgain(this);
  }

  async restart(): Promise<void> {
    await this.container.stop();
    await this.start();
  }

  async pause(): Promise<AsyncDisposable> {
    await this.container.pause();
    return resuming(this);
  }

  resume(): Promise<void> {
    return this.container.resume();
  }

  logs(lines?: number): Promise<string> {
    return this.container.log(lines);
  }

  metrics(): Promise<Metrics> {
    return readMetrics(this.reachedAt('operations'), METRICS_TIMEOUT_MS);
  }
}
