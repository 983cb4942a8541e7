import type { common } from '@hyperledger/fabric-protos';
import type { Calling } from './access';
import { broadcast, fillerTransaction } from './broadcast';
import { changed, channelConfigIn, type ConfigChange } from './config-changes';
import { computeUpdate, configUpdateEnvelope } from './config-update';
import type { Creator } from './envelope';
import { FabricError } from './fabric-error';
import type { NetworkPlan } from './network-plan';
import { joinOrderer, type AdminAccess } from './participation';
import { configBlock, joinedChannels, joinPeer, ledgerHeight } from './proposals';
import type { NetworkNode } from './running-network';
import { delay, until, type Attempt, type Waiting } from './wait';

const CALL_TIMEOUT_MS = 5_000;
const RETRY_MS = 20;
const POLL_MS = 25;
/** For one thing to come that a loaded machine may delay. */
const PATIENCE_MS = 60_000;

/** The parts of a running network that channel operations are done with. */
export interface ChannelNodes {
  readonly plan: NetworkPlan;
  readonly orderer: NetworkNode;
  readonly ordererAdmin: AdminAccess;
  readonly peers: readonly NetworkNode[];
}

/** Makes, fills, watches and changes the channel of a network, wherever its nodes run. */
export class ChannelControl {
  readonly #nodes: ChannelNodes;
  readonly #waiting: Waiting;
  /** Blocks that the orderer has accepted, the first included: every transaction makes one. */
  #height = 1;

  constructor(nodes: ChannelNodes, waiting: Waiting) {
    this.#nodes = nodes;
    this.#waiting = waiting;
  }

  /** Waits until the orderer takes the channel's first block. */
  joinOrderer(genesis: Uint8Array): Promise<void> {
    return this.#whenReachable(() => joinOrderer(this.#nodes.ordererAdmin, genesis, CALL_TIMEOUT_MS));
  }

  /** Waits until a peer takes the channel's first block. */
  joinPeer(peer: NetworkNode, genesis: Uint8Array): Promise<void> {
    if (peer.gossipOnly !== undefined) return peer.gossipOnly.join(genesis, this.#nodes.orderer.access);
    const admin = this.#adminOf(peer);
    return this.#whenReachable(() => joinPeer(peer.access, admin, genesis, this.#calling()));
  }

  /** Waits until a peer answers, whatever channels it is on. */
  async awaitAnswer(peer: NetworkNode): Promise<void> {
    const admin = this.#adminOf(peer);
    await this.#whenReachable(() => joinedChannels(peer.access, admin, this.#calling()));
  }

  /** Has blocks ordered; resolves to the height that follows. */
  async addBlock(count = 1): Promise<number> {
    const { plan } = this.#nodes;
    const [first] = plan.peerOrganisations;
    if (first === undefined) throw new TypeError('a network without organisations');
    for (let left = count; left > 0; left -= 1) {
      await this.#order(() =>
        fillerTransaction(plan.settings.channel, first.admin.identity, this.#waiting.clock.wallNanos()),
      );
    }
    return this.#height;
  }

  async awaitHeight(height: number, peers: readonly NetworkNode[]): Promise<void> {
    await Promise.all(peers.map((peer) => this.#awaitHeightOf(peer, height)));
  }

  /** Waits until a node that was started again does its work on the channel. */
  async awaitService(node: NetworkNode): Promise<void> {
    await this.#whenReachable<unknown>(() =>
      node.plan.kind === 'peer' ? this.#heightOf(node) : this.#leads(node),
    );
  }

  async config(): Promise<common.ConfigGroup> {
    const peer = this.#nodes.peers.find(
      ({ state, gossipOnly }) => state === 'running' && gossipOnly === undefined,
    );
    if (peer === undefined)
      throw new FabricError('WRONG_STATE', 'no peer runs that could tell the configuration');
    const { channel } = this.#nodes.plan.settings;
    return channelConfigIn(await configBlock(peer.access, this.#adminOf(peer), channel, this.#calling()));
  }

  /** Signed by the administrators of all organisations, the orderer's too, whatever the change needs. */
  async updateConfig(change: ConfigChange): Promise<number> {
    const { plan } = this.#nodes;
    const { channel } = plan.settings;
    const running = this.#nodes.peers.filter(({ state }) => state === 'running');
    await this.awaitHeight(this.#height, running.slice(0, 1));
    const config = await this.config();
    const update = computeUpdate(channel, config, changed(config, change));
    const [first, ...others] = [...plan.peerOrganisations, plan.ordererOrganisation].map(
      ({ admin }) => admin.identity,
    );
    if (first === undefined) throw new TypeError('a network without organisations');
    const { clock } = this.#waiting;
    await this.#order(() => configUpdateEnvelope(channel, update, [first, ...others], clock.wallNanos()));
    return this.#height;
  }

  /**
   * Resolves when every peer knows all the others, has committed every block, and each organisation has one leader.
   * Rejects with a FabricError NOT_READY that says what is missing.
   */
  async awaitRest(onMembership: () => void): Promise<void> {
    const { peers, plan } = this.#nodes;
    const { channel, leaderElection } = plan.settings;
    let whole = false;
    await until<undefined>(
      async () => {
        const views = await Promise.all(peers.map((peer) => viewOf(peer, channel)));
        // One that counts itself, too, is for others to judge.
        const known = views.every(
          (view) => (view.known ?? 0) >= peers.length - 1 && view.height === this.#height,
        );
        if (known && !whole) onMembership();
        whole ||= known;
        return known && (!leaderElection || hasOneLeaderEach(views))
          ? done(undefined)
          : { done: false, seen: views };
      },
      {
        ...this.#waiting,
        intervalMs: POLL_MS,
        timeoutMs: PATIENCE_MS + 2 * plan.settings.timers.electionStartupGracePeriodMs,
        onTimeout: (views) =>
          new FabricError('NOT_READY', `the network does not come to rest: ${told(views)}`),
      },
    );
  }

  async #order(envelope: () => common.Envelope): Promise<void> {
    const { access } = this.#nodes.orderer;
    await this.#whenReachable(() => broadcast(access, [envelope()], this.#calling()));
    this.#height += 1;
  }

  async #awaitHeightOf(peer: NetworkNode, height: number): Promise<void> {
    await until<undefined>(
      async () => {
        const reached = await this.#whenReachable(() => this.#heightOf(peer));
        return reached >= height ? done(undefined) : { done: false, seen: reached };
      },
      {
        ...this.#waiting,
        intervalMs: POLL_MS,
        timeoutMs: PATIENCE_MS,
        onTimeout: (seen) =>
          new FabricError('NOT_READY', `${peer.name} has ${String(seen)} blocks, and should have ${height}`),
      },
    );
  }

  #heightOf(peer: NetworkNode): Promise<number> {
    if (peer.gossipOnly !== undefined) return Promise.resolve(peer.gossipOnly.height());
    const { channel } = this.#nodes.plan.settings;
    return ledgerHeight(peer.access, this.#adminOf(peer), channel, this.#calling());
  }

  /** A single orderer orders once it has elected itself. */
  async #leads(orderer: NetworkNode): Promise<void> {
    const { channel } = this.#nodes.plan.settings;
    const metrics = await orderer.metrics();
    if (metrics.get('consensus_etcdraft_is_leader', { channel }) === 1) return;
    throw new FabricError('UNREACHABLE', `${orderer.name} has not elected itself yet`);
  }

  #adminOf({ plan }: NetworkNode): Creator {
    const home = this.#nodes.plan.peerOrganisations.find(
      ({ organisation }) => organisation === plan.organisation,
    );
    if (home === undefined) throw new TypeError(`${plan.name} is of no organisation of the network`);
    return home.admin.identity;
  }

  /** Tries again while the other side does not answer; what it says no to stays no. */
  async #whenReachable<T>(act: () => Promise<T>): Promise<T> {
    const endMs = this.#waiting.clock.now() + PATIENCE_MS;
    for (;;) {
      this.#waiting.signal.throwIfAborted();
      try {
        return await act();
      } catch (error) {
        this.#waiting.signal.throwIfAborted();
        const mayCome = error instanceof FabricError && error.code === 'UNREACHABLE';
        if (!mayCome || this.#waiting.clock.now() > endMs) throw error;
        await delay(RETRY_MS, this.#waiting);
      }
    }
  }

  #calling(): Calling {
    return { clock: this.#waiting.clock, timeoutMs: CALL_TIMEOUT_MS };
  }
}

const done = <T>(value: T): Attempt<T> => ({ done: true, value });

/** What one peer's metrics say. */
interface PeerView {
  readonly name: string;
  readonly mspId: string;
  readonly known: number | undefined;
  readonly height: number | undefined;
  readonly leader: boolean;
}

async function viewOf(peer: NetworkNode, channel: string): Promise<PeerView> {
  const { name, plan } = peer;
  const { mspId } = plan.organisation;
  try {
    const metrics = await peer.metrics();
    const [known, height] = [metrics.peersKnown(channel), metrics.height(channel)];
    return { name, mspId, known, height, leader: metrics.isLeader(channel) };
  } catch (error) {
    if (!(error instanceof FabricError)) throw error;
    return { name, mspId, known: undefined, height: undefined, leader: false };
  }
}

function hasOneLeaderEach(views: readonly PeerView[]): boolean {
  const leaders = views.filter(({ leader }) => leader).map(({ mspId }) => mspId);
  return (
    leaders.length === new Set(views.map(({ mspId }) => mspId)).size &&
    leaders.length === new Set(leaders).size
  );
}

const told = (views: unknown): string =>
  Array.isArray(views)
    ? (views as readonly PeerView[])
        .map(
          ({ name, known, height, leader }) =>
            `${name} knows ${known ?? 'no'} peers, has ${height ?? 'no'} blocks${leader ? ', leads' : ''}`,
        )
        .join('; ')
    : 'nothing seen';
