import type { PeerIdentity, Signer } from '../ports/identity';
import type { Envelope } from '../wire';

/** What is wrong with an envelope's signatures; stable codes. */
export type EnvelopeFault =
  | 'no-payload' // the payload is empty (SIGN-09)
  | 'no-signature' // the signature is empty (SIGN-09)
  | 'bad-signature' // not the author's over the payload (SIGN-01)
  | 'no-secret-payload' // there is a secret envelope, and its payload is empty (SIGN-06)
  | 'no-secret-signature' // there is a secret envelope, and its signature is empty (SIGN-06)
  | 'bad-secret-signature'; // not the author's over the secret's payload (SIGN-05)

/**
 * What is wrong with the signatures of an envelope by `author`; undefined if nothing is. The outer signature does not
 * cover the secret envelope, which has its own, and both must hold.
 * Source: gossip/protoext/signing.go, `Verify`.
 */
export function verifyEnvelope(
  envelope: Envelope,
  author: Pick<PeerIdentity, 'verify'>,
): EnvelopeFault | undefined {
  const { payload, signature, secretEnvelope } = envelope;
  if (payload.length === 0) return 'no-payload';
  if (signature.length === 0) return 'no-signature';
  if (!author.verify(payload, signature)) return 'bad-signature';
  if (secretEnvelope === undefined) return undefined;
  if (secretEnvelope.payload.length === 0) return 'no-secret-payload';
  if (secretEnvelope.signature.length === 0) return 'no-secret-signature';
  return author.verify(secretEnvelope.payload, secretEnvelope.signature) ? undefined : 'bad-secret-signature';
}

/** An envelope over a serialized GossipMessage and, if given, a serialized Secret, signed each by itself (SIGN-05). */
export function signEnvelope(payload: Uint8Array, signer: Signer, secretPayload?: Uint8Array): Envelope {
  return {
    payload,
    signature: signer.sign(payload),
    secretEnvelope:
      secretPayload === undefined
        ? undefined
        : { payload: secretPayload, signature: signer.sign(secretPayload) },
  };
}
