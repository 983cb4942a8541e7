import type { IdentityRefusal, IdentityValidator, IdentityVerdict, PeerIdentity } from '../ports/identity';
import { parseCertificate, type Certificate } from './certificate';
import { hasExpired } from './certificate-pem';
import { isCanonical } from './ecdsa';
import type { Msp } from './msp';
import { decodePem } from './pem';
import { deserializeIdentity } from './serialized-identity';
import { X509Identity } from './x509-identity';

export interface MspRegistryOptions {
  /** How many validated identities are remembered; the one longest unused goes first. */
  readonly maxCachedIdentities?: number;
}

/** A network of a thousand peers, and as many clients. */
const MAX_CACHED_IDENTITIES = 2000;

type Refused = Extract<IdentityVerdict, { ok: false }>;

const refused = (reason: IdentityRefusal, detail: string): Refused => ({ ok: false, reason, detail });

/**
 * Validates identities by the MSPs known. MSPs can be added, replaced and removed at any time; what was validated by the
 * old ones is then validated anew (ID-10). Expiry is judged on each call.
 * Source: internal/peer/gossip/mcs.go, `getValidatedIdentity`; msp/mspimpl.go, `IsWellFormed`.
 */
export class MspRegistry implements IdentityValidator {
  readonly #msps = new Map<string, Msp>();
  readonly #maxCachedIdentities: number;
  /** Validated identities by their serialized bytes (latin1), the one longest unused first. */
  readonly #validated = new Map<string, PeerIdentity>();

  constructor(msps: Iterable<Msp> = [], options: MspRegistryOptions = {}) {
    for (const msp of msps) this.#msps.set(msp.mspId, msp);
    this.#maxCachedIdentities = options.maxCachedIdentities ?? MAX_CACHED_IDENTITIES;
  }

  /** Adds an MSP, in the place of one with the same MSP-ID. */
  put(msp: Msp): void {
    this.#msps.set(msp.mspId, msp);
    this.#validated.clear();
  }

  /** Forgets an MSP; false if it was not known. */
  remove(mspId: string): boolean {
    this.#validated.clear();
    return this.#msps.delete(mspId);
  }

  get(mspId: string): Msp | undefined {
    return this.#msps.get(mspId);
  }

  mspIds(): string[] {
    return [...this.#msps.keys()];
  }

  validate(serialized: Uint8Array, nowMs: number): IdentityVerdict {
    const key = Buffer.from(serialized.buffer, serialized.byteOffset, serialized.length).toString('latin1');
    const known = this.#validated.get(key);
    const verdict: IdentityVerdict =
      known === undefined ? this.#judge(serialized) : { ok: true, identity: known };
    if (!verdict.ok) return verdict;
    this.#remember(key, verdict.identity);
    return hasExpired(verdict.identity, nowMs)
      ? refused('expired', 'the NotAfter of its certificate has passed')
      : verdict;
  }

  #judge(serialized: Uint8Array): IdentityVerdict {
    // The identity outlives the message that it came in.
    const copy = Uint8Array.from(serialized);
    const parts = deserializeIdentity(copy);
    if (parts === undefined || copy.length === 0) return refused('malformed', 'no SerializedIdentity');
    const msp = this.#msps.get(parts.mspId);
    if (msp === undefined) return refused('unknown-msp', `no MSP ${JSON.stringify(parts.mspId)} is known`);
    const certificate = wellFormedCertificate(parts.idBytes);
    if (typeof certificate === 'string') return refused('malformed', certificate);
    const refusal = msp.refuses(certificate);
    return refusal === undefined
      ? { ok: true, identity: new X509Identity(parts, certificate, copy) }
      : { ok: false, ...refusal };
  }

  /** Puts the identity behind all others, and drops the first if there are too many. */
  #remember(key: string, identity: PeerIdentity): void {
    this.#validated.delete(key);
    this.#validated.set(key, identity);
    if (this.#validated.size <= this.#maxCachedIdentities) return;
    for (const longestUnused of this.#validated.keys()) {
      this.#validated.delete(longestUnused);
      return;
    }
  }
}

/**
 * The one certificate that `id_bytes` has to be, or what is wrong with them (ID-04). Text before the block and headers
 * in it are let pass, as is a type that is left out.
 * Source: msp/mspimpl.go, `IsWellFormed`, `isIdentitySignedInCanonicalForm`.
 */
function wellFormedCertificate(idBytes: Uint8Array): Certificate | string {
  const block = decodePem(Buffer.from(idBytes).toString('latin1'));
  if (block === undefined) return 'no PEM block';
  if (block.rest !== '') return 'bytes after the PEM block';
  if (block.type !== 'CERTIFICATE' && block.type !== '') return `a PEM block of type ${block.type}`;
  const certificate = parseCertificate(block.bytes);
  if (certificate === undefined) return 'no X.509 certificate';
  if (certificate.signatureAlgorithm.name === 'ECDSA' && !isCanonical(certificate.signature)) {
    return 'the signature on the certificate is not canonical DER';
  }
  return certificate;
}
