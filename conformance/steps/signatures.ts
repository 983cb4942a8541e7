import { verify, X509Certificate } from 'node:crypto';
import { deserializeIdentity } from '../../src/identity';
import type { Envelope } from '../../src/wire';

/**
 * Whether the envelope carries a signature over its payload by the certificate in `serialized`, a
 * SerializedIdentity (SIGN-01, SIGN-03). Which organisation the certificate is of does not matter here.
 */
export function isSignedBy(
  serialized: Uint8Array,
  { payload, signature }: Pick<Envelope, 'payload' | 'signature'>,
): boolean {
  const identity = deserializeIdentity(serialized);
  if (identity === undefined) return false;
  try {
    const { publicKey } = new X509Certificate(identity.idBytes);
    return verify('sha256', payload, publicKey, signature);
  } catch {
    return false; // No certificate, or no key that signs.
  }
}
