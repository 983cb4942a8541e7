/**
 * The messages and timers around a pull engine: one for identities, one for the blocks of each channel.
 *
 *     every pullInterval ──► Hello ──digestWaitTime──► DataRequest ──responseWaitTime──► over
 *
 * Source: gossip/gossip/pull/pullstore.go.
 */
import { sample } from '../ports/random';
import type { Content, DataUpdate } from '../wire';
import type { Connections, Target } from './connections';
import type { PeerContext } from './context';
import type { Opened } from './envelopes';
import type { Established } from './established';
import type { Instant } from './instant';
import { preferredEndpoint, type Member, type Membership } from './membership';
import { PullEngine } from './pull-engine';
import { rejected, type Rejection } from './rejections';

/** A pull message. */
export type PullContent = Extract<Content, { kind: 'hello' | 'dataDig' | 'dataReq' | 'dataUpdate' }>;

/** What is pulled, and how it differs from what else is. */
export interface PullSubject {
  /** Begins the names of its timers. */
  readonly name: string;
  readonly msgType: number;
  /** The most items that one round asks for. */
  readonly maxItemsPerRound: number;
  /** Wraps a pull message of this subject. */
  seal(content: PullContent): Opened;
  /** Members that may be asked in a round. */
  candidates(at: Instant): Member[];
  /** Whether an item may be offered to a requester; judged for digest and update alike. */
  mayOffer(id: Uint8Array, requester: Established): boolean;
  /** The ids of a digest that are worth asking for. */
  wanted(ids: readonly Uint8Array[]): readonly Uint8Array[];
  /** Takes in an update; `isAnswer`: its items are to be offered from now on (PULL-12). */
  learn(update: DataUpdate, isAnswer: boolean, from: Established, at: Instant): Rejection | undefined;
}

export class PullExchange {
  readonly #context: PeerContext;
  readonly #membership: Membership;
  readonly #connections: Connections;
  readonly #subject: PullSubject;
  readonly #engine: PullEngine<Target, Established>;

  constructor(context: PeerContext, membership: Membership, connections: Connections, subject: PullSubject) {
    this.#context = context;
    this.#membership = membership;
    this.#connections = connections;
    this.#subject = subject;
    this.#engine = new PullEngine<Target, Established>({
      rules: context.rules,
      random: context.random,
      timing: context.settings,
      maxItemsPerRound: subject.maxItemsPerRound,
      mayOffer: (id, requester) => subject.mayOffer(id, requester),
    });
  }

  /** Arms the rounds; the first begins one pullInterval from now (PULL-09). */
  start(): void {
    const { settings, timers } = this.#context;
    timers.every(`${this.#subject.name}-pull`, settings.pullIntervalMs, (at) => {
      this.#round(at);
    });
  }

  /** Offers an item from now on. */
  offer(id: Uint8Array, item: Opened): void {
    this.#engine.add(id, item);
  }

  /** Offers it no more. */
  withdraw(id: Uint8Array): void {
    this.#engine.remove(id);
  }

  #round(at: Instant): void {
    const { random, settings, timers } = this.#context;
    const { msgType, name } = this.#subject;
    const members = sample(random, this.#subject.candidates(at), settings.pullPeerNum);
    const targets = members.map((member) => ({ pkiId: member.pkiId, endpoint: preferredEndpoint(member) }));
    for (const { peer, nonce } of this.#engine.begin(targets, at.nowMs)) {
      const value = { nonce, metadata: NO_BYTES, msgType };
      this.#connections.send(peer, this.#subject.seal({ kind: 'hello', value }), at);
    }
    timers.arm(`${name}-digests`, settings.digestWaitTimeMs, (later) => {
      this.#request(later);
    });
  }

  #request(at: Instant): void {
    const { settings, timers } = this.#context;
    const { msgType, name } = this.#subject;
    for (const { peer, nonce, ids } of this.#engine.requests()) {
      const value = { nonce, digests: ids, msgType };
      this.#connections.send(peer, this.#subject.seal({ kind: 'dataReq', value }), at);
    }
    timers.arm(`${name}-updates`, settings.responseWaitTimeMs, () => {
      this.#engine.end();
    });
  }

  /** A pull message of this subject from an authenticated peer. */
  received(content: PullContent, from: Established, at: Instant): Rejection | undefined {
    const { msgType } = this.#subject;
    const { nonce } = content.value;
    switch (content.kind) {
      case 'hello': {
        const digests = this.#engine.onHello(nonce, from, at.nowMs);
        if (digests === undefined) {
          return rejected('nothing-to-offer');
        }
        this.#answer(from, { kind: 'dataDig', value: { nonce, digests, msgType } }, at);
        return undefined;
      }
      case 'dataDig':
        return this.#engine.onDigest(nonce, this.#subject.wanted(content.value.digests), at.nowMs)
          ? undefined
          : rejected('unknown-digest-nonce');
      case 'dataReq': {
        if (!this.#engine.isExpected(nonce, at.nowMs)) {
          return rejected('unknown-request-nonce');
        }
        const items = this.#engine.itemsFor(content.value.digests, from);
        if (items === undefined) {
          return rejected('nothing-held');
        }
        const data = items.map(({ envelope }) => envelope);
        this.#answer(from, { kind: 'dataUpdate', value: { nonce, data, msgType } }, at);
        return undefined;
      }
      case 'dataUpdate':
        return this.#subject.learn(content.value, this.#engine.isAnswer(nonce), from, at);
    }
  }

  #answer(to: Established, content: PullContent, at: Instant): void {
    const message = this.#subject.seal(content);
    if (this.#context.rules.answersOnStream()) {
      this.#connections.reply(to, message);
      return;
    }
    const member = this.#membership.lookup(to.peer.pkiId);
    const endpoint = member === undefined ? '' : preferredEndpoint(member);
    this.#connections.send({ pkiId: to.peer.pkiId, endpoint }, message, at);
  }
}

const NO_BYTES = new Uint8Array();
