import { verify } from 'node:crypto';
import { AuthorityKeyIdentifierExtension, X509Crl } from './x509-library';
import { partsOf, type Certificate } from './certificate';
import { IdentityError } from './identity-error';
import { decodePem } from './pem';

/** A certificate revocation list, read. */
export interface RevocationList {
  /** The CA's key identifier; hex. */
  readonly authorityKeyId: string;
  readonly serialNumbers: ReadonlySet<bigint>;
  /** Whether `ca` signed it. */
  isSignedBy(ca: Certificate): boolean;
}

/** Node's names of hashes by those of Web Crypto. Source: Go's crypto/x509; SHA-1 is let pass on revocation lists. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['SHA-1', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);

/** The list in the first block of a text. `path` says where it is from. @throws IdentityError */
export function revocationListFromPem(pem: string, path: string): RevocationList {
  const block = decodePem(pem);
  if (block === undefined) {
    throw new IdentityError('PEM_MALFORMED', path, 'no PEM block; put a revocation list in PEM there.');
  }
  try {
    return readRevocationList(block.bytes);
  } catch (cause) {
    const advice = 'put one there that carries an authority key identifier.';
    throw new IdentityError('CRL_MALFORMED', path, `no X.509 revocation list; ${advice}`, { cause });
  }
}

/** Throws for what is no list, or has no authority key identifier: Fabric matches lists to CAs by that alone. */
function readRevocationList(der: Uint8Array): RevocationList {
  const list = new X509Crl(der);
  const authorityKeyId = list.getExtension(AuthorityKeyIdentifierExtension)?.keyId;
  const [toBeSigned] = partsOf(der) ?? [];
  const hash = HASHES.get(list.signatureAlgorithm.hash.name);
  if (authorityKeyId === undefined || toBeSigned === undefined || hash === undefined) {
    throw new TypeError('no authority key identifier, or a signature algorithm that is not known');
  }
  const signed = der.subarray(toBeSigned.start, toBeSigned.end);
  const signature = new Uint8Array(list.signature);
  return {
    authorityKeyId,
    serialNumbers: new Set(list.entries.map(({ serialNumber }) => BigInt(`0x${serialNumber}`))),
    isSignedBy: (ca) => verify(hash, signed, ca.publicKey, signature),
  };
}

/**
 * Whether one of `lists`, of and by `issuer`, names the certificate. When it was revoked does not matter.
 * Source: msp/mspimplvalidate.go, `validateCertAgainstChain`.
 */
export function isRevoked(
  certificate: Certificate,
  issuer: Certificate,
  lists: readonly RevocationList[],
): boolean {
  return lists.some(
    (list) =>
      list.authorityKeyId === issuer.subjectKeyId &&
      list.serialNumbers.has(certificate.serialNumber) &&
      list.isSignedBy(issuer),
  );
}
