/**
 * A gossip peer that runs: the machines of `core/` over real sockets and the machine's own time.
 *
 *     const peer = new GossipPeer({ identity, validator, network: { listenAddress: '127.0.0.1:7051' } });
 *     peer.on('memberAlive', ({ member }) => console.log(member.endpoint));
 *     await using running = await peer.start();
 */
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  defaultGossipTiming,
  fabricRules,
  GossipDriver,
  GossipMachine,
  hexOf,
  type GossipSettings,
  type PeerEvent,
  type RejectionReason,
} from '../core';
import type { Clock } from '../ports/clock';
import { silentLog } from '../ports/log';
import type { Transport } from '../ports/transport';
import { GrpcTransport } from '../transport';
import { EventLog } from './event-log';
import type { GossipPeerOptions, PeerNetwork } from './gossip-peer-options';
import { memberInfo, type MemberInfo, type MembershipInfo } from './member-info';
import type { GossipPeerEvents } from './peer-events';
import { runningChannel, type JoinChannelOptions, type RunningChannel } from './running-channel';
import type { PeerStatistics, RunningPeer } from './running-peer';
import { systemClock } from './system-clock';
import { systemRandom } from './system-random';

export class GossipPeer extends EventEmitter<GossipPeerEvents> {
  readonly #options: GossipPeerOptions;
  readonly #clock: Clock;
  readonly #driver: GossipDriver;
  readonly #eventLog: EventLog;
  readonly #rejected: Partial<Record<RejectionReason, number>> = {};
  #stopping: Promise<void> | undefined;

  constructor(options: GossipPeerOptions) {
    super();
    this.setMaxListeners(0); // Each channel listens for its blocks, and a peer may join any number.
    const { clock = systemClock, log = silentLog, network } = options;
    this.#options = options;
    this.#clock = clock;
    this.#eventLog = new EventLog(log, clock);
    this.#driver = new GossipDriver({
      createMachine: (address) => this.#createMachine(address),
      transport:
        'listen' in network
          ? network
          : grpcTransport(network, clock, settingsFor(options, network.listenAddress).sendBuffSize),
      clock,
      signer: options.identity,
      onEvent: (event) => {
        this.#tell(event);
      },
      tamper: options.tamper,
    });
  }

  /** Starts to listen and to gossip; once only. Rejects with TransportError where the address cannot be had. */
  async start(): Promise<RunningPeer> {
    const address = await this.#driver.start();
    this.#eventLog.listening(address);
    this.emit('listening', { address });
    const stop = (): Promise<void> => (this.#stopping ??= this.#stop());
    return {
      address,
      identity: this.#options.identity,
      events: this,
      membership: () => this.#membership(),
      identities: () => this.#driver.machine?.identities() ?? [],
      statistics: () => this.#statistics(),
      joinAnchor: (endpoint, mspId) => {
        this.#driver.input({ kind: 'join-anchor', endpoint, org: mspId });
      },
      joinChannel: (channel) => this.#joinChannel(channel),
      revalidateIdentities: () => {
        this.#driver.input({ kind: 'revalidate' });
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  }

  #joinChannel(channel: JoinChannelOptions): RunningChannel {
    this.#driver.input({ kind: 'join-channel', channel });
    for (const { endpoint, mspId } of channel.anchorPeers ?? []) {
      this.#driver.input({ kind: 'join-anchor', endpoint, org: mspId });
    }
    return runningChannel(channel.name, this.#driver, (member) => this.#infoOf(member));
  }

  #createMachine(address: string): GossipMachine {
    const { identity, validator, random = systemRandom, rules = fabricRules } = this.#options;
    return new GossipMachine({
      identity,
      validator,
      settings: {
        ...defaultGossipTiming,
        internalEndpoint: address,
        externalEndpoint: '',
        bootstrap: [],
        ...settingsFor(this.#options, address),
      },
      random,
      sha256: (bytes) => createHash('sha256').update(bytes).digest(),
      rules,
      incNum: this.#clock.wallNanos(),
      startedAtMs: this.#clock.now(),
    });
  }

  async #stop(): Promise<void> {
    await this.#driver.stop();
    this.#eventLog.stopped();
    this.emit('stopped');
  }

  #membership(): MembershipInfo {
    const { machine } = this.#driver;
    const orgs = new Map(machine?.identities().map(({ pkiId, mspId }) => [hexOf(pkiId), mspId]));
    const nowMs = this.#clock.now();
    const infos = (members: ReturnType<GossipMachine['aliveMembers']>): MemberInfo[] =>
      members.map((member) => memberInfo(member, orgs.get(hexOf(member.pkiId)), nowMs));
    return { alive: infos(machine?.aliveMembers() ?? []), dead: infos(machine?.deadMembers() ?? []) };
  }

  #statistics(): PeerStatistics {
    const { machine } = this.#driver;
    return {
      ...this.#driver.statistics(),
      rejected: { ...this.#rejected },
      connections: machine?.connections().length ?? 0,
      aliveMembers: machine?.aliveMembers().length ?? 0,
      deadMembers: machine?.deadMembers().length ?? 0,
      identities: machine?.identities().length ?? 0,
    };
  }

  #tell(event: PeerEvent): void {
    this.#eventLog.event(event);
    switch (event.kind) {
      case 'memberAlive':
        this.emit(event.kind, { ...event, member: this.#infoOf(event.member) });
        return;
      case 'memberRefreshed':
        this.emit(event.kind, { ...event, member: this.#infoOf(event.member) });
        return;
      case 'memberDead':
        this.emit(event.kind, { ...event, member: this.#infoOf(event.member) });
        return;
      case 'memberForgotten':
        this.emit(event.kind, { ...event, member: this.#infoOf(event.member) });
        return;
      case 'identityLearned':
        this.emit(event.kind, event);
        return;
      case 'identityPurged':
        this.emit(event.kind, event);
        return;
      case 'connected':
        this.emit(event.kind, event);
        return;
      case 'disconnected':
        this.emit(event.kind, event);
        return;
      case 'unreachable':
        this.emit(event.kind, event);
        return;
      case 'joined':
        this.emit(event.kind, event);
        return;
      case 'joinAbandoned':
        this.emit(event.kind, event);
        return;
      case 'stateInfoLearned':
        this.emit(event.kind, event);
        return;
      case 'blockCommitted':
        this.emit(event.kind, event);
        return;
      case 'leadershipChanged':
        this.emit(event.kind, event);
        return;
      case 'ledgerFailed':
        this.emit(event.kind, event);
        return;
      case 'rejected': {
        const { ordinary, reason } = event.rejection;
        this.#rejected[reason] = (this.#rejected[reason] ?? 0) + 1;
        if (!ordinary) {
          this.emit(event.kind, event);
        }
      }
    }
  }

  #infoOf(member: Parameters<typeof memberInfo>[0]): MemberInfo {
    const mspId = this.#driver.machine?.mspIdOf(member.pkiId);
    return memberInfo(member, mspId, this.#clock.now());
  }
}

const settingsFor = ({ settings = {} }: GossipPeerOptions, address: string): Partial<GossipSettings> =>
  typeof settings === 'function' ? settings(address) : settings;

/** A peer that runs; {@link GossipPeer.start} for those who need no event of its first moment. */
export const startGossipPeer = (options: GossipPeerOptions): Promise<RunningPeer> =>
  new GossipPeer(options).start();

/** Gossip over gRPC as the peer of these options does it. */
export const grpcTransport = (
  { listenAddress, tls, grpc }: PeerNetwork,
  clock: Clock,
  sendBuffSize: number = defaultGossipTiming.sendBuffSize,
): Transport => new GrpcTransport({ clock, listenAddress, tls, settings: { sendBuffSize, ...grpc } });
