import { createHash } from 'node:crypto';
import { deserializeIdentity, pkiIdOf } from '../identity';
import { hex } from '../wire';
import type { CertificateStore } from './certificate-store';
import type { Manifest, RecordedIdentity, RecordedOrganisation } from './manifest';

/** The CAs of an organisation, in PEM. */
export interface OrganisationCas {
  readonly mspId: string;
  readonly rootCerts: readonly string[];
  readonly intermediateCerts?: readonly string[];
  readonly tlsRootCerts?: readonly string[];
}

/** Who a holder of a PKI-ID is. */
export type Naming = Pick<RecordedIdentity, 'name' | 'role' | 'timers'>;

/** Who is in a recording, with the certificates that prove it; never a key. */
export class RecordedPeople {
  readonly #certificates: CertificateStore;
  readonly #organisations: RecordedOrganisation[] = [];
  readonly #identities = new Map<string, RecordedIdentity>();
  readonly #namings = new Map<string, Naming>();
  readonly #tlsCertificates = new Map<string, string>();

  constructor(certificates: CertificateStore) {
    this.#certificates = certificates;
  }

  /** False where it is known already. @throws RecordingWriteError */
  addOrganisation(cas: OrganisationCas): boolean {
    const { mspId, rootCerts, intermediateCerts = [], tlsRootCerts = [] } = cas;
    if (this.#organisations.some((known) => known.mspId === mspId)) return false;
    const add = (kind: string, pems: readonly string[]): string[] =>
      pems.map((pem) => this.#certificates.add(`${kind}.${mspId}`, pem));
    this.#organisations.push({
      mspId,
      rootCerts: add('ca', rootCerts),
      intermediateCerts: add('intermediate', intermediateCerts),
      tlsRootCerts: add('tlsca', tlsRootCerts),
    });
    return true;
  }

  name(pkiId: Uint8Array, naming: Naming): void {
    const key = hex(pkiId);
    this.#namings.set(key, naming);
    const known = this.#identities.get(key);
    if (known !== undefined) this.#identities.set(key, { ...known, ...naming });
  }

  /** The name of the holder of a PKI-ID (hex). */
  nameOf(pkiId: string): string | undefined {
    return (this.#namings.get(pkiId) ?? this.#identities.get(pkiId))?.name;
  }

  /** Adds an enrolment identity, as it travels; false for what is known, or none. @throws RecordingWriteError */
  addIdentity(serialized: Uint8Array): boolean {
    const parts = deserializeIdentity(serialized);
    if (parts === undefined) return false;
    const pkiId = hex(pkiIdOf(parts.mspId, parts.idBytes));
    if (this.#identities.has(pkiId) || !isCertificate(parts.idBytes)) return false;
    const naming = this.#namings.get(pkiId) ?? { name: pkiId.slice(0, 8), role: 'peer' as const };
    const certificate = this.#certificates.add(`${naming.name}.sign`, parts.idBytes);
    this.#identities.set(pkiId, { pkiId, mspId: parts.mspId, ...naming, certificate });
    return true;
  }

  /**
   * Adds the leaf certificate that somebody showed, of that SHA-256; false where it is known.
   * @throws RecordingWriteError
   */
  addTlsCertificate(hash: string, name: string, certificate: Uint8Array): boolean {
    if (this.#tlsCertificates.has(hash)) return false;
    this.#tlsCertificates.set(hash, this.#certificates.addDer(`${name}.tls`, certificate));
    return true;
  }

  /** What a manifest says of them. */
  get told(): Pick<Manifest, 'organisations' | 'identities' | 'tlsCertificates'> {
    return {
      organisations: this.#organisations,
      identities: [...this.#identities.values()],
      tlsCertificates: Object.fromEntries(this.#tlsCertificates),
    };
  }
}

/** The hash by which a TLS certificate is told, hex. */
export const tlsHashOf = (certificate: Uint8Array): string =>
  createHash('sha256').update(certificate).digest('hex');

/** Whether these bytes, which a remote chose, may be kept among the certificates. */
function isCertificate(pem: Uint8Array): boolean {
  const text = Buffer.from(pem).toString('latin1');
  return text.includes('BEGIN CERTIFICATE') && !text.includes('PRIVATE KEY');
}
