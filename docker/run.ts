import { randomBytes } from 'node:crypto';
import { FabricError } from '../src/fabric/fabric-error';
import type { ContainerSpec, Engine, EngineNetwork } from './engine';
import { KEEP_LABEL, NODE_LABEL, OWNER_LABEL, RUN_LABEL, thisOwner } from './labels';
import { reachOf, type Reach } from './reach';
import { removeRun } from './removal';

const ID_BYTES = 5;

export interface RunOptions {
  /** Nobody sweeps it away once we are gone. */
  readonly keep: boolean;
  /** How its containers are reached; found out if not given. */
  readonly reach?: (engine: Engine, network: EngineNetwork) => Promise<Reach>;
}

/** What a run has on an engine: a network, containers on it, and whatever else bears its label. */
export class DockerRun {
  readonly id: string;
  readonly engine: Engine;
  readonly #keep: boolean;
  readonly #making = new Set<Promise<unknown>>();
  #closed = false;
  #place: { readonly network: EngineNetwork; readonly reach: Reach } | undefined;

  private constructor(engine: Engine, keep: boolean) {
    this.id = randomBytes(ID_BYTES).toString('hex');
    this.engine = engine;
    this.#keep = keep;
  }

  /** Rejects with a FabricError; nothing is left then. */
  static async open(engine: Engine, { keep, reach = reachOf }: RunOptions): Promise<DockerRun> {
    const run = new DockerRun(engine, keep);
    try {
      const network = await run.makeNetwork('');
      run.#place = { network, reach: await reach(engine, network) };
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  get network(): EngineNetwork {
    return this.#open.network;
  }

  get reach(): Reach {
    return this.#open.reach;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** `suffix`: what tells it from the run's other networks. */
  makeNetwork(suffix: string): Promise<EngineNetwork> {
    return this.#make(() => this.engine.createNetwork(`gossipspec-${this.id}${suffix}`, this.#labels()));
  }

  /** Resolves to its id. */
  makeContainer(spec: Omit<ContainerSpec, 'name' | 'labels' | 'networkId'>): Promise<string> {
    return this.#make(() =>
      this.engine.createContainer({
        ...spec,
        name: `gossipspec-${this.id}-${spec.alias}`,
        labels: { ...this.#labels(), [NODE_LABEL]: spec.alias },
        networkId: this.network.id,
      }),
    );
  }

  /** Kills and removes everything. May be called again. */
  async close(): Promise<void> {
    this.#closed = true;
    // What is being made now has no label to be found by until it is there.
    await Promise.allSettled(this.#making);
    await removeRun(this.engine, this.id);
  }

  get #open(): { readonly network: EngineNetwork; readonly reach: Reach } {
    if (this.#place === undefined) throw new TypeError('the run is not open');
    return this.#place;
  }

  #labels(): Readonly<Record<string, string>> {
    const owner = thisOwner();
    return {
      [RUN_LABEL]: this.id,
      ...(owner && { [OWNER_LABEL]: JSON.stringify(owner) }),
      ...(this.#keep ? { [KEEP_LABEL]: 'true' } : {}),
    };
  }

  async #make<T>(make: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new FabricError('WRONG_STATE', 'the network is being taken down');
    const making = make();
    this.#making.add(making);
    try {
      return await making;
    } finally {
      this.#making.delete(making);
    }
  }
}
