/**
 * One attempt to reach an endpoint.
 *
 *     dialling ──► pinging ──► handshaking ──► authenticated       (a connection, a deep probe)
 *                     └──────────────────────► reached             (a ping: DEAD-05)
 *     any of them ───────────────────────────► failed
 *
 * Each attempt has a gRPC connection of its own (RPC-08), calls Ping before it opens the stream (RPC-03), and gives
 * the dial `dialTimeout`, Ping and the other's ConnEstablish `connTimeout` each (CONN-13, CONN-14).
 * Source: gossip/comm/comm_impl.go, `createConnection`, `Handshake`, `Probe`.
 */
import type { Millis } from '../ports/clock';
import { StatusCode, type Ending, type TlsBinding } from '../ports/transport';
import type { PeerContext } from './context';
import type { LinkId } from './effects';
import { Handshake, type HandshakeOutcome } from './handshake';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { rejected, type Rejection } from './rejections';
import { fixedTiming } from './settings';

/** What the attempt is for: a connection to stay, to learn who is there (CONN-13), or to see whether one is (DEAD-05). */
export type Purpose = 'connection' | 'deep-probe' | 'ping';

export type AttemptResult =
  | { readonly kind: 'failed'; readonly failure: Ending; readonly rejection: Rejection | undefined }
  | { readonly kind: 'reached' }
  | Extract<HandshakeOutcome, { kind: 'authenticated' }>;

export class Attempt {
  readonly link: LinkId;
  readonly endpoint: string;
  readonly purpose: Purpose;
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #conclude: (result: AttemptResult, at: Instant) => void;
  #handshake: Handshake | undefined;
  #binding: TlsBinding | undefined;

  /** `conclude` is called once, unless the attempt is abandoned. */
  constructor(
    context: PeerContext,
    identities: IdentityStore,
    goal: { readonly link: LinkId; readonly endpoint: string; readonly purpose: Purpose },
    conclude: (result: AttemptResult, at: Instant) => void,
  ) {
    this.#context = context;
    this.#identities = identities;
    this.link = goal.link;
    this.endpoint = goal.endpoint;
    this.purpose = goal.purpose;
    this.#conclude = conclude;
  }

  /** Whether the stream is open, so that the other side may already know of us. */
  get hasSpoken(): boolean {
    return this.#handshake !== undefined;
  }

  start(): void {
    const { outbox, settings } = this.#context;
    const { endpoint, link } = this;
    outbox.emit({ kind: 'dial', link, endpoint, timeoutMs: settings.dialTimeoutMs });
  }

  /** Starts after a while, to keep out of the other side's way (LIFE-04). */
  startLater(delayMs: Millis): void {
    this.#context.timers.arm(redialTimer(this.link), delayMs, () => {
      this.start();
    });
  }

  dialled(binding: TlsBinding, at: Instant): void {
    const { outbox, rules, settings } = this.#context;
    this.#binding = binding;
    if (this.purpose === 'ping' || rules.pingsBeforeStream()) {
      outbox.emit({ kind: 'ping', link: this.link, timeoutMs: settings.connTimeoutMs });
    } else {
      this.#open(binding, at);
    }
  }

  pinged(failure: Ending | undefined, at: Instant): void {
    if (failure !== undefined) {
      this.fail(failure, at);
    } else if (this.purpose === 'ping') {
      this.abandon();
      this.#conclude({ kind: 'reached' }, at);
    } else if (this.#binding !== undefined) {
      this.#open(this.#binding, at);
    }
  }

  received(bytes: Uint8Array, at: Instant): void {
    const { rules, timers } = this.#context;
    if (this.#handshake === undefined) {
      return;
    }
    if (!rules.speaksFirst('initiator')) {
      this.#sendConn(this.#handshake);
    }
    timers.cancel(handshakeTimer(this.link));
    const outcome = this.#handshake.receive(bytes, at);
    if (outcome.kind === 'rejected') {
      this.#refuse(outcome, at);
    } else {
      this.#conclude(outcome, at);
    }
  }

  /** Ends the attempt as failed and closes its connection. */
  fail(failure: Ending, at: Instant, rejection?: Rejection): void {
    this.abandon();
    this.#conclude({ kind: 'failed', failure, rejection }, at);
  }

  /** Closes the connection without a result. */
  abandon(): void {
    this.#context.timers.cancel(handshakeTimer(this.link));
    this.#context.timers.cancel(redialTimer(this.link));
    this.#context.outbox.emit({ kind: 'close', link: this.link });
  }

  #open(binding: TlsBinding, at: Instant): void {
    const { outbox, rules, settings, timers } = this.#context;
    const handshake = new Handshake(this.#context, this.#identities, 'initiator', binding);
    const refusal = handshake.refusal();
    if (refusal !== undefined) {
      this.#refuse(refusal, at);
      return;
    }
    this.#handshake = handshake;
    const deadlineMs = this.purpose === 'deep-probe' ? fixedTiming.deepProbeDeadlineMs : undefined;
    outbox.emit({ kind: 'open', link: this.link, deadlineMs });
    if (rules.speaksFirst('initiator')) {
      this.#sendConn(handshake);
    }
    timers.arm(handshakeTimer(this.link), rules.handshakeTimeoutMs(settings.connTimeoutMs), (later) => {
      this.#refuse(rejected('handshake-timeout'), later);
    });
  }

  #sendConn(handshake: Handshake): void {
    const bytes = handshake.conn(this.purpose === 'deep-probe');
    this.#context.outbox.emit({ kind: 'send', link: this.link, bytes, content: 'conn' });
  }

  #refuse(rejection: Rejection, at: Instant): void {
    this.fail({ code: StatusCode.UNKNOWN, details: rejection.reason }, at, rejection);
  }
}

/** The timer that ends the wait for the other's ConnEstablish on this link. */
export const handshakeTimer = (link: LinkId): string => `handshake:${link}`;

const redialTimer = (link: LinkId): string => `redial:${link}`;
