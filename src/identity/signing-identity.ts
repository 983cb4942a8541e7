import type { Certificate } from './certificate';
import { certificateFromPem, mustNotHaveExpired } from './certificate-pem';
import { curveOf } from './ecdsa';
import type { NamedText } from './folder';
import { IdentityError } from './identity-error';
import type { Msp } from './msp';
import { encodePem } from './pem';
import { keyOf } from './private-key';
import { X509SigningIdentity } from './x509-identity';

/** An enrolment certificate and its private key, in PEM. */
export interface SigningMaterial {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface SigningIdentityOptions {
  /** Wall time in milliseconds since the Unix epoch; an expired certificate is refused. Left out: it is not. */
  readonly nowMs?: number;
}

/**
 * A signing identity from memory. It is what a Fabric peer makes of the same certificate: the PEM is written anew, and
 * of the signature on the certificate the lower s is taken, so that the PKI-ID is the one that the peer would have.
 * Only a certificate that one of the MSP's CAs issued can be treated so; any other is taken as it is.
 * @throws IdentityError
 * Source: msp/mspimpl.go, `sanitizeCert`; msp/identities.go, `Serialize`.
 */
export function createSigningIdentity(
  msp: Msp,
  material: SigningMaterial,
  options: SigningIdentityOptions = {},
): X509SigningIdentity {
  const certificate = certificateFromPem(material.certificatePem, 'certificatePem');
  const keys = [{ path: 'privateKeyPem', text: material.privateKeyPem }];
  return signingIdentityOf(msp, certificate, 'certificatePem', keys, 'privateKeyPem', options.nowMs);
}

/** The same for a certificate from `path` and the one key of `keys` (from `keyPath`) that belongs to it. */
export function signingIdentityOf(
  msp: Msp,
  certificate: Certificate,
  path: string,
  keys: readonly NamedText[],
  keyPath: string,
  nowMs: number | undefined,
): X509SigningIdentity {
  mustNotHaveExpired(certificate, nowMs, path);
  if (curveOf(certificate.publicKey) === undefined) {
    const advice = 'enrol with an ECDSA key on P-256 or P-384.';
    throw new IdentityError(
      'KEY_UNSUPPORTED',
      path,
      `the certificate’s key is not one that Fabric signs with; ${advice}`,
    );
  }
  const privateKey = keyOf(certificate, keys, keyPath);
  const canonical = msp.canonical(certificate);
  const idBytes = Buffer.from(encodePem('CERTIFICATE', canonical.der));
  return new X509SigningIdentity({ mspId: msp.mspId, idBytes }, canonical, privateKey);
}
