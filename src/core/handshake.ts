/**
 * The handshake of one stream, for both sides.
 *
 *     initiator                       responder
 *         │── ConnEstablish ─────────────►│     each sends its own at once, waiting for nobody (CONN-01)
 *         │◄───────────── ConnEstablish ──│
 *      checks                          checks   in the order of CONN-06; the first failure ends the stream
 *         │                               │
 *     established                    established, or with probe = true dismissed (CONN-10)
 *
 * There is no confirmation: silence is success (CONN-12).
 * Source: gossip/comm/comm_impl.go, `authenticateRemotePeer`.
 */
import type { PeerIdentity } from '../ports/identity';
import type { TlsBinding } from '../ports/transport';
import { Tag } from '../wire';
import { authenticityFault } from './authenticity';
import type { PeerContext } from './context';
import { openBytes, seal } from './envelopes';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { rejected, type Rejection } from './rejections';

/** Payload and signature of the other's ConnEstablish, kept for the life of the stream (CONN-17). */
export interface HandshakeProof {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

export type HandshakeOutcome =
  | {
      readonly kind: 'authenticated';
      readonly peer: PeerIdentity;
      readonly proof: HandshakeProof;
      /** The other only wanted to know who we are. */
      readonly probe: boolean;
    }
  | Rejection;

export type Role = 'initiator' | 'responder';

export class Handshake {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #role: Role;
  readonly #binding: TlsBinding;

  constructor(context: PeerContext, identities: IdentityStore, role: Role, binding: TlsBinding) {
    this.#context = context;
    this.#identities = identities;
    this.#role = role;
    this.#binding = binding;
  }

  /** What is wrong with the stream before a word is said: TLS is on, and the other showed no certificate. */
  refusal(): Rejection | undefined {
    const { tls, remoteCertificate } = this.#binding;
    return tls && remoteCertificate === undefined && this.#context.rules.requiresTlsCertificate()
      ? rejected('no-tls-certificate')
      : undefined;
  }

  /** Our ConnEstablish, serialized (CONN-02). `probe`: an initiator only wants to know who the other is. */
  conn(probe: boolean): Uint8Array {
    const { self, rules, sha256 } = this.#context;
    return seal(
      {
        tag: Tag.EMPTY,
        content: {
          kind: 'conn',
          value: {
            pkiId: self.pkiId,
            identity: self.serialized,
            tlsCertHash: rules.ownTlsHash(this.#binding, sha256),
            probe: this.#role === 'initiator' ? probe : rules.answeredProbeFlag(),
          },
        },
      },
      self,
    ).bytes;
  }

  /** Judges the first envelope of the other side. */
  receive(bytes: Uint8Array, at: Instant): HandshakeOutcome {
    const { rules, sha256 } = this.#context;
    const opened = openBytes(bytes);
    if (opened.kind === 'rejected') {
      return rejected('undecodable-first-message', opened.detail);
    }
    const { content } = opened.message;
    if (content?.kind !== 'conn') {
      return rejected('first-message-no-conn', content?.kind ?? 'nothing');
    }
    const conn = content.value;
    if (conn.pkiId.length === 0 && rules.requiresPkiId()) {
      return rejected('no-pki-id');
    }
    const put = this.#identities.put(conn.pkiId, conn.identity, at);
    if (put.kind === 'rejected') {
      return put;
    }
    if (!rules.tlsHashAccepted(conn.tlsCertHash, this.#binding, sha256)) {
      return rejected('tls-hash-mismatch');
    }
    const fault = authenticityFault(this.#context, opened.envelope, put.identity);
    if (fault !== undefined) {
      return fault;
    }
    if (conn.probe && this.#role === 'initiator' && rules.refusesProbeFromResponder()) {
      return rejected('probe-answered-with-probe');
    }
    return {
      kind: 'authenticated',
      peer: put.identity,
      proof: { payload: opened.envelope.payload, signature: opened.envelope.signature },
      probe: conn.probe,
    };
  }
}
