import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { Certificate } from './certificate';
import type { NamedText } from './folder';
import { IdentityError } from './identity-error';

/** Reads a private key in PEM (PKCS #8 or SEC 1). @throws IdentityError */
function privateKeyFromPem({ path, text }: NamedText): KeyObject {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m.test(text)) {
    const advice =
      'decrypt it first (openssl pkey -in KEY -out NEW), since there is nobody to ask for its passphrase.';
    throw new IdentityError('KEY_ENCRYPTED', path, `the private key is encrypted; ${advice}`);
  }
  try {
    return createPrivateKey(text);
  } catch (cause) {
    const advice = 'put the key in PEM there, PKCS #8 or SEC 1.';
    throw new IdentityError('KEY_MALFORMED', path, `no private key; ${advice}`, { cause });
  }
}

/**
 * The private key of the certificate among `candidates`, which come from the folder or file `path`.
 * @throws IdentityError for the one candidate there is, or because none of several belongs to the certificate.
 */
export function keyOf(certificate: Certificate, candidates: readonly NamedText[], path: string): KeyObject {
  const faults: IdentityError[] = [];
  for (const candidate of candidates) {
    try {
      const key = privateKeyFromPem(candidate);
      if (createPublicKey(key).equals(certificate.publicKey)) return key;
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      faults.push(error);
    }
  }
  const [fault] = faults;
  if (fault !== undefined && faults.length === candidates.length) throw fault;
  throw candidates.length === 0
    ? new IdentityError('FILE_MISSING', path, 'no private key; put the one of the certificate there.')
    : new IdentityError(
        'KEY_MISMATCH',
        path,
        'no private key of the certificate; put the one it was issued for there.',
      );
}
