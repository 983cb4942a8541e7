import { type Ending, StatusCode } from '../ports/transport';
import type { DialStage } from './grpc-link';
import { NAME_MISMATCH } from './grpc-tls';

/** What is known of a dial that failed. */
export interface DialTrouble {
  readonly endpoint: string;
  readonly stage: DialStage;
  /** Whether TLS was dialled. */
  readonly tls: boolean;
  /** What the socket, or else grpc-js, said; undefined where the other side just closed. */
  readonly error: Error | undefined;
}

const UNTRUSTED = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const OUT_OF_DATE = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** Errors of OpenSSL for an answer that is no TLS record. */
const NOT_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE/;

/** Alerts of a server that wanted another client certificate, or any. */
const CLIENT_REFUSED = /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN)/;

/** The failure in words that a user can act on. */
export function dialFailure(trouble: DialTrouble): Ending {
  return { code: StatusCode.UNAVAILABLE, details: describe(trouble) };
}

/** The same where time ran out. */
export function dialTimeout(endpoint: string, stage: DialStage, tls: boolean, timeoutMs: number): Ending {
  const missing = {
    tcp: 'no answer to the TCP connection: is the host reachable, or a firewall in between?',
    tls: 'TCP is up, but the TLS handshake did not finish: does the other side use TLS?',
    http2: `${tls ? 'TLS is' : 'TCP is'} up, but HTTP/2 did not start${plaintextHint(tls)}`,
  }[stage];
  return {
    code: StatusCode.DEADLINE_EXCEEDED,
    details: `${endpoint}: not connected within ${timeoutMs} ms: ${missing}`,
  };
}

function describe({ endpoint, stage, tls, error }: DialTrouble): string {
  const said = error?.message ?? 'the connection was closed';
  switch (stage) {
    case 'tcp':
      return `${endpoint}: ${describeTcp(said)}`;
    case 'tls':
      return `${endpoint}: TLS: ${describeTls(codeOf(error), said)}`;
    case 'http2':
      return CLIENT_REFUSED.test(codeOf(error))
        ? `${endpoint}: TLS: ${describeTls(codeOf(error), said)}`
        : `${endpoint}: HTTP/2 did not start (${said})${plaintextHint(tls)}`;
  }
}

/** What grpc-js wraps the reason in. */
const WRAPPED = /Last error: (?:Error: )?(?<reason>.*?)(?: \(\d{4}-[^)]*\))?\. Resolution note/;

/** grpc-js gives only text for a TCP connection that failed, but Node's code is in it. */
function describeTcp(said: string): string {
  if (said.includes('ECONNREFUSED')) {
    return 'connection refused: nothing listens there';
  }
  if (said.includes('ENOTFOUND') || said.includes('EAI_AGAIN')) {
    return `the host name does not resolve (${said})`;
  }
  return `no TCP connection (${WRAPPED.exec(said)?.groups?.['reason'] ?? said})`;
}

function describeTls(code: string, said: string): string {
  if (UNTRUSTED.has(code)) {
    return `the server's certificate is not trusted: no chain to the given roots (${code})`;
  }
  if (OUT_OF_DATE.has(code)) {
    return `the server's certificate is out of date (${code})`;
  }
  if (code === NAME_MISMATCH) {
    return `name mismatch: the server's certificate is not for this host, ${said}`;
  }
  if (NOT_TLS.test(code)) {
    return 'the answer is not TLS: does the other side have TLS off?';
  }
  if (CLIENT_REFUSED.test(code)) {
    return `the server refused our client certificate, or wants one (${code})`;
  }
  return `the handshake failed (${code.startsWith('ERR_SSL') ? code : said})`;
}

function plaintextHint(tls: boolean): string {
  return tls
    ? ': does the server want a client certificate that it trusts?'
    : ': does the other side have TLS on? This side dialled without';
}

function codeOf(error: Error | undefined): string {
  return error !== undefined && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
