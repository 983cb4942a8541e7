import type { HostedNode, HostedNodeOptions } from './hosted-node';
import type { NodePlan } from './network-plan';
import type { NetworkSettings } from './network-settings';
import type { NodeKind, NodePlace } from './node-place';
import type { NetworkCuts } from './running-network';

/** A peer that somebody else runs, in the place of Fabric's program. */
export interface StandIn {
  /** Of the peer whose place it takes, such as org1.peer0. */
  readonly name: string;
  /** A place of its own on this machine, for networks whose nodes are elsewhere. Rejects with a FabricError NO_ADDRESS. */
  newPlace(): Promise<NodePlace>;
  /** Describes it; it does not run yet. Whoever made it ends it, after the network. */
  createNode(options: HostedNodeOptions): HostedNode;
}

/** What runs the nodes of one network: this machine, or an engine of containers. */
export interface Hosting {
  /** Of the nodes' programs, each once, such as 2.5.16. */
  readonly versions: readonly string[];
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
  /** Ends a node for good without asking it to end in order, and takes away what was made for it. */
  discard(node: HostedNode): Promise<void>;
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
