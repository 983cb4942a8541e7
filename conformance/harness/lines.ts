import type { TlsCredentials } from '../../src/identity';
import type { Millis } from '../../src/ports/clock';
import type { GossipStream, StreamEvents } from '../../src/ports/transport';
import type { TesterStream } from './tester-stream';

/** What a tester may do differently when it dials. */
export interface DialOptions {
  /** The TLS certificate it shows; its own by default. */
  readonly clientCertificate?: TlsCredentials | 'none';
  /** Speaks without TLS, though the network has it. */
  readonly plaintext?: boolean;
  /** The call's own deadline; none by default. */
  readonly deadlineMs?: Millis;
}

/** What a tester's server may do differently. */
export interface ServerOptions {
  /** The TLS certificate it serves with; its own by default. */
  readonly serverCertificate?: TlsCredentials;
  /** `unimplemented`: there is no Ping; `error`: it fails with UNKNOWN. */
  readonly ping?: 'ok' | 'unimplemented' | 'error';
  /** ALPN protocols offered; h2 by default. */
  readonly alpn?: readonly string[];
}

export interface InboundEvents {
  /** A TCP connection was accepted; TLS is still to come. */
  onConnection(remoteAddress: string): void;
  /** Ping was called on the connection from that address. */
  onPing(remoteAddress: string): void;
  onStream(stream: GossipStream): StreamEvents;
}

export interface InboundServer {
  /** host:port really bound. */
  readonly address: string;
  close(): Promise<void>;
}

/** How a unary call went: undefined for OK, the status and its text otherwise. */
export type CallFailure = string | undefined;

/** A connection on which nothing but Ping is called. */
export interface Pinger {
  ping(timeoutMs: Millis): Promise<CallFailure>;
  close(): void;
}

/** The testers' lines to the peers: gRPC, with all that a well-behaved peer would not do. */
export interface Lines {
  /** Dials and opens a stream, which is attached to `stream`. A Violation where no stream can be had. */
  open(
    endpoint: string,
    tls: TlsCredentials | undefined,
    options: DialOptions,
    stream: TesterStream,
  ): Promise<void>;
  /** Whether a gRPC server can be reached at all, whatever it answers to Ping; otherwise why not, in words. */
  reach(endpoint: string, tls: TlsCredentials | undefined, timeoutMs: Millis): Promise<string | undefined>;
  /** Calls Ping over a connection of its own. */
  ping(
    endpoint: string,
    tls: TlsCredentials | undefined,
    timeoutMs: Millis,
    options?: DialOptions,
  ): Promise<CallFailure>;
  /** Dials for any number of Pings. A Violation where that fails. */
  pinger(endpoint: string, tls: TlsCredentials | undefined): Promise<Pinger>;
  /** Calls a unary method by its full path with an empty message; resolves to the gRPC status code. */
  call(endpoint: string, tls: TlsCredentials | undefined, path: string, timeoutMs: Millis): Promise<number>;
  /** Says that nothing more will be sent, without ending the stream (RPC-10). */
  halfClose(stream: TesterStream): void;
  /** Closes the connection of a stream that the tester opened. */
  close(stream: TesterStream): void;
  /** Listens on a free port of `host`. */
  listen(
    host: string,
    tls: TlsCredentials | undefined,
    options: ServerOptions,
    events: InboundEvents,
  ): Promise<InboundServer>;
}
