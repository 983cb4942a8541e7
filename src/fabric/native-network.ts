import type { Random } from '../ports/random';
import { HostedNode, type HostedNodeOptions } from './hosted-node';
import { commandOf, environmentOf, type Hosting } from './hosting';
import { launchNetwork, type LaunchOptions } from './launched-network';
import { allocateAddresses, allocatePlace, type NativeAddresses } from './native-addresses';
import { NativeProcess } from './native-process';
import { findAllPrograms, type NativeProgram, type NativePrograms } from './native-programs';
import { RunFolder, sweepAbandonedRuns } from './run-folder';
import { nodeNames, ORDERER, turnOf } from './network-plan';
import { addressAt, type NodePlace } from './node-place';
import type { RunningNetwork } from './running-network';

export interface NativeOptions extends LaunchOptions {
  /**
   * Folders with `peer` and `orderer`; PATH if there are none. Of several, each organisation has peers of all in turn, and
   * the orderer is of the oldest.
   */
  readonly binaries: readonly string[];
  readonly random: Random;
}

/**
 * Brings up a network of Fabric's own programs on loopback. Rejects with a FabricError, or the signal's reason; nothing
 * is left then.
 */
export function startNativeNetwork(options: NativeOptions): Promise<RunningNetwork> {
  sweepAbandonedRuns();
  return launchNetwork(options, async () => {
    const [programs, addresses] = await Promise.all([
      findAllPrograms(options.binaries),
      allocateAddresses(nodeNames(options.settings), options.random),
    ]);
    return new NativeHosting(programs, addresses, options);
  });
}

/** Which of several folders' programs a node runs. */
export function programOf(name: string, programs: readonly NativePrograms[]): NativeProgram {
  const { peer, orderer } = turnOf(name, programs);
  return name === ORDERER ? orderer : peer;
}

/** Nodes that are processes of this machine. */
class NativeHosting implements Hosting {
  readonly versions: readonly string[];
  readonly cuts = undefined;
  readonly #programs: readonly NativePrograms[];
  readonly #addresses: NativeAddresses;
  readonly #random: Random;
  readonly #isFronted: boolean;
  readonly #folder = RunFolder.create();
  readonly #processes = new Map<string, NativeProcess>();
  readonly #sweepAtExit = (): void => {
    this.#folder.killAll();
    this.#folder.remove();
  };

  constructor(
    programs: readonly NativePrograms[],
    addresses: NativeAddresses,
    { random, between }: NativeOptions,
  ) {
    const all = programs.flatMap(({ peer, orderer }) => [peer, orderer]);
    this.versions = [...new Set(all.map(({ version }) => version))];
    this.#programs = programs;
    this.#addresses = addresses;
    this.#random = random;
    this.#isFronted = between !== undefined;
    // For exceptions that nobody catches: an exit handler can still kill, and cannot wait.
    process.on('exit', this.#sweepAtExit);
  }

  readonly versionOf = (node: string): string => programOf(node, this.#programs).version;

  placeOf(name: string): NodePlace {
    const address = this.#addresses.get(name);
    if (address === undefined) throw new TypeError(`no address for ${name}`);
    const front =
      this.#isFronted && name !== ORDERER ? { host: address.host, port: address.ports.front } : undefined;
    return { ...address, front, home: this.#folder.homeOf(name) };
  }

  async newPlace(name: string): Promise<NodePlace> {
    return { ...(await allocatePlace(this.#random)), home: this.#folder.homeOf(name) };
  }

  createNode(options: HostedNodeOptions): HostedNode {
    const { plan, settings, onDeath } = options;
    const { name, kind, place, files } = plan;
    const [, ...args] = commandOf[kind];
    this.#folder.write(name, files);
    const process = new NativeProcess({
      name,
      program: programOf(name, this.#programs).path,
      args,
      env: environmentOf(plan, settings),
      folder: this.#folder,
      onDeath,
    });
    this.#processes.set(name, process);
    return new HostedNode(options, process, (port) => addressAt(place.host, place, port));
  }

  async discard({ name }: HostedNode): Promise<void> {
    await this.#processes.get(name)?.kill();
    this.#processes.delete(name);
    this.#folder.removeNode(name);
  }

  readonly keep = (): Promise<string> => {
    process.off('exit', this.#sweepAtExit);
    for (const one of this.#processes.values()) one.release();
    this.#folder.keep();
    return Promise.resolve(this.#folder.path);
  };

  async close(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((one) => one.kill()));
    this.#folder.remove();
    process.off('exit', this.#sweepAtExit);
  }
}
