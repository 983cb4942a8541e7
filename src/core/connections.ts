/**
 * All streams of a peer, and which of two to the same peer stays.
 *
 *     inbound    arrival (arrival.ts) ──► established (established.ts) ──► gone
 *     outbound   dial (dials.ts) ──► established ──► broken ──► gone
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
import { StatusCode, type Ending, type TlsBinding } from '../ports/transport';
import { Arrival } from './arrival';
import type { AttemptResult } from './attempt';
import { sameBytes } from './bytes';
import type { PeerContext } from './context';
import { Dials, type Dial, type Goal } from './dials';
import type { LinkId } from './effects';
import type { Opened } from './envelopes';
import { EstablishedConnections, type Established } from './established';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { MAX_HANDSHAKING_STREAMS } from './limits';
import type { Notice } from './notices';
import { rejected, type Rejection } from './rejections';

/** Whom to send to: the PKI-ID decides, the endpoint serves if there is no connection yet. */
export interface Target {
  readonly pkiId: Uint8Array;
  readonly endpoint: string;
}

export class Connections {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #notify: (notice: Notice) => void;
  readonly #established: EstablishedConnections;
  readonly #arrivals = new Map<LinkId, Arrival>();
  readonly #dials: Dials;
  #stopped = false;

  constructor(context: PeerContext, identities: IdentityStore, notify: (notice: Notice) => void) {
    this.#context = context;
    this.#identities = identities;
    this.#notify = notify;
    this.#established = new EstablishedConnections(context);
    this.#dials = new Dials(context, identities, (dial, result, at) => {
      this.#conclude(dial, result, at);
    });
  }

  /** Connections that can carry messages. */
  all(): Established[] {
    return this.#established.all();
  }

  // ── Inbound ─────────────────────────────────────────────────────────────────────────────────────────────────

  accepted(link: LinkId, address: string, binding: TlsBinding): void {
    const stream = { link, address, binding };
    const arrival = new Arrival(this.#context, this.#identities, stream, (admitted) => {
      this.#arrivals.delete(link);
      if (admitted !== undefined) {
        this.#admitInbound(admitted);
      }
    });
    this.#arrivals.set(link, arrival);
    if (this.#stopped) {
      arrival.start(rejected('stopping'));
    } else if (this.#arrivals.size > MAX_HANDSHAKING_STREAMS) {
      arrival.start(rejected('too-many-handshakes'));
    } else {
      arrival.start();
    }
  }

  #admitInbound(arriving: Established): void {
    const { outbox, rules } = this.#context;
    const registered = this.#established.of(arriving.peer.pkiId);
    if (registered?.role === 'responder') {
      const outcome = rules.secondInbound();
      if (outcome !== 'refuse') {
        this.#dismiss(registered);
      }
      if (outcome !== 'replace') {
        outbox.emit({ kind: 'end', link: arriving.link, ending: rules.dismissal() });
        return;
      }
    } else if (registered !== undefined && rules.inboundReplacesOutbound()) {
      this.#dismiss(registered);
    }
    this.#established.register(arriving);
    const ours = this.#dials.connecting(arriving.peer.pkiId);
    if (ours !== undefined && !ours.attempt.hasSpoken) {
      this.#dials.giveUp(ours);
      this.#flush(ours.queue, arriving);
    }
  }

  // ── Outbound ────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends to a peer by whatever connection there is to it, else dials its endpoint (LIFE-01, LIFE-06). The message
   * waits while the dial runs, with at most `sendBuffSize` others.
   */
  send({ pkiId, endpoint }: Target, message: Opened, at: Instant): void {
    const registered = this.#established.of(pkiId);
    if (registered !== undefined && this.#established.isBroken(registered)) {
      this.#established.forget(registered);
      this.#notify({ kind: 'presumed-dead', pkiId });
      return;
    }
    if (registered !== undefined && this.#context.rules.usesConnection(registered.role)) {
      this.reply(registered, message);
      return;
    }
    const queue = this.#dial({ endpoint, purpose: 'connection', expected: pkiId }, at)?.queue ?? [];
    if (queue.length < this.#context.settings.sendBuffSize) {
      queue.push(message);
    }
  }

  /** Sends on this very connection, or not at all. */
  reply(to: Established, message: Opened): void {
    this.#established.write(to, message);
  }

  /** Learns who is at an endpoint; the answer is a notice with the same tag (CONN-13). */
  deepProbe(endpoint: string, tag: string, at: Instant): void {
    this.#dial({ endpoint, purpose: 'deep-probe', tag }, at);
  }

  /** Looks whether a peer is there again, on a connection of its own; a notice tells if it is (DEAD-05). */
  ping({ pkiId, endpoint }: Target, at: Instant): void {
    this.#dial({ endpoint, purpose: 'ping', expected: pkiId }, at);
  }

  #dial(goal: Goal, at: Instant): Dial | undefined {
    return this.#stopped ? undefined : this.#dials.begin(goal, at);
  }

  dialled(link: LinkId, binding: TlsBinding, at: Instant): void {
    this.#dials.dialled(link, binding, at);
  }

  dialFailed(link: LinkId, failure: Ending, at: Instant): void {
    this.#dials.failed(link, failure, at);
  }

  pinged(link: LinkId, failure: Ending | undefined, at: Instant): void {
    this.#dials.pinged(link, failure, at);
  }

  #conclude(dial: Dial, result: AttemptResult, at: Instant): void {
    const { attempt, endpoint, expected, purpose, tag = '' } = dial;
    if (result.kind === 'failed') {
      this.#failed(dial, result.failure, result.rejection);
    } else if (result.kind === 'reached') {
      if (expected !== undefined) {
        this.#notify({ kind: 'reached', pkiId: expected });
      }
    } else if (purpose === 'deep-probe') {
      attempt.abandon();
      this.#notify({ kind: 'probed', tag, peer: result.peer });
    } else {
      const { peer, proof } = result;
      this.#admitOutbound(
        dial,
        { link: attempt.link, role: 'initiator', peer, proof, address: endpoint },
        at,
      );
    }
  }

  #failed(
    { endpoint, expected, purpose, queue, tag = '' }: Dial,
    failure: Ending,
    rejection: Rejection | undefined,
  ): void {
    const { outbox } = this.#context;
    if (rejection !== undefined) {
      outbox.report({ kind: 'rejected', rejection, from: { pkiId: expected, address: endpoint } });
    }
    outbox.report({ kind: 'unreachable', endpoint, failure });
    if (purpose === 'deep-probe') {
      this.#notify({ kind: 'probed', tag, peer: undefined });
    }
    if (purpose !== 'connection' || expected === undefined) {
      return;
    }
    const cameMeanwhile = this.#established.of(expected);
    if (cameMeanwhile === undefined) {
      this.#notify({ kind: 'presumed-dead', pkiId: expected });
    } else {
      this.#flush(queue, cameMeanwhile);
    }
  }

  #admitOutbound(dial: Dial, arriving: Established, at: Instant): void {
    const { self, rules } = this.#context;
    const { attempt, expected, queue } = dial;
    const { mspId, pkiId } = arriving.peer;
    if (expected !== undefined && !sameBytes(expected, pkiId)) {
      if (!rules.keepsOtherPeer(this.#identities.orgOf(expected, at), mspId)) {
        attempt.abandon();
        const rejection = rejected('unexpected-peer', mspId);
        this.#failed(dial, { code: StatusCode.UNKNOWN, details: rejection.reason }, rejection);
        return;
      }
      this.#notify({ kind: 'switched', pkiId: expected });
    }
    const crossing = this.#established.of(pkiId);
    if (crossing !== undefined && !rules.survivesCrossing()) {
      attempt.abandon();
      this.#dismiss(crossing);
      this.#failed(dial, rules.dismissal(), undefined);
      return;
    }
    if (crossing?.role === 'responder' && !rules.keepsOutboundOnCrossing(self.pkiId, pkiId)) {
      this.#dials.crossed(pkiId, at);
      attempt.abandon();
      this.#flush(queue, crossing);
      return;
    }
    if (crossing !== undefined) {
      this.#dismiss(crossing);
    }
    this.#established.register(arriving);
    this.#flush(queue, arriving);
  }

  #flush(queue: readonly Opened[], to: Established): void {
    for (const message of queue) {
      this.reply(to, message);
    }
  }

  // ── Both ────────────────────────────────────────────────────────────────────────────────────────────────────

  received(link: LinkId, bytes: Uint8Array, at: Instant): void {
    const from = this.#established.at(link);
    if (from !== undefined) {
      this.#notify({ kind: 'received', from, bytes });
    } else {
      this.#arrivals.get(link)?.received(bytes, at);
      this.#dials.received(link, bytes, at);
    }
  }

  ended(link: LinkId, ending: Ending, at: Instant): void {
    this.#arrivals.get(link)?.drop();
    this.#arrivals.delete(link);
    this.#dials.failed(link, ending, at);
    this.#established.ended(link, ending);
  }

  /** Ends the connection to a peer, if there is one that `isMeant`: with OK (DEAD-01, ID-08, MEMB-11). */
  close(pkiId: Uint8Array, isMeant: (registered: Established) => boolean = () => true): void {
    const registered = this.#established.of(pkiId);
    if (registered !== undefined && isMeant(registered)) {
      this.#dismiss(registered);
    }
  }

  /**
   * Ends a connection for what came on it (LIFE-11).
   * Deviation (LIFE-12): Fabric stays on an outbound one, deaf; we close it, and dial again at the next send.
   */
  refuse(established: Established, rejection: Rejection): void {
    this.#established.end(established, this.#context.rules.refusal(rejection.reason));
  }

  #dismiss(established: Established): void {
    this.#established.end(established, this.#context.rules.dismissal());
  }

  /** Ends everything; streams that still come are refused (CONN-21, LEAVE-01). */
  stop(): void {
    this.#stopped = true;
    const { outbox, rules } = this.#context;
    for (const [link, arrival] of this.#arrivals) {
      arrival.drop();
      outbox.emit({ kind: 'end', link, ending: rules.dismissal() });
    }
    this.#dials.stop();
    for (const established of this.all()) {
      this.#dismiss(established);
    }
    this.#arrivals.clear();
  }
}
