import type { Random } from '../ports/random';
import type { HostedNode, HostedNodeOptions, Hosting } from './hosting';
import { launchNetwork, type LaunchOptions } from './launched-network';
import { allocateAddresses, type NativeAddresses } from './native-addresses';
import { NativeNode } from './native-node';
import { findPrograms, type NativePrograms } from './native-programs';
import { RunFolder, sweepAbandonedRuns } from './native-run-folder';
import { nodeNames } from './network-plan';
import type { NodePlace } from './node-place';
import type { RunningNetwork } from './running-network';

export interface NativeOptions extends LaunchOptions {
  /** The folder with `peer` and `orderer`; PATH if undefined. */
  readonly binaries: string | undefined;
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
      findPrograms(options.binaries),
      allocateAddresses(nodeNames(options.settings), options.random),
    ]);
    return new NativeHosting(programs, addresses);
  });
}

/** Nodes that are processes of this machine. */
class NativeHosting implements Hosting {
  readonly versions: readonly string[];
  readonly majors: readonly number[];
  readonly cuts = undefined;
  readonly #programs: NativePrograms;
  readonly #addresses: NativeAddresses;
  readonly #folder = RunFolder.create();
  readonly #nodes: NativeNode[] = [];
  readonly #sweepAtExit = (): void => {
    this.#folder.killAll();
    this.#folder.remove();
  };

  constructor(programs: NativePrograms, addresses: NativeAddresses) {
    const { peer, orderer } = programs;
    this.versions = [...new Set([peer.version, orderer.version])];
    this.majors = [peer.major, orderer.major];
    this.#programs = programs;
    this.#addresses = addresses;
    // For exceptions that nobody catches: an exit handler can still kill, and cannot wait.
    process.on('exit', this.#sweepAtExit);
  }

  placeOf(name: string): NodePlace {
    const address = this.#addresses.get(name);
    if (address === undefined) throw new TypeError(`no address for ${name}`);
    return { ...address, home: this.#folder.homeOf(name) };
  }

  createNode(options: HostedNodeOptions): HostedNode {
    const program = this.#programs[options.plan.kind].path;
    const node = new NativeNode({ ...options, program, folder: this.#folder });
    this.#nodes.push(node);
    return node;
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.end()));
    this.#folder.remove();
    process.off('exit', this.#sweepAtExit);
  }
}
