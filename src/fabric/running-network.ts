import type { IssuedIdentity, MspConfig, Organisation } from '../identity';
import type { common } from '@hyperledger/fabric-protos';
import type { Access } from './access';
import type { ConfigChange } from './config-changes';
import type { FabricError } from './fabric-error';
import type { Metrics } from './metrics';
import type { CoreOverrides } from './core-overrides';
import type { GossipTimers } from './gossip-profile';
import type { ChannelWish, NetworkPlan, NodePlan } from './network-plan';

export type NodeState = 'running' | 'paused' | 'stopped';

/**
 * A node of a network that is up, with its controls. What `stop`, `kill` and `pause` return undoes them when it is
 * disposed of, unless that has been done already. All reject with a FabricError, WRONG_STATE where a verb does not fit.
 */
export interface NetworkNode {
  readonly plan: NodePlan;
  readonly name: string;
  readonly state: NodeState;
  /** How its services are reached from here. */
  readonly access: Access;
  /** Ends it in order (SIGTERM). */
  stop(): Promise<AsyncDisposable>;
  /** Ends it at once (SIGKILL). */
  kill(): Promise<AsyncDisposable>;
  /** Starts it again with the ledger that it has; resolves when its services answer. */
  start(): Promise<void>;
  /** Stops and starts it. */
  restart(): Promise<void>;
  /** Holds it: its connections stay open, and nothing moves. */
  pause(): Promise<AsyncDisposable>;
  resume(): Promise<void>;
  /** The last lines of what it printed; everything by default. */
  logs(lines?: number): Promise<string>;
  metrics(): Promise<Metrics>;
  /** Of a peer that serves gossip and nothing else; others are asked by their services. */
  readonly gossipOnly?: GossipOnly | undefined;
}

/** What a peer without Fabric's other services is asked directly. */
export interface GossipOnly {
  /** Joins the channel of this first block, whose blocks this orderer delivers. */
  join(firstBlock: Uint8Array, orderer: Access): Promise<void>;
  /** How many blocks it has committed on that channel. */
  height(): number;
  /** What the operations endpoint of one of Fabric's would tell of it. */
  metrics(): Metrics;
}

/** Cuts between the nodes of a network; each is undone when it is disposed of. All reject with a FabricError. */
export interface NetworkCuts {
  /** Takes a node off the network: nobody reaches it, neither do we, and it runs on. */
  disconnect(node: string): Promise<AsyncDisposable>;
  /**
   * Keeps nodes of different groups apart; nodes of no group keep talking to all. Connections within a group may have
   * to be made anew, to another address.
   */
  partition(groups: readonly (readonly string[])[]): Promise<AsyncDisposable>;
}

/** How a recruit shall be. */
export interface RecruitWish {
  /** host:port each. */
  readonly bootstrap: readonly string[];
  /** Other than those of the network. */
  readonly timers?: Partial<GossipTimers>;
  readonly overrides?: CoreOverrides;
  /** The configuration of its MSP; its organisation's own by default. */
  readonly msp?: MspConfig;
  /** A channel of its own, of the network's organisations, which it joins once it runs; none by default. */
  readonly channel?: ChannelWish;
}

/**
 * One peer more than a network has, that knows none of the others: of the same organisation and program as the one that
 * it is like. Its address and identity are certain before it runs. Gone when it is disposed of.
 */
export interface Recruit extends AsyncDisposable {
  readonly name: string;
  readonly identity: IssuedIdentity;
  readonly organisation: Organisation;
  /** host:port at which the others of its network reach it. */
  readonly address: string;
  /** Starts it; resolves when it answers, and has joined the channel that it shall join. Rejects with a FabricError. */
  start(wish: RecruitWish): Promise<NetworkNode>;
}

/** A network that is up; disposing of it leaves nothing behind. */
export interface RunningNetwork extends AsyncDisposable {
  readonly plan: NetworkPlan;
  /** Of the nodes' programs, each once. */
  readonly versions: readonly string[];
  /** The version of Fabric that a node runs. */
  versionOf(node: string): string;
  readonly orderer: NetworkNode;
  readonly peers: readonly NetworkNode[];
  /** Undefined where nodes share one machine's loopback, which cannot be cut. */
  readonly cuts: NetworkCuts | undefined;
  /**
   * In place of disposing of it: lets the nodes run on when this process ends. Resolves to a folder of this machine that
   * is removed together with them, for what belongs to the network. Undefined where nodes cannot be kept.
   */
  readonly keep: (() => Promise<string>) | undefined;
  /** Of nodes that ended though nobody asked them to, so far. */
  readonly deaths: readonly FabricError[];
  /** Milliseconds from nothing to each stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** @throws FabricError for a name that no node has. */
  node(name: string): NetworkNode;
  /** Enlists one peer more, like the one named; the network does not know it. */
  recruit(like: string): Promise<Recruit>;
  /** Has blocks ordered, one by default; resolves to the channel's height when the orderer has them. */
  addBlock(count?: number): Promise<number>;
  /** Resolves when each of the peers has committed this many blocks; all that run by default. */
  awaitHeight(height: number, peers?: readonly NetworkNode[]): Promise<void>;
  /** Makes a peer, a recruit too, a member of another channel, by its first block; nobody orders there. */
  joinChannel(peer: NetworkNode, firstBlock: Uint8Array): Promise<void>;
  /** The channel's configuration as the first running peer has it; no check asks for it. */
  channelConfig(): Promise<common.ConfigGroup>;
  /**
   * Changes the channel's configuration, signed by every administrator; resolves to the channel's height. Checks change
   * channels of their own: the network's serves all of them. This is for whoever drives a network by himself, with the
   * changes in config-changes.ts: other anchor peers, a revoked identity, one organisation less.
   */
  updateConfig(change: ConfigChange): Promise<number>;
}
