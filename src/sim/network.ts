/**
 * A whole network of peers in virtual time: the machines and the driver of a real peer, over memory and keyed
 * identities. What happens is a function of the options, the seed among them.
 *
 *     const network = await SimNetwork.start({ seed: 7, organisations: 2, peersEach: 25 });
 *     network.runUntil(() => network.isComplete(), 60_000);
 */
import type { Millis } from '../ports/clock';
import type { SigningIdentity } from '../ports/identity';
import {
  defaultGossipTiming,
  fabricRules,
  GossipDriver,
  GossipMachine,
  hexOf,
  type GossipTiming,
  type Member,
  type PeerEvent,
  type Rules,
} from '../core';
import { MemoryNetwork, type LinkFaults } from '../transport/memory';
import { cheapHash, keyedIdentity, KeyedValidator } from './keyed-identity';
import { SeededRandom } from '../ports/seeded-random';
import { VirtualClock } from './virtual-clock';

/** Longest time between the starts of two peers. */
const MAX_START_GAP_MS: Millis = 200;

export interface SimOptions {
  readonly seed: number;
  readonly organisations: number;
  readonly peersEach: number;
  readonly timing?: Partial<GossipTiming>;
  readonly faults?: Partial<LinkFaults>;
  /** Rules of single peers, by endpoint; the others are honest. */
  readonly rules?: ReadonlyMap<string, Rules>;
}

/** One peer of the network. */
export interface SimPeer {
  readonly endpoint: string;
  readonly identity: SigningIdentity;
  alive(): readonly Member[];
  dead(): readonly Member[];
}

interface Running extends SimPeer {
  readonly driver: GossipDriver;
}

export class SimNetwork {
  readonly clock = new VirtualClock();
  readonly #options: SimOptions;
  readonly #random: SeededRandom;
  readonly #memory: MemoryNetwork;
  readonly #running = new Map<string, Running>();
  readonly #mspIds: readonly string[];
  #traceHash: Uint8Array = new Uint8Array(32);
  #events = 0;

  private constructor(options: SimOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#memory = new MemoryNetwork({
      clock: this.clock,
      random: new SeededRandom(options.seed + 1),
      faults: { latencyMs: { min: 1, max: 20 }, ...options.faults },
    });
    this.#mspIds = Array.from({ length: options.organisations }, (_, org) => `Org${org + 1}MSP`);
  }

  /**
   * Starts all peers, one after another. Each calls the first peer of its organisation; those first ones call each
   * other as anchor peers.
   */
  static async start(options: SimOptions): Promise<SimNetwork> {
    const network = new SimNetwork(options);
    for (let number = 0; number < options.peersEach; number++) {
      for (const mspId of network.#mspIds) {
        await network.startPeer(endpointOf(mspId, number));
        network.clock.advance(network.#random.below(MAX_START_GAP_MS + 1));
      }
    }
    return network;
  }

  /** The peers that run. */
  peers(): readonly SimPeer[] {
    return [...this.#running.values()];
  }

  /** Starts a peer, the first time or after {@link kill}, as a new process. */
  async startPeer(endpoint: string): Promise<void> {
    const { timing, rules } = this.#options;
    const [mspId = '', number] = endpoint.replace(/:.*/, '').split('-');
    const identity = keyedIdentity(mspId, `peer${number ?? ''}`);
    const own = endpointOf(mspId, 0);
    const driver = new GossipDriver({
      createMachine: () =>
        new GossipMachine({
          identity,
          validator: new KeyedValidator(this.#mspIds),
          settings: {
            ...defaultGossipTiming,
            ...timing,
            internalEndpoint: endpoint,
            externalEndpoint: endpoint,
            bootstrap: [own],
          },
          random: new SeededRandom(Number(this.#random.uint64() % 0xffffffffn)),
          sha256: cheapHash,
          rules: rules?.get(endpoint) ?? fabricRules,
          incNum: this.clock.wallNanos(),
          startedAtMs: this.clock.now(),
        }),
      transport: this.#memory.join(endpoint),
      clock: this.clock,
      signer: identity,
      onEvent: (event) => {
        this.#trace(endpoint, event);
      },
    });
    this.#running.set(endpoint, {
      endpoint,
      identity,
      driver,
      alive: () => driver.machine?.aliveMembers() ?? [],
      dead: () => driver.machine?.deadMembers() ?? [],
    });
    await driver.start();
    for (const other of this.#mspIds) {
      if (endpoint === own && other !== mspId) {
        driver.input({ kind: 'join-anchor', endpoint: endpointOf(other, 0), org: other });
      }
    }
  }

  /** Ends a peer's process without a word. */
  kill(endpoint: string): void {
    const peer = this.#running.get(endpoint);
    this.#running.delete(endpoint);
    this.#memory.kill(endpoint);
    void peer?.driver.stop();
  }

  /** Cuts the links between the groups; see {@link MemoryNetwork.partition}. */
  partition(groups: readonly (readonly string[])[]): void {
    this.#memory.partition(groups);
  }

  heal(): void {
    this.#memory.heal();
  }

  advance(durationMs: Millis): void {
    this.clock.advance(durationMs);
  }

  /** Lets at most `limitMs` pass until the condition holds, looked at once a virtual second. Whether it came to. */
  runUntil(condition: () => boolean, limitMs: Millis): boolean {
    const end = this.clock.now() + limitMs;
    while (!condition()) {
      if (this.clock.now() >= end) {
        return false;
      }
      this.clock.advance(Math.min(1000, end - this.clock.now()));
    }
    return true;
  }

  /** Whether each peer of the group, all by default, holds exactly the others of it as alive. */
  isComplete(group: readonly string[] = [...this.#running.keys()]): boolean {
    const wanted = new Set(group);
    return group.every((endpoint) => {
      const alive = this.#running.get(endpoint)?.alive() ?? [];
      return alive.length === wanted.size - 1 && alive.every((member) => wanted.has(member.endpoint));
    });
  }

  /** Changes with everything that any peer reports, and when; equal for runs that went alike. */
  get traceHash(): string {
    return hexOf(this.#traceHash);
  }

  /** Events reported so far, by all peers. */
  get eventCount(): number {
    return this.#events;
  }

  /** Messages sent so far, by the peers that run. */
  get messageCount(): number {
    let count = 0;
    for (const { driver } of this.#running.values()) {
      for (const sent of Object.values(driver.statistics().sent)) {
        count += sent;
      }
    }
    return count;
  }

  /** Stops every peer; when it resolves, no timer is left but those of the network's own deliveries. */
  async stop(): Promise<void> {
    await Promise.all(Array.from(this.#running.values(), ({ driver }) => driver.stop()));
    this.#running.clear();
  }

  #trace(endpoint: string, event: PeerEvent): void {
    this.#events++;
    const line = `${this.clock.now()} ${endpoint} ${event.kind} ${subjectOf(event)}`;
    this.#traceHash = cheapHash(this.#traceHash, encoder.encode(line));
  }
}

const encoder = new TextEncoder();

/** `Org1MSP-0:7051`, and so on. */
export const endpointOf = (mspId: string, number: number): string => `${mspId}-${number}:7051`;

/** What tells one event of a kind from another. */
function subjectOf(event: PeerEvent): string {
  switch (event.kind) {
    case 'memberAlive':
    case 'memberRefreshed':
    case 'memberDead':
    case 'memberForgotten': {
      const { endpoint, time } = event.member;
      return `${endpoint} ${time.incNum} ${time.seqNum}`;
    }
    case 'identityLearned':
    case 'identityPurged':
    case 'connected':
    case 'disconnected':
    case 'stateInfoLearned':
      return hexOf(event.pkiId);
    case 'unreachable':
    case 'joined':
    case 'joinAbandoned':
      return event.endpoint;
    case 'blockCommitted':
      return `${event.channel} ${event.number}`;
    case 'leadershipChanged':
    case 'ledgerFailed':
      return event.channel;
    case 'rejected':
      return event.rejection.reason;
  }
}
