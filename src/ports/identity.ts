/**
 * Identities as the protocol sees them: something with a PKI-ID, an organisation and a key that verifies.
 * MSP identities implement it in `identity/`; simulations bring cheap ones of their own.
 */

/** Makes signatures that the holder's {@link PeerIdentity} verifies. */
export interface Signer {
  /** A signature over `payload`: ASN.1 DER (r, s) with s at most half the curve order (SIGN-03). */
  sign(payload: Uint8Array): Uint8Array;
}

/** An identity that passed validation. */
export interface PeerIdentity {
  /** SHA-256 over the MSP-ID followed by the identity's `id_bytes`; 32 bytes (ID-02). */
  readonly pkiId: Uint8Array;
  /** The organisation: the MSP-ID (ID-12). */
  readonly mspId: string;
  /** The serialized `msp.SerializedIdentity`, as it travels. */
  readonly serialized: Uint8Array;
  /** Wall time in milliseconds since the Unix epoch after which it is no longer accepted (ID-07). */
  readonly notAfterMs: number;
  /** Whether `signature` over `payload` is one of this identity's; a high s is not (SIGN-03). */
  verify(payload: Uint8Array, signature: Uint8Array): boolean;
}

/** A peer's own identity. */
export interface SigningIdentity extends PeerIdentity, Signer {}

/** Why an identity was refused; stable codes. */
export type IdentityRefusal =
  | 'malformed' // no SerializedIdentity, or its id_bytes are not exactly one certificate in PEM (ID-04)
  | 'unknown-msp' // no organisation of that MSP-ID is known (ID-05)
  | 'untrusted' // no chain to the organisation's roots, not a leaf, revoked, or a key of a kind not allowed (ID-05)
  | 'wrong-role' // NodeOUs are on and the certificate carries none or several of the roles (ID-06)
  | 'expired'; // past NotAfter (ID-07)

export type IdentityVerdict =
  | { readonly ok: true; readonly identity: PeerIdentity }
  | { readonly ok: false; readonly reason: IdentityRefusal; readonly detail: string };

/** Decides which serialized identities are members of which organisation. */
export interface IdentityValidator {
  /** Validates by the MSPs known (ID-04 to ID-07). `nowMs`: wall time, milliseconds since the Unix epoch. */
  validate(serialized: Uint8Array, nowMs: number): IdentityVerdict;
}
