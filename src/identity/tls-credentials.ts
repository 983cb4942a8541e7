import { join } from 'node:path';
import { silentLog, type Log } from '../ports/log';
import { certificateFromPem, mustNotHaveExpired } from './certificate-pem';
import {
  mustBeFolder,
  readFile,
  readFileIfAny,
  readFolderIfAny,
  readPemFiles,
  readPemFilesIfAny,
  type NamedText,
} from './folder';
import { IdentityError } from './identity-error';
import { decodeAllPem, encodePem } from './pem';
import { keyOf } from './private-key';

/** What one end of a TLS connection needs. */
export interface TlsCredentials {
  /** The certificate to show, first, and after it the intermediates that the other side needs. */
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
  /** DER of the first certificate, whose hash goes into ConnEstablish (TLS-08). */
  readonly leafDer: Uint8Array;
  /** The CAs that others' certificates are checked against, one certificate a text. */
  readonly rootsPem: readonly string[];
}

export interface TlsMaterial {
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
  /** PEM texts of one or several certificates each. */
  readonly rootsPem: readonly string[];
}

export interface TlsOptions {
  /** Wall time in milliseconds since the Unix epoch; an expired certificate is refused. Left out: it is not. */
  readonly nowMs?: number;
}

export interface LoadTlsOptions extends TlsOptions {
  /**
   * Which of the two certificates, where a folder of cryptogen's layout has both (TLS-06); `server` by default. Where it
   * has one, it is that one.
   */
  readonly use?: 'server' | 'client';
  readonly log?: Log;
}

/** TLS credentials from memory. @throws IdentityError */
export function createTlsCredentials(material: TlsMaterial, options: TlsOptions = {}): TlsCredentials {
  const named = (field: keyof TlsMaterial, text: string): NamedText => ({ path: field, text });
  return credentialsOf(
    named('certificateChainPem', material.certificateChainPem),
    [named('privateKeyPem', material.privateKeyPem)],
    'privateKeyPem',
    material.rootsPem.map((text) => named('rootsPem', text)),
    options.nowMs,
  );
}

/**
 * Loads a TLS folder: `server.crt`, `server.key` (or `client.*`) and `ca.crt`, as cryptogen lays it out, or `signcerts`,
 * `keystore`, `tlscacerts` and `tlsintermediatecerts`, as the Fabric CA client does.
 * @throws IdentityError
 */
export function loadTlsCredentials(folder: string, options: LoadTlsOptions = {}): TlsCredentials {
  const { use = 'server', nowMs, log = silentLog } = options;
  const advice = 'name a TLS folder, with server.crt or client.crt in it, or with signcerts.';
  mustBeFolder(folder, advice);
  for (const name of use === 'server' ? ['server', 'client'] : ['client', 'server']) {
    const certificate = readFileIfAny(join(folder, `${name}.crt`));
    if (certificate === undefined) continue;
    const key = readFile(join(folder, `${name}.key`), `put the private key of ${name}.crt there.`);
    const roots = readFile(join(folder, 'ca.crt'), 'put the certificate of the TLS root CA there.');
    return credentialsOf(certificate, [key], key.path, [roots], nowMs);
  }
  const [certificate] = readPemFiles(join(folder, 'signcerts'), advice, log);
  const keystore = join(folder, 'keystore');
  const rootsAdvice = 'put the certificate of the TLS root CA there.';
  const roots = readPemFiles(join(folder, 'tlscacerts'), rootsAdvice, log);
  const intermediates = readPemFilesIfAny(join(folder, 'tlsintermediatecerts'), log);
  const keys = readFolderIfAny(keystore) ?? [];
  return credentialsOf(certificate, keys, keystore, [...roots, ...intermediates], nowMs);
}

function credentialsOf(
  { path, text }: NamedText,
  keys: readonly NamedText[],
  keyPath: string,
  roots: readonly NamedText[],
  nowMs: number | undefined,
): TlsCredentials {
  const leaf = certificateFromPem(text, path);
  mustNotHaveExpired(leaf, nowMs, path);
  const privateKey = keyOf(leaf, keys, keyPath);
  return {
    certificateChainPem: text,
    privateKeyPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    leafDer: leaf.der,
    rootsPem: roots.flatMap(certificatesIn),
  };
}

function certificatesIn({ path, text }: NamedText): string[] {
  const certificates = decodeAllPem(text).map(({ type, bytes }) => encodePem(type, bytes));
  if (certificates.length === 0) {
    throw new IdentityError(
      'PEM_MALFORMED',
      path,
      'no PEM block; put the certificate of the TLS root CA there.',
    );
  }
  certificates.forEach((pem) => certificateFromPem(pem, path));
  return certificates;
}
