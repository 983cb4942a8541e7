/**
 * Connections that passed their handshake: at most one is registered per remote PKI-ID (LIFE-01).
 *
 *     inbound     registered ──stream ends──► gone (LIFE-07)
 *     outbound    registered ──stream ends──► broken: registered, but the next send finds out (LIFE-08) ──► gone
 */
import type { PeerIdentity } from '../ports/identity';
import type { Ending } from '../ports/transport';
import { keyOf } from './bytes';
import type { PeerContext } from './context';
import type { LinkId } from './effects';
import type { Opened } from './envelopes';
import type { HandshakeProof, Role } from './handshake';

/** A connection that passed its handshake. */
export interface Established {
  readonly link: LinkId;
  readonly role: Role;
  readonly peer: PeerIdentity;
  readonly proof: HandshakeProof;
  readonly address: string;
}

export class EstablishedConnections {
  readonly #context: PeerContext;
  /** Those whose stream is up. */
  readonly #up = new Map<LinkId, Established>();
  readonly #byPeer = new Map<string, Established>();

  constructor(context: PeerContext) {
    this.#context = context;
  }

  /** Connections that can carry messages. */
  all(): Established[] {
    return [...this.#up.values()];
  }

  /** The one behind a link, if its stream is up. */
  at(link: LinkId): Established | undefined {
    return this.#up.get(link);
  }

  /** The one registered for a peer, broken or not. */
  of(pkiId: Uint8Array): Established | undefined {
    return this.#byPeer.get(keyOf(pkiId));
  }

  isBroken(established: Established): boolean {
    return !this.#up.has(established.link);
  }

  /** In place of what was registered for the peer, which the caller has ended. */
  register(arriving: Established): void {
    const { link, role, peer, address } = arriving;
    this.#up.set(link, arriving);
    this.#byPeer.set(keyOf(peer.pkiId), arriving);
    const { outbox } = this.#context;
    outbox.emit({ kind: 'identified', link, pkiId: peer.pkiId });
    outbox.report({ kind: 'connected', pkiId: peer.pkiId, mspId: peer.mspId, role, address });
  }

  /** Sends on this very connection, or not at all. */
  write(to: Established, message: Opened): void {
    const { content } = message.message;
    if (content !== undefined && !this.isBroken(to)) {
      const { bytes } = message;
      this.#context.outbox.emit({ kind: 'send', link: to.link, bytes, content: content.kind });
    }
  }

  /** Ends a connection: an inbound one with this status, an outbound one by closing it. */
  end(established: Established, ending: Ending): void {
    const { outbox } = this.#context;
    const { link, peer, role } = established;
    if (role === 'responder') {
      outbox.emit({ kind: 'end', link, ending });
    } else {
      outbox.emit({ kind: 'close', link });
    }
    if (this.#up.delete(link)) {
      outbox.report({ kind: 'disconnected', pkiId: peer.pkiId, ending });
    }
    this.forget(established);
  }

  /** The stream behind a link is over. */
  ended(link: LinkId, ending: Ending): void {
    const { outbox } = this.#context;
    const established = this.#up.get(link);
    if (established === undefined) {
      return;
    }
    this.#up.delete(link);
    outbox.report({ kind: 'disconnected', pkiId: established.peer.pkiId, ending });
    if (established.role === 'responder') {
      this.forget(established);
    } else {
      outbox.emit({ kind: 'close', link });
    }
  }

  /** Takes it out of the register, if it is the one there. */
  forget(established: Established): void {
    const key = keyOf(established.peer.pkiId);
    if (this.#byPeer.get(key) === established) {
      this.#byPeer.delete(key);
    }
  }
}
