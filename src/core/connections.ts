/**
 * All streams of a peer, at most one established connection per remote PKI-ID (LIFE-01).
 *
 *     inbound    accepted ──► handshaking ──► established ──► gone
 *     outbound   attempt (attempt.ts) ──────► established ──► broken ──► gone
 *
 *     event                                           what becomes of the table
 *     inbound, none or an outbound one registered     the inbound one is registered, the outbound one closed (LIFE-02)
 *     inbound, an inbound one registered              both end (LIFE-03)
 *     inbound while our dial has not spoken yet       our dial is given up
 *     our handshake ends, an inbound one registered   one of the two stays, by PKI-ID (LIFE-04)
 *     an inbound stream ends                          forgotten at once (LIFE-07)
 *     an outbound stream ends                         broken: the next send finds out (LIFE-08)
 *
 * What it learns for others it says as notices, which the gossip machine hands on after the step.
 * Source: gossip/comm/conn.go, gossip/comm/comm_impl.go.
 */
import type { Millis } from '../ports/clock';
import type { PeerIdentity } from '../ports/identity';
import { StatusCode, type Ending, type TlsBinding } from '../ports/transport';
import { Attempt, handshakeTimer, type AttemptResult, type Purpose } from './attempt';
import { keyOf, sameBytes } from './bytes';
import type { PeerContext } from './context';
import type { LinkId } from './effects';
import type { Opened } from './envelopes';
import { Handshake, type HandshakeProof, type Role } from './handshake';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { CROSSING_JITTER_MS, CROSSING_WINDOW_MS, MAX_HANDSHAKING_STREAMS } from './limits';
import { rejected, type Rejection } from './rejections';

/** A connection that passed its handshake. */
export interface Established {
  readonly link: LinkId;
  readonly role: Role;
  readonly peer: PeerIdentity;
  readonly proof: HandshakeProof;
  readonly address: string;
}

/** Whom to send to: the PKI-ID decides, the endpoint serves if there is no connection yet. */
export interface Target {
  readonly pkiId: Uint8Array;
  readonly endpoint: string;
}

export type Notice =
  | { readonly kind: 'received'; readonly from: Established; readonly bytes: Uint8Array }
  /** Something sent to this peer did not get through (LIFE-08, LIFE-09). */
  | { readonly kind: 'presumed-dead'; readonly pkiId: Uint8Array }
  /** Another peer of the same organisation answers at this one's endpoint (CONN-15). */
  | { readonly kind: 'switched'; readonly pkiId: Uint8Array }
  /** A deep probe ended; without a peer it failed. */
  | { readonly kind: 'probed'; readonly tag: string; readonly peer: PeerIdentity | undefined }
  /** A dead member answered Ping (DEAD-05). */
  | { readonly kind: 'reached'; readonly pkiId: Uint8Array };

/** An outbound attempt and what depends on it. */
interface Pending {
  readonly attempt: Attempt;
  /** The peer expected there; undefined for a deep probe. */
  readonly expected: Uint8Array | undefined;
  readonly tag: string;
  readonly queue: Opened[];
}

interface Inbound {
  readonly handshake: Handshake;
  readonly address: string;
}

export class Connections {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #notify: (notice: Notice) => void;
  readonly #inbound = new Map<LinkId, Inbound>();
  readonly #pending = new Map<LinkId, Pending>();
  readonly #established = new Map<LinkId, Established>();
  readonly #byPeer = new Map<string, Established>();
  /** Outbound connections whose stream is over; still registered. */
  readonly #broken = new Set<LinkId>();
  /** Attempts at a connection, by the peer expected. */
  readonly #dialling = new Map<string, Pending>();
  /** When dials last crossed with a peer's own. */
  readonly #crossedAtMs = new Map<string, Millis>();
  #dials = 0;
  #stopped = false;

  constructor(context: PeerContext, identities: IdentityStore, notify: (notice: Notice) => void) {
    this.#context = context;
    this.#identities = identities;
    this.#notify = notify;
  }

  /** Connections that can carry messages. */
  all(): Established[] {
    return [...this.#established.values()];
  }

  // ── Inbound ─────────────────────────────────────────────────────────────────────────────────────────────────

  accepted(link: LinkId, address: string, binding: TlsBinding): void {
    const { rules, settings, timers } = this.#context;
    const handshake = new Handshake(this.#context, this.#identities, 'responder', binding);
    const refusal = this.#inboundRefusal(handshake);
    if (refusal !== undefined) {
      this.#refuse(link, refusal, address);
      return;
    }
    this.#inbound.set(link, { handshake, address });
    if (rules.speaksFirst('responder')) {
      this.#sendConn(link, handshake);
    }
    timers.arm(handshakeTimer(link), rules.handshakeTimeoutMs(settings.connTimeoutMs), () => {
      this.#dropInbound(link);
      this.#refuse(link, rejected('handshake-timeout'), address);
    });
  }

  #inboundRefusal(handshake: Handshake): Rejection | undefined {
    if (this.#stopped) {
      return rejected('stopping');
    }
    if (this.#inbound.size >= MAX_HANDSHAKING_STREAMS) {
      return rejected('too-many-handshakes');
    }
    return handshake.refusal();
  }

  #judgeInbound(link: LinkId, inbound: Inbound, bytes: Uint8Array, at: Instant): void {
    const { outbox, rules } = this.#context;
    this.#dropInbound(link);
    if (!rules.speaksFirst('responder')) {
      this.#sendConn(link, inbound.handshake);
    }
    const outcome = inbound.handshake.receive(bytes, at);
    if (outcome.kind === 'rejected') {
      this.#refuse(link, outcome, inbound.address);
      return;
    }
    if (outcome.probe && rules.dismissesProbe()) {
      outbox.emit({ kind: 'end', link, ending: rules.dismissal() });
      return;
    }
    this.#admitInbound({
      link,
      role: 'responder',
      peer: outcome.peer,
      proof: outcome.proof,
      address: inbound.address,
    });
  }

  #admitInbound(arriving: Established): void {
    const { rules } = this.#context;
    const key = keyOf(arriving.peer.pkiId);
    const registered = this.#byPeer.get(key);
    if (registered?.role === 'responder') {
      switch (rules.secondInbound()) {
        case 'end-both':
          this.#dismiss(registered);
          this.#context.outbox.emit({ kind: 'end', link: arriving.link, ending: rules.dismissal() });
          return;
        case 'refuse':
          this.#context.outbox.emit({ kind: 'end', link: arriving.link, ending: rules.dismissal() });
          return;
        case 'replace':
          this.#dismiss(registered);
      }
    } else if (registered !== undefined && rules.inboundReplacesOutbound()) {
      this.#dismiss(registered);
    }
    this.#register(arriving);
    const ours = this.#dialling.get(key);
    if (ours !== undefined && !ours.attempt.hasSpoken) {
      ours.attempt.abandon();
      this.#dropPending(ours);
      this.#flush(ours.queue, arriving);
    }
  }

  #refuse(link: LinkId, rejection: Rejection, address: string): void {
    const { outbox, rules } = this.#context;
    outbox.report({ kind: 'rejected', rejection, from: { pkiId: undefined, address } });
    outbox.emit({ kind: 'end', link, ending: rules.refusal(rejection.reason) });
  }

  #dropInbound(link: LinkId): void {
    if (this.#inbound.delete(link)) {
      this.#context.timers.cancel(handshakeTimer(link));
    }
  }

  #sendConn(link: LinkId, handshake: Handshake): void {
    const bytes = handshake.conn(false);
    this.#context.outbox.emit({ kind: 'send', link, bytes, content: 'conn', to: undefined });
  }

  // ── Outbound ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends to a peer by whatever connection there is to it, else dials its endpoint (LIFE-01, LIFE-06). The message
   * waits while the dial runs, with at most `sendBuffSize` others.
   */
  send(target: Target, message: Opened, at: Instant): void {
    const key = keyOf(target.pkiId);
    const registered = this.#byPeer.get(key);
    if (registered !== undefined && this.#broken.has(registered.link)) {
      this.#forget(registered);
      this.#notify({ kind: 'presumed-dead', pkiId: target.pkiId });
      return;
    }
    if (registered !== undefined && this.#context.rules.usesConnection(registered.role)) {
      this.reply(registered, message);
      return;
    }
    if (target.endpoint === '' || this.#stopped) {
      return;
    }
    const running = this.#dialling.get(key);
    if (running === undefined) {
      this.#dialling.set(key, this.#begin(target.endpoint, 'connection', target.pkiId, '', [message], at));
    } else if (running.queue.length < this.#context.settings.sendBuffSize) {
      running.queue.push(message);
    }
  }

  /** Sends on this very connection, or not at all. */
  reply(to: Established, message: Opened): void {
    if (!this.#established.has(to.link) || message.message.content === undefined) {
      return;
    }
    this.#context.outbox.emit({
      kind: 'send',
      link: to.link,
      bytes: message.bytes,
      content: message.message.content.kind,
      to: to.peer.pkiId,
    });
  }

  /** Learns who is at an endpoint; the answer is a notice with the same tag (CONN-13). */
  deepProbe(endpoint: string, tag: string, at: Instant): void {
    this.#begin(endpoint, 'deep-probe', undefined, tag, [], at);
  }

  /** Looks whether a peer is there again, on a connection of its own; a notice tells if it is (DEAD-05). */
  ping(target: Target, at: Instant): void {
    if (target.endpoint !== '') {
      this.#begin(target.endpoint, 'ping', target.pkiId, '', [], at);
    }
  }

  #begin(
    endpoint: string,
    purpose: Purpose,
    expected: Uint8Array | undefined,
    tag: string,
    queue: Opened[],
    at: Instant,
  ): Pending {
    const link: LinkId = `out-${++this.#dials}`;
    const goal = { link, endpoint, purpose };
    const attempt = new Attempt(this.#context, this.#identities, goal, (result, later) => {
      this.#conclude(pending, result, later);
    });
    const pending: Pending = { attempt, expected, tag, queue };
    this.#pending.set(link, pending);
    if (purpose === 'connection' && expected !== undefined && this.#crossedLately(expected, at)) {
      this.#context.timers.arm(redialTimer(link), this.#context.random.below(CROSSING_JITTER_MS), () => {
        attempt.start();
      });
    } else {
      attempt.start();
    }
    return pending;
  }

  #crossedLately(pkiId: Uint8Array, at: Instant): boolean {
    const key = keyOf(pkiId);
    const crossedAtMs = this.#crossedAtMs.get(key);
    this.#crossedAtMs.delete(key);
    return crossedAtMs !== undefined && at.nowMs - crossedAtMs <= CROSSING_WINDOW_MS;
  }

  dialled(link: LinkId, binding: TlsBinding, at: Instant): void {
    this.#pending.get(link)?.attempt.dialled(binding, at);
  }

  dialFailed(link: LinkId, failure: Ending, at: Instant): void {
    this.#pending.get(link)?.attempt.fail(failure, at);
  }

  pinged(link: LinkId, failure: Ending | undefined, at: Instant): void {
    this.#pending.get(link)?.attempt.pinged(failure, at);
  }

  #conclude(pending: Pending, result: AttemptResult, at: Instant): void {
    this.#dropPending(pending);
    switch (result.kind) {
      case 'failed':
        this.#failed(pending, result.failure, result.rejection);
        return;
      case 'reached':
        if (pending.expected !== undefined) {
          this.#notify({ kind: 'reached', pkiId: pending.expected });
        }
        return;
      case 'authenticated':
        if (pending.attempt.purpose === 'deep-probe') {
          pending.attempt.abandon();
          this.#notify({ kind: 'probed', tag: pending.tag, peer: result.peer });
        } else {
          const { link, endpoint } = pending.attempt;
          const arriving: Established = {
            link,
            role: 'initiator',
            peer: result.peer,
            proof: result.proof,
            address: endpoint,
          };
          this.#admitOutbound(pending, arriving, at);
        }
    }
  }

  #failed(pending: Pending, failure: Ending, rejection: Rejection | undefined): void {
    const { outbox } = this.#context;
    const { endpoint, purpose } = pending.attempt;
    if (rejection !== undefined) {
      outbox.report({ kind: 'rejected', rejection, from: { pkiId: pending.expected, address: endpoint } });
    }
    outbox.report({ kind: 'unreachable', endpoint, failure });
    if (purpose === 'deep-probe') {
      this.#notify({ kind: 'probed', tag: pending.tag, peer: undefined });
      return;
    }
    if (purpose === 'ping' || pending.expected === undefined) {
      return;
    }
    const cameMeanwhile = this.#byPeer.get(keyOf(pending.expected));
    if (cameMeanwhile === undefined) {
      this.#notify({ kind: 'presumed-dead', pkiId: pending.expected });
    } else {
      this.#flush(pending.queue, cameMeanwhile);
    }
  }

  #admitOutbound(pending: Pending, arriving: Established, at: Instant): void {
    const { self, rules } = this.#context;
    const actual = arriving.peer.pkiId;
    if (pending.expected !== undefined && !sameBytes(pending.expected, actual)) {
      const expectedOrg = this.#identities.orgOf(pending.expected, at);
      if (!rules.keepsOtherPeer(expectedOrg, arriving.peer.mspId)) {
        pending.attempt.abandon();
        const rejection = rejected('unexpected-peer', arriving.peer.mspId);
        this.#failed(pending, { code: StatusCode.UNKNOWN, details: rejection.reason }, rejection);
        return;
      }
      this.#notify({ kind: 'switched', pkiId: pending.expected });
    }
    const key = keyOf(actual);
    const crossing = this.#byPeer.get(key);
    if (crossing?.role === 'responder' && !rules.keepsOutboundOnCrossing(self.pkiId, actual)) {
      this.#crossedAtMs.set(key, at.nowMs);
      pending.attempt.abandon();
      this.#flush(pending.queue, crossing);
      return;
    }
    if (crossing !== undefined) {
      this.#dismiss(crossing);
    }
    this.#register(arriving);
    this.#flush(pending.queue, arriving);
  }

  #dropPending(pending: Pending): void {
    this.#pending.delete(pending.attempt.link);
    if (pending.attempt.purpose === 'connection' && pending.expected !== undefined) {
      this.#dialling.delete(keyOf(pending.expected));
    }
  }

  #flush(queue: readonly Opened[], to: Established): void {
    for (const message of queue) {
      this.reply(to, message);
    }
  }

  // ── Both ────────────────────────────────────────────────────────────────────────────────────────────────────

  received(link: LinkId, bytes: Uint8Array, at: Instant): void {
    const established = this.#established.get(link);
    if (established !== undefined) {
      this.#notify({ kind: 'received', from: established, bytes });
      return;
    }
    const inbound = this.#inbound.get(link);
    if (inbound !== undefined) {
      this.#judgeInbound(link, inbound, bytes, at);
      return;
    }
    this.#pending.get(link)?.attempt.received(bytes, at);
  }

  ended(link: LinkId, ending: Ending, at: Instant): void {
    this.#dropInbound(link);
    this.#pending.get(link)?.attempt.fail(ending, at);
    const established = this.#established.get(link);
    if (established === undefined) {
      return;
    }
    this.#established.delete(link);
    this.#context.outbox.report({ kind: 'disconnected', pkiId: established.peer.pkiId, ending });
    if (established.role === 'responder') {
      this.#unregister(established);
    } else {
      this.#broken.add(link);
      this.#context.outbox.emit({ kind: 'close', link });
    }
  }

  /** Ends the connection to a peer, if there is one: with OK (DEAD-01, ID-08, MEMB-11). */
  close(pkiId: Uint8Array): void {
    const registered = this.#byPeer.get(keyOf(pkiId));
    if (registered !== undefined) {
      this.#dismiss(registered);
    }
  }

  /** Ends a connection for what came on it (LIFE-11). */
  refuse(established: Established, rejection: Rejection): void {
    this.#end(established, this.#context.rules.refusal(rejection.reason));
  }

  /** Ends everything; streams that still come are refused (CONN-21, LEAVE-01). */
  stop(): void {
    this.#stopped = true;
    const { outbox, rules, timers } = this.#context;
    for (const link of [...this.#inbound.keys()]) {
      this.#dropInbound(link);
      outbox.emit({ kind: 'end', link, ending: rules.dismissal() });
    }
    for (const pending of [...this.#pending.values()]) {
      timers.cancel(redialTimer(pending.attempt.link));
      pending.attempt.abandon();
      this.#dropPending(pending);
    }
    for (const established of this.all()) {
      this.#dismiss(established);
    }
  }

  #register(arriving: Established): void {
    const { link, role, peer, address } = arriving;
    this.#established.set(link, arriving);
    this.#byPeer.set(keyOf(peer.pkiId), arriving);
    this.#context.outbox.report({ kind: 'connected', pkiId: peer.pkiId, mspId: peer.mspId, role, address });
  }

  #dismiss(established: Established): void {
    this.#end(established, this.#context.rules.dismissal());
  }

  #end(established: Established, ending: Ending): void {
    const { link, role, peer } = established;
    const { outbox } = this.#context;
    const wasUp = this.#established.has(link);
    this.#forget(established);
    if (role === 'responder') {
      outbox.emit({ kind: 'end', link, ending });
    } else {
      outbox.emit({ kind: 'close', link });
    }
    if (wasUp) {
      outbox.report({ kind: 'disconnected', pkiId: peer.pkiId, ending });
    }
  }

  #forget(established: Established): void {
    this.#established.delete(established.link);
    this.#broken.delete(established.link);
    this.#unregister(established);
  }

  #unregister(established: Established): void {
    const key = keyOf(established.peer.pkiId);
    if (this.#byPeer.get(key) === established) {
      this.#byPeer.delete(key);
    }
  }
}

/** The timer that lets a peer wait before it dials again after crossing dials (LIFE-04). */
const redialTimer = (link: LinkId): string => `redial:${link}`;
