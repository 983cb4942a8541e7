import type { Millis } from '../../ports/clock';
import type { Ending, TlsBinding } from '../../ports/transport';

/** A peer of the network, as what passes between peers names it. */
export interface PeerName {
  /** Such as org1.peer0. */
  readonly name: string;
  readonly mspId: string;
  readonly pkiId: Uint8Array;
  /** Its serialized identity. */
  readonly identity: Uint8Array;
}

/** One TCP connection between two peers. */
export interface RelayedLink {
  /** Counted from 1 over the life of the proxy. */
  readonly connection: number;
  /** Who dialled. Undefined where it is nobody of the network, and, without TLS, before its ConnEstablish. */
  readonly initiator: PeerName | undefined;
  readonly responder: PeerName;
}

/** What became of an envelope on its way. */
export type Fate = 'passed' | 'dropped' | 'delayed' | 'reordered' | 'duplicated' | 'altered';

/** An envelope that one peer sent to another. */
export interface RelayedEnvelope {
  /** Monotonic. */
  readonly atMs: Millis;
  /** Wall time in nanoseconds since the Unix epoch. */
  readonly wallNanos: bigint;
  readonly link: RelayedLink;
  /** The HTTP/2 stream on the dialler's side of the connection. */
  readonly stream: number;
  /** Which side sent it. */
  readonly sender: 'initiator' | 'responder';
  /** The connection's certificates, the sender's as the local one; the peers' own, as their handshakes must bind. */
  readonly binding: TlsBinding;
  /** The serialized Envelope, exactly as its sender wrote it. */
  readonly envelope: Uint8Array;
  readonly fate: Fate;
  /** What was passed on in its place, where it was altered. */
  readonly passedOn?: Uint8Array;
}

/** Whatever else happens between peers. */
export type RelayEvent = RelayEventKind & {
  readonly atMs: Millis;
  readonly wallNanos: bigint;
  readonly link: RelayedLink;
};

type RelayEventKind =
  | {
      readonly kind: 'connected';
      /** Such as TLSv1.3; undefined: plaintext. */
      readonly tlsVersion: string | undefined;
      /** host:port that the dialler came from. */
      readonly remoteAddress: string;
    }
  | { readonly kind: 'closed'; /** Why, for humans. */ readonly reason: string }
  | { readonly kind: 'called'; readonly stream: number; readonly path: string }
  | {
      readonly kind: 'ended';
      readonly stream: number;
      readonly path: string;
      /** The status that the callee gave; undefined: it ended without one. */
      readonly status: Ending | undefined;
    }
  | { readonly kind: 'half-closed'; readonly stream: number }
  | {
      readonly kind: 'going-away';
      readonly sender: 'initiator' | 'responder';
      /** An HTTP/2 error code. */
      readonly code: number;
      readonly text: string;
    }
  /** What was no message that could be read, and was passed on as it came: it is in no recording. */
  | { readonly kind: 'unreadable'; readonly stream: number; readonly bytes: number };

/** Told of all that passes. Called while it is on its way: whatever it throws is the caller's own bug. */
export interface RelayObserver {
  readonly onEnvelope?: (envelope: RelayedEnvelope) => void;
  readonly onEvent?: (event: RelayEvent) => void;
}
