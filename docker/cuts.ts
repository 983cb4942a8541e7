import { FabricError } from '../src/fabric/fabric-error';
import type { NetworkCuts } from '../src/fabric/running-network';
import type { Container } from './container';
import type { EngineNetwork } from './engine';
import type { DockerRun } from './run';

/**
 * Cuts among the containers of a run, made by moving them between networks: nothing has to be run in a container, so any
 * image will do, and any engine.
 */
export class Cuts implements NetworkCuts {
  readonly #run: DockerRun;
  readonly #containers: ReadonlyMap<string, Container>;
  /** Containers that are off the run's own network. */
  readonly #off = new Set<string>();
  #partitions = 0;

  constructor(run: DockerRun, containers: ReadonlyMap<string, Container>) {
    this.#run = run;
    this.#containers = containers;
  }

  async disconnect(name: string): Promise<AsyncDisposable> {
    const container = this.#named(name);
    await this.#leave(container);
    return this.#undo(() => this.#comeBack(container));
  }

  async partition(groups: readonly (readonly string[])[]): Promise<AsyncDisposable> {
    const members = groups.map((group) => group.map((name) => this.#named(name)));
    const listed = members.flat();
    if (new Set(listed).size < listed.length) {
      throw new FabricError('WRONG_STATE', 'A node can be in one group only.');
    }
    const between = [...this.#containers.values()].filter(
      (container) => !listed.includes(container) && !this.#off.has(container.name),
    );
    this.#partitions += 1;
    const prefix = `-partition${this.#partitions}`;
    await Promise.all(listed.map((container) => this.#leave(container)));
    const islands = await Promise.all(
      members.map(async (group, index) => {
        const network = await this.#run.makeNetwork(`${prefix}-${index + 1}`);
        const there = [...group, ...between];
        await Promise.all(there.map((container) => this.#join(network, container)));
        return { network, there };
      }),
    );
    return this.#undo(async () => {
      await Promise.all(listed.map((container) => this.#comeBack(container)));
      await Promise.all(islands.map(({ network, there }) => this.#dissolve(network, there)));
    });
  }

  #named(name: string): Container {
    const container = this.#containers.get(name);
    if (container !== undefined) return container;
    throw new FabricError('WRONG_STATE', `the network has no node ${name}`);
  }

  async #leave(container: Container): Promise<void> {
    const { name } = container;
    if (this.#off.has(name)) throw new FabricError('WRONG_STATE', `${name} is cut off already.`);
    this.#off.add(name);
    await this.#run.engine.disconnect(this.#run.network.id, container.id, name);
    await container.locate();
  }

  async #comeBack(container: Container): Promise<void> {
    await this.#join(this.#run.network, container);
    this.#off.delete(container.name);
  }

  async #join(network: EngineNetwork, container: Container): Promise<void> {
    await this.#run.engine.connect(network.id, container.id, container.name);
    await container.locate();
  }

  async #dissolve(network: EngineNetwork, there: readonly Container[]): Promise<void> {
    await Promise.all(
      there.map(async (container) => {
        await this.#run.engine.disconnect(network.id, container.id, container.name);
        await container.locate();
      }),
    );
    await this.#run.engine.removeNetwork(network.id);
  }

  /** Once only, and not on a network that has been taken down. */
  #undo(act: () => Promise<void>): AsyncDisposable {
    let isDone = false;
    return {
      [Symbol.asyncDispose]: async () => {
        if (isDone || this.#run.isClosed) return;
        isDone = true;
        await act();
      },
    };
  }
}
