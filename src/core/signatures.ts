import type { PeerIdentity } from '../ports/identity';
import type { Envelope } from '../wire';
import { rejected, type Rejection } from './rejections';

/**
 * Whether an envelope is authentic for `author`: undefined if so. The signature covers the payload bytes as they
 * came; a secret envelope, where there is one, has a signature of its own, and both must hold (SIGN-01 to SIGN-09).
 * Source: gossip/protoext/signing.go, `Verify`.
 */
export function signatureFault(envelope: Envelope, author: PeerIdentity): Rejection | undefined {
  if (envelope.payload.length === 0 || envelope.signature.length === 0) {
    return rejected('unsigned');
  }
  if (!author.verify(envelope.payload, envelope.signature)) {
    return rejected('bad-signature');
  }
  const secret = envelope.secretEnvelope;
  if (secret === undefined) {
    return undefined;
  }
  if (secret.payload.length === 0 || secret.signature.length === 0) {
    return rejected('bad-secret', 'empty payload or signature');
  }
  return author.verify(secret.payload, secret.signature)
    ? undefined
    : rejected('bad-secret', 'wrong signature');
}
