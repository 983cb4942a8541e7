/**
 * Transport of gossip envelopes: one gRPC service with a `Ping` and a bidirectional `GossipStream`.
 * Callbacks, not promises, so that the same driver runs in virtual time. No callback is made from inside the
 * call that caused it.
 */
import type { Millis } from './clock';

/** gRPC status codes that gossip meets. */
export const StatusCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  DEADLINE_EXCEEDED: 4,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

/** How a stream or a call ended. */
export interface Ending {
  /** A gRPC status code, see {@link StatusCode}. */
  readonly code: number;
  /** Free text, for humans; never compare it (RPC-11). */
  readonly details: string;
}

/** TLS as seen on one connection: leaf certificates in DER. Undefined where TLS is off or none was shown. */
export interface TlsBinding {
  readonly tls: boolean;
  readonly localCertificate: Uint8Array | undefined;
  readonly remoteCertificate: Uint8Array | undefined;
}

export interface StreamEvents {
  /** One Envelope, serialized, exactly as it came. */
  onEnvelope(envelope: Uint8Array): void;
  /**
   * The stream is over; called once, nothing follows. Also after our own `end`. A responder gets CANCELLED whenever the
   * initiator's side is gone, and UNKNOWN where it half-closed after its first envelope (RPC-10); a half-close before
   * that goes unnoticed (CONN-18).
   */
  onEnd(ending: Ending): void;
}

/** One GossipStream. After its end, every method is a no-op. */
export interface GossipStream {
  readonly role: 'initiator' | 'responder';
  /** The address on the other side; a responder sees an ephemeral port. For humans. */
  readonly remoteAddress: string;
  readonly binding: TlsBinding;
  /**
   * Queues one serialized Envelope, whose bytes must not change afterwards. False: the queue (`sendBuffSize` messages,
   * LIFE-13) was full and the message was dropped, or the stream is over. One that is longer than `maxSendMsgSize`
   * ends the stream with RESOURCE_EXHAUSTED (RPC-04).
   */
  send(envelope: Uint8Array): boolean;
  /**
   * Ends the stream. A responder answers with this status, after what is queued; an initiator cancels, whatever
   * is passed.
   */
  end(ending?: Ending): void;
}

/** A connection to a remote endpoint: one TCP (and TLS) connection, for one stream (RPC-08). */
export interface Connection {
  readonly endpoint: string;
  readonly binding: TlsBinding;
  /** Calls Ping; `done` gets undefined for OK, the ending otherwise. */
  ping(timeoutMs: Millis, done: (failure: Ending | undefined) => void): void;
  /** Opens the GossipStream. `deadlineMs`: the stream's own deadline, none by default (CONN-13, CONN-14). */
  open(events: StreamEvents, deadlineMs?: Millis): GossipStream;
  /** Closes the connection and ends its stream. */
  close(): void;
}

export type DialResult =
  { readonly ok: true; readonly connection: Connection } | { readonly ok: false; readonly failure: Ending };

export interface Dialling {
  /** Gives up; `done` is not called any more. */
  cancel(): void;
}

/** What a listener does with an inbound stream: it returns the callbacks. */
export type StreamAcceptor = (stream: GossipStream) => StreamEvents;

export interface Listener {
  /** host:port really bound. */
  readonly address: string;
  /** Stops listening, ends every inbound stream (UNAVAILABLE or cancelled) and resolves when all is closed. */
  close(): Promise<void>;
}

export interface Transport {
  /** Serves Ping and GossipStream. Rejects with a TransportError where the address cannot be had. */
  listen(accept: StreamAcceptor): Promise<Listener>;
  /** Dials `endpoint` (host:port) and calls `done` once, connected or not, within `timeoutMs`. */
  dial(endpoint: string, timeoutMs: Millis, done: (result: DialResult) => void): Dialling;
}
