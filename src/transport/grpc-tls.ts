import { constants, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { TransportError } from './transport-error';

/** The code of {@link checkServerName}'s error. */
export const NAME_MISMATCH = 'NAME_MISMATCH';

/** A TLS certificate with its key, both PEM. The certificate may bring its chain; the leaf comes first. */
export interface TlsKeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** TLS as a client does it. */
export interface ClientTls {
  /** What it presents (TLS-06). Undefined: nothing, which no gossip responder accepts (TLS-02). */
  readonly keyPair: TlsKeyPair | undefined;
  /** PEM certificates, intermediates among them, to which a server's chain must lead (TLS-04). */
  readonly roots: readonly string[];
  /** False takes whatever certificate the server shows: for testers. True by default. */
  readonly verifyServer?: boolean;
}

/** TLS as a server does it. */
export interface ServerTls {
  readonly keyPair: TlsKeyPair;
  /**
   * `peer.tls.clientAuthRequired`: clients must show a certificate that leads to `clientRoots`. False by default:
   * one is asked for, but any will do, or none (TLS-03).
   */
  readonly clientAuthRequired?: boolean;
  /** PEM certificates; only `clientAuthRequired` needs them, and names them to the client. */
  readonly clientRoots?: readonly string[];
  /** CAs to name in the CertificateRequest although nothing is verified, as no peer should (TLS-07): for testers. */
  readonly namedCas?: readonly string[];
  /** ALPN protocols to offer; `h2` by default. Empty: no ALPN, as no peer should (TLS-05): for testers. */
  readonly alpnProtocols?: readonly string[];
}

/** TLS of one side, read and checked once, for many connections. */
export interface PreparedTls {
  readonly context: SecureContext;
  /** DER of the leaf that this side presents: what its tls_cert_hash covers (TLS-08, CONN-04). */
  readonly localCertificate: Uint8Array | undefined;
}

export interface PreparedClientTls extends PreparedTls {
  readonly verifyServer: boolean;
}

/** Throws TransportError BAD_CREDENTIALS. */
export function prepareClientTls(tls: ClientTls): PreparedClientTls {
  const prepared = prepare('TLS client certificate, key or roots', tls.keyPair, {
    ...keyPairOptions(tls.keyPair),
    ...trustIn(tls.roots),
  });
  return { ...prepared, verifyServer: tls.verifyServer !== false };
}

/** The options of a server's context. OpenSSL names in the CertificateRequest whatever is trusted here (TLS-07). */
export function serverContextOptions(tls: ServerTls): SecureContextOptions {
  const roots = tls.clientAuthRequired === true ? tls.clientRoots : tls.namedCas;
  return {
    ...keyPairOptions(tls.keyPair),
    ...trustIn(roots ?? []),
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** Throws TransportError BAD_CREDENTIALS. */
export function prepareServerTls(tls: ServerTls): PreparedTls {
  return prepare('TLS server certificate, key or client roots', tls.keyPair, serverContextOptions(tls));
}

/** Why the certificate is not one for `host`: its SANs decide alone, as in Go; a common name does not count (TLS-04). */
export function checkServerName(host: string, { raw }: PeerCertificate): Error | undefined {
  const certificate = new X509Certificate(raw);
  const named =
    isIP(host) === 0
      ? certificate.checkHost(host, { subject: 'never', partialWildcards: false })
      : certificate.checkIP(host);
  if (named !== undefined) {
    return undefined;
  }
  const names = certificate.subjectAltName ?? 'no host at all';
  return Object.assign(new Error(`it is for ${names}`), { code: NAME_MISMATCH });
}

/** DER of the leaf that the other side showed, verified or not; undefined where it showed none. */
export function remoteCertificate(socket: TLSSocket): Uint8Array | undefined {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? undefined : new Uint8Array(certificate.raw);
}

function prepare(what: string, keyPair: TlsKeyPair | undefined, options: SecureContextOptions): PreparedTls {
  try {
    return {
      context: createSecureContext(options),
      // The leaf is the first certificate of the PEM, and X509Certificate reads just that.
      localCertificate:
        keyPair === undefined ? undefined : new Uint8Array(new X509Certificate(keyPair.certificate).raw),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TransportError('BAD_CREDENTIALS', `The ${what} cannot be used: ${reason}. Check the PEM.`, {
      cause: error,
    });
  }
}

function keyPairOptions(keyPair: TlsKeyPair | undefined): SecureContextOptions {
  return keyPair === undefined ? {} : { cert: keyPair.certificate, key: keyPair.key };
}

/** As in Go, every certificate given is an anchor, intermediates too, and the system's own are none. */
function trustIn(roots: readonly string[]): SecureContextOptions {
  return { ca: [...roots], allowPartialTrustChain: true, minVersion: 'TLSv1.2' };
}
