/**
 * A whole peer as one machine: inputs and the time go in, effects come out.
 *
 *     accepted, dialled, pinged,      ┌─────────────┐ notices  ┌───────────┐
 *     received, ended, timer   ─────► │ connections │ ───────► │ router    │ ──► discovery, identity pull, channels
 *                                     └──────┬──────┘          └───────────┘         │
 *     effects ◄──────────────────────────────┴──────────── dissemination ◄───────────┘
 */
import type { Millis } from '../ports/clock';
import type { Sha256 } from '../ports/digest';
import type { IdentityValidator, PeerIdentity, SigningIdentity } from '../ports/identity';
import type { Random } from '../ports/random';
import type { Channel } from './channel/channel';
import { Channels } from './channel/channels';
import { Connections } from './connections';
import type { Established } from './established';
import type { PeerContext } from './context';
import { Disclosure } from './disclosure';
import { Discovery } from './discovery';
import { DiscoveryMessages } from './discovery-messages';
import { Dissemination } from './dissemination';
import { Outbox, type Effect, type Input } from './effects';
import { fabricRules } from './fabric-rules';
import { IdentityPull } from './identity-pull';
import { IdentityStore, type Purged } from './identity-store';
import type { Instant } from './instant';
import { Joining } from './joining';
import { Membership, type Member } from './membership';
import type { Notice } from './notices';
import { OwnAlive } from './own-alive';
import { Router } from './router';
import type { Rules } from './rules';
import { fixedTiming, type GossipSettings } from './settings';
import { StateInfoRelay } from './state-info-relay';
import { Timers } from './timers';

export interface GossipMachineOptions {
  readonly identity: SigningIdentity;
  readonly validator: IdentityValidator;
  readonly settings: GossipSettings;
  readonly random: Random;
  readonly sha256: Sha256;
  /** `fabricRules` unless the peer is to be wrong somewhere. */
  readonly rules?: Rules;
  /** inc_num: the process start in nanoseconds since the Unix epoch (ALIVE-02). */
  readonly incNum: bigint;
  /** The process start, monotonic. */
  readonly startedAtMs: Millis;
}

/** Wall clocks are set now and then, so the wait for a certificate's end is cut in pieces. */
const MAX_EXPIRY_WAIT_MS = 86_400_000;

export class GossipMachine {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #membership: Membership;
  readonly #connections: Connections;
  readonly #discovery: Discovery;
  readonly #identityPull: IdentityPull;
  readonly #stateInfoRelay: StateInfoRelay;
  readonly #channels: Channels;
  readonly #router: Router;
  readonly #joining: Joining;
  #notices: Notice[] = [];
  /** Wall time of the expiry that a timer is armed for. */
  #awaitedExpiryMs = Infinity;
  #stopped = false;

  constructor(options: GossipMachineOptions) {
    const { identity: self, settings, random, sha256, validator, rules = fabricRules } = options;
    const outbox = new Outbox();
    const context: PeerContext = {
      self,
      settings,
      rules,
      random,
      sha256,
      outbox,
      timers: new Timers(outbox),
      isReader: (foreigner) => this.#channels.isReader(foreigner),
    };
    const identities = new IdentityStore(self, validator, rules, (identity, at) => {
      this.#learned(identity, at);
    });
    const membership = new Membership(rules);
    const connections = new Connections(context, identities, (notice) => {
      this.#notices.push(notice);
    });
    const dissemination = new Dissemination(context, identities, membership, connections);
    const disclosure = new Disclosure(context, identities, membership);
    const ownAlive = new OwnAlive(context, options.incNum, options.startedAtMs);
    this.#context = context;
    this.#identities = identities;
    this.#membership = membership;
    this.#connections = connections;
    this.#joining = new Joining(context, connections, disclosure, ownAlive);
    const parts = {
      identities,
      membership,
      connections,
      dissemination,
      disclosure,
      ownAlive,
      joining: this.#joining,
    };
    const messages = new DiscoveryMessages(context, parts);
    this.#discovery = new Discovery(context, { ...parts, messages });
    this.#identityPull = new IdentityPull(context, identities, membership, connections);
    this.#stateInfoRelay = new StateInfoRelay(context, identities, dissemination);
    this.#channels = new Channels(context, { identities, membership, connections, dissemination });
    this.#router = new Router(context, {
      connections,
      discovery: messages,
      identityPull: this.#identityPull,
      stateInfoRelay: this.#stateInfoRelay,
      channels: this.#channels,
    });
  }

  aliveMembers(): readonly Member[] {
    return this.#membership.alive();
  }

  deadMembers(): readonly Member[] {
    return this.#membership.dead();
  }

  /** Identities held, the peer's own among them. */
  identities(): readonly PeerIdentity[] {
    return this.#identities.all();
  }

  /** The organisation of a PKI-ID, if its identity is held. */
  mspIdOf(pkiId: Uint8Array): string | undefined {
    return this.#identities.peek(pkiId)?.mspId;
  }

  /** A channel that was joined. */
  channel(name: string): Pick<Channel, 'members' | 'height' | 'isLeader' | 'hasLeft'> | undefined {
    return this.#channels.named(name);
  }

  connections(): readonly Established[] {
    return this.#connections.all();
  }

  /** Takes one input and returns what is to be done, in order. */
  step(input: Input, at: Instant): Effect[] {
    this.#take(input, at);
    for (let notice = this.#notices.shift(); notice !== undefined; notice = this.#notices.shift()) {
      this.#heed(notice, at);
    }
    return this.#context.outbox.drain();
  }

  #take(input: Input, at: Instant): void {
    switch (input.kind) {
      case 'start':
        this.#start(at);
        return;
      case 'accepted':
        this.#connections.accepted(input.link, input.remoteAddress, input.binding);
        return;
      case 'dialled':
        this.#connections.dialled(input.link, input.binding, at);
        return;
      case 'dial-failed':
        this.#connections.dialFailed(input.link, input.failure, at);
        return;
      case 'pinged':
        this.#connections.pinged(input.link, input.failure, at);
        return;
      case 'received':
        this.#connections.received(input.link, input.bytes, at);
        return;
      case 'ended':
        this.#connections.ended(input.link, input.ending, at);
        return;
      case 'timer':
        this.#context.timers.fired(input.timer, at);
        return;
      case 'join-anchor':
        this.#joining.joinAnchor(input.endpoint, input.org, at);
        return;
      case 'join-channel':
        this.#channels.join(input.channel, at);
        return;
      case 'channel-changed':
        this.#channels.named(input.name)?.changed(input.chaincodes, at);
        return;
      case 'block-delivered':
        this.#channels.named(input.name)?.delivered(input.number, input.block, at);
        return;
      case 'yield-leadership':
        this.#channels.named(input.name)?.yieldLeadership();
        return;
      case 'leave-channel':
        this.#channels.named(input.name)?.leave(at);
        return;
      case 'revalidate':
        this.#purge(this.#identities.revalidate(at));
        return;
      case 'stop':
        this.#stopped = true;
        this.#connections.stop();
        this.#context.timers.cancelAll();
    }
  }

  #start(at: Instant): void {
    // Hellos leave just before the membership requests of the same interval (gossip/gossip/gossip_impl.go, `New`).
    this.#identityPull.start();
    this.#discovery.start(at);
    this.#stateInfoRelay.start();
    this.#joining.start(at);
    this.#context.timers.every('identity-usage', fixedTiming.identityUsageCheckMs, (later) => {
      this.#purge(this.#identities.purgeUnused(later));
    });
  }

  #heed(notice: Notice, at: Instant): void {
    if (this.#stopped) {
      return;
    }
    switch (notice.kind) {
      case 'received':
        this.#router.route(notice.from, notice.bytes, at);
        return;
      case 'presumed-dead':
        if (this.#context.rules.failedSendKills()) {
          this.#discovery.died(notice.pkiId, 'send-failed');
        }
        return;
      case 'switched':
        this.#discovery.purged(notice.pkiId, 'switched');
        return;
      case 'probed':
        this.#joining.probed(notice.tag, notice.peer, at);
        return;
      case 'reached':
        this.#discovery.reached(notice.pkiId, at);
    }
  }

  // ── Identities ──────────────────────────────────────────────────────────────────────────────────────────────

  #learned({ pkiId, mspId, notAfterMs }: PeerIdentity, at: Instant): void {
    this.#context.outbox.report({ kind: 'identityLearned', pkiId, mspId });
    if (notAfterMs < this.#awaitedExpiryMs) {
      this.#awaitExpiry(at);
    }
  }

  /** Waits for the next identity to expire (ID-08). */
  #awaitExpiry(at: Instant): void {
    const expiryAtMs = this.#identities.nextExpiryAtMs();
    this.#awaitedExpiryMs = expiryAtMs;
    if (expiryAtMs === Infinity) {
      return;
    }
    const delayMs = Math.min(Math.max(0, expiryAtMs - at.wallMs), MAX_EXPIRY_WAIT_MS);
    this.#context.timers.arm('identity-expiry', delayMs, (later) => {
      this.#purge(this.#identities.purgeExpired(later));
      this.#awaitExpiry(later);
    });
  }

  #purge(purged: readonly Purged[]): void {
    for (const { identity, why } of purged) {
      this.#context.outbox.report({ kind: 'identityPurged', pkiId: identity.pkiId, why });
      this.#identityPull.forget(identity.pkiId);
      this.#discovery.purged(identity.pkiId, why);
    }
  }
}
