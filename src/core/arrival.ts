/**
 * One inbound stream until its handshake is over.
 *
 *     accepted ──► handshaking ──► authenticated     (concluded)
 *                      └─────────► refused, or a probe dismissed with OK (CONN-10): the stream is ended
 *
 * Source: gossip/comm/comm_impl.go, `GossipStream`.
 */
import type { TlsBinding } from '../ports/transport';
import { handshakeTimer } from './attempt';
import type { PeerContext } from './context';
import type { LinkId } from './effects';
import type { Established } from './established';
import { Handshake } from './handshake';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { rejected, type Rejection } from './rejections';

export class Arrival {
  readonly link: LinkId;
  readonly #context: PeerContext;
  readonly #address: string;
  readonly #handshake: Handshake;
  readonly #over: (admitted: Established | undefined) => void;

  /** `over` is called once the handshake is, unless the arrival is dropped; with nothing if the stream was ended. */
  constructor(
    context: PeerContext,
    identities: IdentityStore,
    stream: { readonly link: LinkId; readonly address: string; readonly binding: TlsBinding },
    over: (admitted: Established | undefined) => void,
  ) {
    this.link = stream.link;
    this.#context = context;
    this.#address = stream.address;
    this.#handshake = new Handshake(context, identities, 'responder', stream.binding);
    this.#over = over;
  }

  /** Begins the handshake, or refuses the stream before a word is said. */
  start(refusal: Rejection | undefined = this.#handshake.refusal()): void {
    const { rules, settings, timers } = this.#context;
    if (refusal !== undefined) {
      this.#refuse(refusal);
      return;
    }
    if (rules.speaksFirst('responder')) {
      this.#sendConn();
    }
    timers.arm(handshakeTimer(this.link), rules.handshakeTimeoutMs(settings.connTimeoutMs), () => {
      this.#refuse(rejected('handshake-timeout'));
    });
  }

  received(bytes: Uint8Array, at: Instant): void {
    const { outbox, rules } = this.#context;
    this.drop();
    if (!rules.speaksFirst('responder')) {
      this.#sendConn();
    }
    const outcome = this.#handshake.receive(bytes, at);
    if (outcome.kind === 'rejected') {
      this.#refuse(outcome);
    } else if (outcome.probe && rules.dismissesProbe()) {
      outbox.emit({ kind: 'end', link: this.link, ending: rules.dismissal() });
      this.#over(undefined);
    } else {
      const { peer, proof } = outcome;
      this.#over({ link: this.link, role: 'responder', peer, proof, address: this.#address });
    }
  }

  /** The stream is over, or to be. */
  drop(): void {
    this.#context.timers.cancel(handshakeTimer(this.link));
  }

  #refuse(rejection: Rejection): void {
    const { outbox, rules } = this.#context;
    outbox.report({ kind: 'rejected', rejection, from: { pkiId: undefined, address: this.#address } });
    outbox.emit({ kind: 'end', link: this.link, ending: rules.refusal(rejection.reason) });
    this.#over(undefined);
  }

  #sendConn(): void {
    const bytes = this.#handshake.conn(false);
    this.#context.outbox.emit({ kind: 'send', link: this.link, bytes, content: 'conn' });
  }
}
