import { withLowS, type Certificate } from './certificate';
import { certificateFromPem } from './certificate-pem';
import { chainsOf, isCa, isIssuedBy, isSame, onlyChainOf, type Anchors } from './chain';
import { IdentityError } from './identity-error';
import type { MspConfig, WhereIs } from './msp-config';
import { isRevoked, type RevocationList } from './revocation-list';

/** A CA's certificate and where it is from. */
interface NamedCa {
  readonly certificate: Certificate;
  readonly path: string;
}

/**
 * Reads the CAs of an MSP, in canonical form and each once. Every one must be a CA, not revoked, with one chain to a root.
 * @throws IdentityError
 * Source: msp/mspimplsetup.go, `setupCAs`, `finalizeSetupCAs`, `setupTLSCAs`.
 */
export function readAnchors(
  config: MspConfig,
  rootsField: 'rootCerts' | 'tlsRootCerts',
  intermediatesField: 'intermediateCerts' | 'tlsIntermediateCerts',
  revocationLists: readonly RevocationList[],
  whereIs: WhereIs,
): Anchors {
  const read = (field: typeof rootsField | typeof intermediatesField): NamedCa[] =>
    (config[field] ?? []).map((pem, index) => readCa(pem, whereIs(field, index)));
  const roots = read(rootsField);
  const intermediates = read(intermediatesField);
  const all = [...roots, ...intermediates].map(({ certificate }) => certificate);
  const canonical = (cas: readonly NamedCa[]): NamedCa[] =>
    cas.map(({ certificate, path }) => ({ certificate: canonicalUnder(certificate, all), path }));
  const [namedRoots, namedIntermediates] = [canonical(roots), canonical(intermediates)];
  const anchors = { roots: withoutDoubles(namedRoots), intermediates: withoutDoubles(namedIntermediates) };

  for (const { certificate, path } of [...namedRoots, ...namedIntermediates]) {
    const [, issuer] = onlyChainOf(certificate, anchors, path);
    // What makes signatures canonical needs the issuer's key. Fabric does not do it to TLS CAs.
    if (issuer === undefined && rootsField === 'rootCerts' && !isIssuedBy(certificate, certificate)) {
      const advice = 'move it to the intermediate certificates, and put the root that issued it here.';
      throw new IdentityError(
        'CA_INVALID',
        path,
        `the certificate of the root CA is not self-signed; ${advice}`,
      );
    }
    if (issuer !== undefined && isRevoked(certificate, issuer, revocationLists)) {
      throw new IdentityError(
        'CA_INVALID',
        path,
        'the CA is revoked by a list of the same MSP; take it out.',
      );
    }
  }
  return anchors;
}

function readCa(pem: string, path: string): NamedCa {
  const certificate = certificateFromPem(pem, path);
  if (!isCa(certificate)) {
    throw new IdentityError(
      'CA_INVALID',
      path,
      'the certificate is not that of a CA; put that of the CA there.',
    );
  }
  if (certificate.subjectKeyId === undefined) {
    const advice = 'have the CA make a new one with it.';
    throw new IdentityError('CA_INVALID', path, `the certificate has no subject key identifier; ${advice}`);
  }
  return { certificate, path };
}

const withoutDoubles = (cas: readonly NamedCa[]): Certificate[] =>
  cas
    .map(({ certificate }) => certificate)
    .filter((ca, index, all) => all.findIndex((other) => isSame(ca, other)) === index);

/** {@link withLowS}, by the key of whichever of `cas` issued the certificate; itself if none did. */
export function canonicalUnder(certificate: Certificate, cas: readonly Certificate[]): Certificate {
  const issuer = cas.find((ca) => isIssuedBy(certificate, ca));
  return issuer === undefined ? certificate : withLowS(certificate, issuer.publicKey);
}

/** The CAs that issued an intermediate certificate. Source: `certificationTreeInternalNodesMap`. */
export const innerCasOf = (anchors: Anchors): ReadonlySet<Certificate> =>
  new Set(anchors.intermediates.flatMap((ca) => chainsOf(ca, anchors).flatMap(([, ...issuers]) => issuers)));
