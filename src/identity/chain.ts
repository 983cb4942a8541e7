import { KeyUsageFlags } from './x509-library';
import type { Certificate } from './certificate';
import { IdentityError } from './identity-error';

/** The certificates of an MSP that chains are built from. */
export interface Anchors {
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
}

/** From a certificate up to a root: the certificate first, its issuer second. */
export type Chain = readonly [Certificate, ...Certificate[]];

/** What Go's chain building understands among critical extensions: a certificate with another one is refused. */
const HANDLED_CRITICAL_EXTENSIONS: ReadonlySet<string> = new Set([
  '2.5.29.14', // subject key identifier
  '2.5.29.15', // key usage
  '2.5.29.17', // subject alternative name
  '2.5.29.19', // basic constraints
  '2.5.29.31', // CRL distribution points
  '2.5.29.32', // certificate policies
  '2.5.29.35', // authority key identifier
  '2.5.29.37', // extended key usage
]);

const EKU_ANY = '2.5.29.37.0';
const EKU_SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const STRONG_HASHES: ReadonlySet<string> = new Set(['SHA-256', 'SHA-384', 'SHA-512']);
const ONE_SECOND_MS = 1000;

/**
 * Every chain from `certificate` to a root, all valid one second into the certificate's own validity: the present
 * does not matter (ID-07). Fabric asks for no key usage, and Go then takes serverAuth, so that an extended key usage
 * anywhere in the chain has to allow it.
 * Deviation: name and policy constraints are not evaluated; where critical, they make a chain invalid.
 * Source: msp/mspimpl.go, `getUniqueValidationChain`; Go's crypto/x509, `Certificate.Verify`.
 */
export function chainsOf(certificate: Certificate, anchors: Anchors): Chain[] {
  const atMs = certificate.notBeforeMs + ONE_SECOND_MS;
  if (!isUsable(certificate, atMs)) return [];
  const chains = anchors.roots.some((root) => isSame(root, certificate))
    ? [[certificate] as const]
    : extend([certificate], certificate, anchors, atMs);
  return chains.filter((chain) => chain.every(allowsServerAuth));
}

/** The one chain that a CA has to have. @throws IdentityError where it has none or several. */
export function onlyChainOf(ca: Certificate, anchors: Anchors, path: string): Chain {
  const chains = chainsOf(ca, anchors);
  const [chain] = chains;
  if (chain === undefined || chains.length > 1) {
    const problem = chain === undefined ? 'no valid chain' : `${chains.length} chains`;
    const advice = 'have one for each CA, by adding what is missing or taking out what is superfluous.';
    throw new IdentityError('CA_INVALID', path, `the CA has ${problem} to a root; ${advice}`);
  }
  return chain;
}

function extend(chain: Chain, last: Certificate, anchors: Anchors, atMs: number): Chain[] {
  const fits = (candidate: Certificate): boolean => mayFollow(chain, last, candidate, atMs);
  return [
    ...anchors.roots.filter(fits).map((root): Chain => [...chain, root]),
    ...anchors.intermediates
      .filter(fits)
      .flatMap((intermediate) => extend([...chain, intermediate], intermediate, anchors, atMs)),
  ];
}

function mayFollow(chain: Chain, last: Certificate, candidate: Certificate, atMs: number): boolean {
  return (
    candidate.subject === last.issuer &&
    !chain.some((member) => isSameHolder(member, candidate)) &&
    isUsable(candidate, atMs) &&
    leavesRoomFor(candidate, chain.length - 1) &&
    isIssuedBy(last, candidate)
  );
}

/** Whether `issuer`, a CA by its own certificate, made the signature on `certificate`. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  const { name, hash } = certificate.signatureAlgorithm;
  const signs = issuer.keyUsage === undefined || (issuer.keyUsage & KeyUsageFlags.keyCertSign) !== 0;
  return (
    certificate.issuer === issuer.subject &&
    isCa(issuer) &&
    signs &&
    (name === 'Ed25519' || (hash !== undefined && STRONG_HASHES.has(hash))) &&
    certificate.isSignedBy(issuer.publicKey)
  );
}

export const isCa = (certificate: Certificate): boolean => certificate.basicConstraints?.ca === true;

export const isSame = (one: Certificate, other: Certificate): boolean =>
  Buffer.compare(one.der, other.der) === 0;

/** Cross-signed certificates of one CA would make loops. */
const isSameHolder = (one: Certificate, other: Certificate): boolean =>
  one.subject === other.subject && one.subjectPublicKeyInfo === other.subjectPublicKeyInfo;

const isUsable = (certificate: Certificate, atMs: number): boolean =>
  certificate.notBeforeMs <= atMs &&
  atMs <= certificate.notAfterMs &&
  certificate.criticalExtensions.every((oid) => HANDLED_CRITICAL_EXTENSIONS.has(oid));

function leavesRoomFor(ca: Certificate, intermediates: number): boolean {
  const limit = ca.basicConstraints?.pathLength;
  return limit === undefined || intermediates <= limit;
}

const allowsServerAuth = ({ extendedKeyUsage }: Certificate): boolean =>
  extendedKeyUsage.length === 0 ||
  extendedKeyUsage.includes(EKU_ANY) ||
  extendedKeyUsage.includes(EKU_SERVER_AUTH);
