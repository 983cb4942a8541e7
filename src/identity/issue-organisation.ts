import { CertificateAuthority, type CurveName, type Validity } from './issue-authority';
import { Msp } from './msp';
import { ROLES, type MspConfig, type Role } from './msp-config';
import { createSigningIdentity, type SigningMaterial } from './signing-identity';
import type { TlsCredentials } from './tls-credentials';
import type { X509Identity, X509SigningIdentity } from './x509-identity';

export interface OrganisationOptions {
  readonly mspId: string;
  /** Such as org1.example.com; names of CAs, nodes and users end in it. */
  readonly domain: string;
  /** Wall time in milliseconds since the Unix epoch; the validity of what is issued starts shortly before. */
  readonly nowMs: number;
  /** What its nodes are; `peer` by default. */
  readonly kind?: OrganisationKind;
  /** Issues identities from an intermediate CA below the root; not by default. */
  readonly intermediateCa?: boolean;
  /** Of every key; P-256 by default. */
  readonly curve?: CurveName;
}

export type OrganisationKind = 'peer' | 'orderer';

/** What to issue: an enrolment certificate and a TLS certificate. */
export interface IdentityRequest {
  /** Without the domain: `peer0` becomes peer0.org1.example.com, the user `Admin` becomes Admin@org1.example.com. */
  readonly name: string;
  readonly role: Role;
  /** The organisational units of the enrolment certificate, in place of the one that is named as the role. */
  readonly organizationalUnits?: readonly string[];
  /** Names and addresses in the TLS certificate; by default the full name and the short one. */
  readonly sans?: readonly string[];
  /** Of the enrolment certificate; by default about ten years from now. */
  readonly validity?: Partial<Validity>;
  /** Of the TLS certificates; the same by default. */
  readonly tlsValidity?: Partial<Validity>;
  /** Also issues a TLS certificate to dial with (TLS-06); not by default. */
  readonly separateClientTls?: boolean;
}

export interface IssuedIdentity {
  /** The full name. */
  readonly name: string;
  readonly role: Role;
  readonly enrolment: SigningMaterial;
  readonly identity: X509SigningIdentity;
  readonly tls: TlsCredentials;
  readonly clientTls: TlsCredentials | undefined;
}

/** What an organisation is made of. */
export interface OrganisationParts {
  readonly domain: string;
  readonly kind: OrganisationKind;
  readonly curve: CurveName;
  readonly nowMs: number;
  /** Issues the identities: the root or an intermediate. */
  readonly ca: CertificateAuthority;
  readonly tlsCa: CertificateAuthority;
  readonly config: MspConfig;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** So much older are CAs than what they issue, so that expired certificates can be issued below them. */
const CA_AGE_MS = 30 * DAY_MS;
/** cryptogen's two numbers. */
const LEAF_AGE_MS = 5 * MINUTE_MS;
const LIFETIME_MS = 3650 * DAY_MS;

/** An organisation of a test network, which issues its members' identities. */
export class Organisation {
  readonly domain: string;
  readonly kind: OrganisationKind;
  readonly ca: CertificateAuthority;
  readonly tlsCa: CertificateAuthority;
  readonly msp: Msp;
  readonly #curve: CurveName;
  readonly #nowMs: number;

  /** @throws IdentityError for a configuration that no MSP can have. */
  constructor({ domain, kind, curve, nowMs, ca, tlsCa, config }: OrganisationParts) {
    this.domain = domain;
    this.kind = kind;
    this.ca = ca;
    this.tlsCa = tlsCa;
    this.msp = new Msp(config);
    this.#curve = curve;
    this.#nowMs = nowMs;
  }

  get mspId(): string {
    return this.msp.mspId;
  }

  /** Issues an identity with TLS credentials. What is issued may be unfit to be used: expired, say. */
  async issue(request: IdentityRequest): Promise<IssuedIdentity> {
    const { role, organizationalUnits = [role], separateClientTls = false } = request;
    const name = this.#fullName(request);
    const [enrolment, tls, clientTls] = await Promise.all([
      this.ca.issue({
        commonName: name,
        organizationalUnits,
        validity: this.#validity(this.ca, request.validity),
        curve: this.#curve,
      }),
      this.#issueTls(name, request),
      separateClientTls ? this.#issueTls(name, request) : undefined,
    ]);
    return { name, role, enrolment, identity: createSigningIdentity(this.msp, enrolment), tls, clientTls };
  }

  /** The MSP's configuration with a revocation list over these identities in the place of the one it may have had. */
  async revoke(
    identities: readonly { readonly identity: Pick<X509Identity, 'certificate'> }[],
  ): Promise<MspConfig> {
    const list = await this.ca.revoke(
      identities.map(({ identity }) => identity.certificate),
      this.#validity(this.ca),
    );
    return { ...this.msp.config, revocationList: [list] };
  }

  async #issueTls(commonName: string, request: IdentityRequest): Promise<TlsCredentials> {
    const material = await this.tlsCa.issue({
      commonName,
      organizationalUnits: [],
      validity: this.#validity(this.tlsCa, request.tlsValidity),
      curve: this.#curve,
      sans: request.sans ?? [...new Set([commonName, request.name])],
    });
    return {
      certificateChainPem: material.certificatePem,
      privateKeyPem: material.privateKeyPem,
      leafDer: material.der,
      rootsPem: [this.tlsCa.certificatePem],
    };
  }

  #fullName({ name, role }: IdentityRequest): string {
    return role === 'peer' || role === 'orderer' ? `${name}.${this.domain}` : `${name}@${this.domain}`;
  }

  #validity(ca: CertificateAuthority, wanted: Partial<Validity> = {}): Validity {
    // Fabric checks a chain as of the leaf's NotBefore, when its CA has to be valid already (ID-07).
    const notBeforeMs = Math.max(this.#nowMs - LEAF_AGE_MS, ca.certificate.notBeforeMs);
    return { notBeforeMs, notAfterMs: notBeforeMs + LIFETIME_MS, ...wanted };
  }
}

/** Makes an organisation: an enrolment CA, a TLS CA with another root, and NodeOUs switched on. */
export async function issueOrganisation(options: OrganisationOptions): Promise<Organisation> {
  const { mspId, domain, nowMs, kind = 'peer', intermediateCa = false, curve = 'P-256' } = options;
  const notBeforeMs = nowMs - CA_AGE_MS;
  const validity = { notBeforeMs, notAfterMs: notBeforeMs + LIFETIME_MS + CA_AGE_MS };
  const common = { organization: domain, validity, curve };
  const [rootCa, tlsCa] = await Promise.all([
    CertificateAuthority.create({ ...common, commonName: `ca.${domain}` }),
    CertificateAuthority.create({ ...common, commonName: `tlsca.${domain}` }),
  ]);
  const ca = intermediateCa
    ? await CertificateAuthority.create({ ...common, commonName: `ica.${domain}`, parent: rootCa })
    : rootCa;
  const ouOf = (role: Role) => ({ organizationalUnitIdentifier: role, certificate: ca.certificatePem });
  const config: MspConfig = {
    mspId,
    rootCerts: [rootCa.certificatePem],
    intermediateCerts: intermediateCa ? [ca.certificatePem] : [],
    tlsRootCerts: [tlsCa.certificatePem],
    nodeOus: Object.fromEntries(ROLES.map((role) => [role, ouOf(role)])),
  };
  return new Organisation({ domain, kind, curve, nowMs, ca, tlsCa, config });
}
