import { parseCertificate, type Certificate } from './certificate';
import { IdentityError } from './identity-error';
import { decodePem } from './pem';

/** The certificate in the first block of a text. `path` says where it is from. @throws IdentityError */
export function certificateFromPem(pem: string, path: string): Certificate {
  const block = decodePem(pem);
  if (block === undefined) {
    throw new IdentityError('PEM_MALFORMED', path, 'no PEM block; put a certificate in PEM there.');
  }
  const certificate = parseCertificate(block.bytes);
  if (certificate === undefined) {
    throw new IdentityError(
      'CERTIFICATE_MALFORMED',
      path,
      `the PEM block, of type ${block.type}, is no X.509 certificate; put a certificate there.`,
    );
  }
  return certificate;
}

/** @throws IdentityError if the certificate's NotAfter has passed. `nowMs`: undefined if time does not matter. */
export function mustNotHaveExpired(certificate: Certificate, nowMs: number | undefined, path: string): void {
  if (nowMs === undefined || !hasExpired(certificate, nowMs)) return;
  const hours = Math.ceil((nowMs - certificate.notAfterMs) / 3_600_000);
  throw new IdentityError(
    'CERTIFICATE_EXPIRED',
    path,
    `the certificate expired less than ${hours} h ago; enrol again to get a new one.`,
  );
}

/** Whether NotAfter has passed. Source: gossip/identity/identity.go, `Put`. */
export const hasExpired = ({ notAfterMs }: { readonly notAfterMs: number }, nowMs: number): boolean =>
  nowMs > notAfterMs;
