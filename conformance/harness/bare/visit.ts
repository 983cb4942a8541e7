import type { IncomingHttpHeaders } from 'node:http2';
import type { Millis } from '../../../src/ports/clock';
import type { Frame } from './frames';

/** One TCP connection that a bare server took, and what became of it. Times are monotonic. */
export interface Visit {
  readonly atMs: Millis;
  /** host:port of the caller; unlike any other visit's. */
  readonly remoteAddress: string;
  /** Set when TLS stands. */
  tls: VisitTls | undefined;
  /** When the caller first said something on top of TLS, or of TCP in plaintext. */
  spokeAtMs: Millis | undefined;
  /** Its calls, in order. */
  readonly calls: VisitCall[];
  /** When it sent HTTP/2 pings. */
  readonly pingsAtMs: Millis[];
  closedAtMs: Millis | undefined;
}

export interface VisitTls {
  /** Such as TLSv1.3. */
  readonly version: string;
  /** The protocol that ALPN chose; undefined: none. */
  readonly alpn: string | undefined;
  /** DER of the certificate that the caller showed; undefined: none. */
  readonly clientCertificate: Uint8Array | undefined;
}

/** One gRPC call within a visit. */
export interface VisitCall {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly atMs: Millis;
  readonly frames: (Frame & { readonly atMs: Millis })[];
  /** When the caller closed its half. */
  halfClosedAtMs: Millis | undefined;
  overAtMs: Millis | undefined;
}
