import type { FabricError } from './fabric-error';
import type { NodePlan } from './network-plan';
import type { NetworkSettings } from './network-settings';
import type { NodeKind, NodePlace, PortName } from './node-place';
import type { NetworkCuts, NetworkNode } from './running-network';

/** A node as the network that it is part of sees it. */
export interface HostedNode extends NetworkNode {
  /** Starts its program, and does not wait until that answers. Rejects with a FabricError. */
  launch(): Promise<void>;
  /** host:port at which one of its listeners is reached from here. */
  reachedAt(port: PortName): string;
}

export interface HostedNodeOptions {
  readonly plan: NodePlan;
  readonly settings: NetworkSettings;
  /** It ended though nobody asked it to. */
  readonly onDeath: (death: FabricError) => void;
  /** Resolves when the node, just started again, answers. */
  readonly awaitService: (node: NetworkNode) => Promise<void>;
}

/** What runs the nodes of one network: this machine, or an engine of containers. */
export interface Hosting {
  /** Of the nodes' programs, each once, such as 2.5.16. */
  readonly versions: readonly string[];
  /** The major numbers of the programs' versions. */
  readonly majors: readonly number[];
  /** Undefined where nothing can be cut. */
  readonly cuts: NetworkCuts | undefined;
  /**
   * In place of `close`: lets the nodes run on when this process ends. Resolves to a folder of this machine that is
   * removed together with them, for what belongs to the network. Undefined where nodes cannot be kept.
   */
  readonly keep?: (() => Promise<string>) | undefined;
  /** The version that a node runs; undefined where all run the same. */
  readonly versionOf?: ((node: string) => string) | undefined;
  placeOf(name: string): NodePlace;
  /** A place for one node more. Rejects with a FabricError NO_ADDRESS. */
  newPlace(name: string): Promise<NodePlace>;
  /** Describes a node, which does not run yet. */
  createNode(options: HostedNodeOptions): HostedNode;
  /** Ends all nodes without asking them to end in order, and takes away everything that was made for them. */
  close(): Promise<void>;
}

/** What a node's program is called with. */
export const commandOf: Readonly<Record<NodeKind, readonly string[]>> = {
  peer: ['peer', 'node', 'start'],
  orderer: ['orderer'],
};

/** Without Fabric's colours, which would end up in reports. */
const LOG_FORMAT = '%{time:2006-01-02 15:04:05.000 MST} %{level:.4s} [%{module}] %{message}';

/** The environment of a node's program. */
export const environmentOf = (
  { kind, place: { home } }: NodePlan,
  { peerLogging }: NetworkSettings,
): Readonly<Record<string, string>> => ({
  FABRIC_CFG_PATH: home,
  FABRIC_LOGGING_SPEC: kind === 'peer' ? peerLogging : 'info',
  FABRIC_LOGGING_FORMAT: LOG_FORMAT,
  // Go programs look for their user's home; they find what is removed with the run.
  HOME: home,
});

/** Starts a stopped node when disposed of. */
export const startingAgain = (node: NetworkNode): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => {
    if (node.state === 'stopped') await node.start();
  },
});

/** Lets a paused node go on when disposed of. */
export const resuming = (node: NetworkNode): AsyncDisposable => ({
  [Symbol.asyncDispose]: async () => {
    if (node.state === 'paused') await node.resume();
  },
});
