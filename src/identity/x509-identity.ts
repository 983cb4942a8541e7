import { sign, verify, type KeyObject } from 'node:crypto';
import type { PeerIdentity, SigningIdentity } from '../ports/identity';
import { curveOf, toLowS, verifiable, type Curve } from './ecdsa';
import { pkiIdOf } from './digests';
import type { Certificate } from './certificate';
import { serializeIdentity, type IdentityBytes } from './serialized-identity';

/** Fabric's signatures are over SHA-256 for every curve (SIGN-03). */
const HASH = 'sha256';

/** An identity that is a certificate with an ECDSA key. It verifies; whether an MSP takes it is judged elsewhere. */
export class X509Identity implements PeerIdentity {
  readonly pkiId: Uint8Array;
  readonly mspId: string;
  readonly serialized: Uint8Array;
  readonly notAfterMs: number;
  readonly certificate: Certificate;
  readonly #curve: Curve;

  /** @throws TypeError if the certificate's key is not ECDSA on a curve that Fabric knows. */
  constructor(identity: IdentityBytes, certificate: Certificate, serialized = serializeIdentity(identity)) {
    const curve = curveOf(certificate.publicKey);
    if (curve === undefined) throw new TypeError('not an ECDSA key that Fabric knows');
    this.pkiId = pkiIdOf(identity.mspId, identity.idBytes);
    this.mspId = identity.mspId;
    this.serialized = serialized;
    this.notAfterMs = certificate.notAfterMs;
    this.certificate = certificate;
    this.#curve = curve;
  }

  verify(payload: Uint8Array, signature: Uint8Array): boolean {
    const accepted = this.verifiable(payload, signature);
    return accepted !== undefined && verify(HASH, payload, this.certificate.publicKey, accepted);
  }

  /**
   * What a verifying function of ECDSA over SHA-256 is to be given as the signature; undefined for what Fabric refuses
   * before any cryptography (SIGN-03, SIGN-09).
   */
  verifiable(payload: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
    return payload.length === 0 || signature.length === 0 ? undefined : verifiable(signature, this.#curve);
  }
}

/** An identity together with its private key. */
export class X509SigningIdentity extends X509Identity implements SigningIdentity {
  readonly #privateKey: KeyObject;
  readonly #signingCurve: Curve;

  /** `privateKey` is that of the certificate. @throws TypeError as for {@link X509Identity}. */
  constructor(identity: IdentityBytes, certificate: Certificate, privateKey: KeyObject) {
    super(identity, certificate);
    const curve = curveOf(privateKey);
    if (curve === undefined) throw new TypeError('not an ECDSA key that Fabric knows');
    this.#privateKey = privateKey;
    this.#signingCurve = curve;
  }

  sign(payload: Uint8Array): Uint8Array {
    const signature = sign(HASH, payload, this.#privateKey);
    const low = toLowS(signature, this.#signingCurve);
    if (low === undefined) throw new TypeError('the signing function made no DER signature');
    return low;
  }
}
