import type { IdentityRefusal } from '../ports/identity';
import type { Certificate } from './certificate';
import { certificateFromPem } from './certificate-pem';
import { canonicalUnder, innerCasOf, readAnchors } from './anchors';
import { chainsOf, isCa, isSame, onlyChainOf, type Anchors, type Chain } from './chain';
import { curveOf } from './ecdsa';
import { IdentityError } from './identity-error';
import { inMemory, type MspConfig, type WhereIs } from './msp-config';
import { ouFault, ouRulesOf, type OuRules } from './organizational-units';
import { isRevoked, revocationListFromPem, type RevocationList } from './revocation-list';

/** Why an MSP does not take a certificate. */
export interface Refusal {
  readonly reason: IdentityRefusal;
  readonly detail: string;
}

const refusal = (reason: IdentityRefusal, detail: string): Refusal => ({ reason, detail });

/**
 * One organisation's membership: its CAs, what they revoked, and the roles it tells apart. Behaves as version 1.4.3 of
 * Fabric's MSP, which channels have from capability V1_4_3 on.
 * Deviation: Ed25519, which version 3.0 adds, is not taken (SIGN-04), and administrators are not looked at.
 * Source: msp/mspimplsetup.go, msp/mspimplvalidate.go.
 */
export class Msp {
  readonly mspId: string;
  readonly config: MspConfig;
  readonly #anchors: Anchors;
  /** CAs that issued an intermediate certificate: they may not issue identities besides. */
  readonly #innerCas: ReadonlySet<Certificate>;
  readonly #revocationLists: readonly RevocationList[];
  readonly #ouRules: OuRules;

  /** @throws IdentityError for a configuration that a Fabric peer does not start with. */
  constructor(config: MspConfig, whereIs: WhereIs = inMemory) {
    this.mspId = config.mspId;
    this.config = config;
    if (config.rootCerts.length === 0) {
      throw new IdentityError(
        'CA_INVALID',
        whereIs('rootCerts', 0),
        'an MSP needs the certificate of a root CA.',
      );
    }
    this.#revocationLists = (config.revocationList ?? []).map((pem, i) =>
      revocationListFromPem(pem, whereIs('revocationList', i)),
    );
    this.#anchors = readAnchors(config, 'rootCerts', 'intermediateCerts', this.#revocationLists, whereIs);
    this.#innerCas = innerCasOf(this.#anchors);
    this.#ouRules = ouRulesOf(config, (pem, field, index) => this.#chainOfCa(pem, whereIs(field, index)));
    // Not used here, but an MSP with TLS CAs that are none does not start either.
    readAnchors(config, 'tlsRootCerts', 'tlsIntermediateCerts', this.#revocationLists, whereIs);
  }

  /**
   * Why the certificate is none of this organisation's; undefined if it is one (ID-05, ID-06). Expiry is judged apart
   * (ID-07).
   */
  refuses(certificate: Certificate): Refusal | undefined {
    if (curveOf(certificate.publicKey) === undefined) {
      return refusal('untrusted', 'its key is not ECDSA on a curve that Fabric knows');
    }
    if (isCa(certificate)) {
      return refusal('untrusted', 'it is the certificate of a CA');
    }
    const chains = chainsOf(certificate, this.#anchors);
    const [chain] = chains;
    if (chain === undefined) {
      return refusal('untrusted', `no chain to the roots of ${this.mspId}`);
    }
    if (chains.length > 1) {
      return refusal(
        'untrusted',
        `${chains.length} chains to the roots of ${this.mspId}, where one is allowed`,
      );
    }
    const [, issuer] = chain;
    if (issuer === undefined || this.#innerCas.has(issuer)) {
      return refusal('untrusted', 'its issuer issues intermediate certificates, and hence no identities');
    }
    if (isRevoked(certificate, issuer, this.#revocationLists)) {
      return refusal('untrusted', 'it is revoked');
    }
    const fault = ouFault(chain, this.#ouRules);
    return fault === undefined ? undefined : refusal('wrong-role', fault);
  }

  /** The certificate as a Fabric peer sends it: see {@link withLowS}. Itself if none of the MSP's CAs issued it. */
  canonical(certificate: Certificate): Certificate {
    return canonicalUnder(certificate, this.#cas());
  }

  /** The chain of a CA that an organisational unit names. Source: `getCertifiersIdentifier`. */
  #chainOfCa(pem: string, path: string): Chain {
    const named = this.canonical(certificateFromPem(pem, path));
    const ca = this.#cas().find((known) => isSame(known, named));
    if (ca === undefined || (this.#innerCas.has(ca) && !this.#anchors.roots.includes(ca))) {
      const advice =
        'an organisational unit names a certificate that is no CA of this MSP; name one of its CAs.';
      throw new IdentityError('CA_INVALID', path, advice);
    }
    return onlyChainOf(ca, this.#anchors, path);
  }

  #cas(): Certificate[] {
    return [...this.#anchors.roots, ...this.#anchors.intermediates];
  }
}
