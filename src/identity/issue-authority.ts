import { generateKeyPairSync, randomBytes, webcrypto, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from './x509-library';
import { lowSForm, parseCertificate, type Certificate } from './certificate';
import { IdentityError } from './identity-error';
import { encodePem } from './pem';

/** Wall times in milliseconds since the Unix epoch; certificates have them to the second. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** The curves that MSPs are commonly made with. */
export type CurveName = 'P-256' | 'P-384';

export interface AuthorityOptions {
  readonly commonName: string;
  readonly organization: string;
  readonly validity: Validity;
  readonly curve: CurveName;
  /** Issues the new CA's certificate; left out, the CA is a root. */
  readonly parent?: CertificateAuthority;
}

export interface LeafRequest {
  readonly commonName: string;
  readonly organizationalUnits: readonly string[];
  readonly validity: Validity;
  readonly curve: CurveName;
  /** For TLS: the names and addresses it is valid for. Left out: an enrolment certificate. */
  readonly sans?: readonly string[];
}

export interface IssuedCertificate {
  readonly der: Uint8Array;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const { ExtendedKeyUsage, KeyUsageFlags } = x509;
const SIGNING = KeyUsageFlags.digitalSignature;
/** By OpenSSL's names. */
const CURVE_NAMES: ReadonlyMap<string, CurveName> = new Map([
  ['prime256v1', 'P-256'],
  ['secp384r1', 'P-384'],
]);

/** Serial numbers of 127 random bits: positive, and as long as cryptogen's. */
const SERIAL_BYTES = 16;

/**
 * A CA for test networks. What it issues is as cryptogen's: ECDSA over SHA-256, every signature on a certificate with the
 * lower s, so that Fabric does not rewrite the certificate and the PKI-ID is that of the PEM as issued.
 */
export class CertificateAuthority {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly certificate: Certificate;
  readonly #subject: x509.Name;
  readonly #signingKey: webcrypto.CryptoKey;

  private constructor(certificate: Certificate, privateKey: KeyObject, signingKey: webcrypto.CryptoKey) {
    this.certificate = certificate;
    this.certificatePem = encodePem('CERTIFICATE', certificate.der);
    this.privateKeyPem = privateKeyPemOf(privateKey);
    this.#subject = new x509.Name(Buffer.from(certificate.subject, 'hex'));
    this.#signingKey = signingKey;
  }

  /** Makes a CA with a key of its own. */
  static async create(options: AuthorityOptions): Promise<CertificateAuthority> {
    const { commonName, organization, validity, curve, parent } = options;
    const keys = generateKeyPairSync('ec', { namedCurve: curve });
    const signingKey = await signingKeyOf(keys.privateKey);
    const subject = new x509.Name([{ O: [organization] }, { CN: [commonName] }]);
    const der = await signCertificate({
      subject,
      validity,
      publicKey: keys.publicKey,
      issuer: parent === undefined ? subject : parent.#subject,
      issuerKey: parent === undefined ? keys.publicKey : parent.certificate.publicKey,
      signingKey: parent === undefined ? signingKey : parent.#signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(SIGNING | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(spkiOf(keys.publicKey)),
        ...(parent === undefined ? [] : [parent.#authorityKeyIdentifier()]),
      ],
    });
    const certificate = parseCertificate(der);
    if (certificate === undefined) throw new TypeError('the certificate just made cannot be read');
    return new CertificateAuthority(certificate, keys.privateKey, signingKey);
  }

  /** Takes up a CA that exists; `privateKey` is that of the certificate. @throws IdentityError */
  static async open(certificate: Certificate, privateKey: KeyObject): Promise<CertificateAuthority> {
    return new CertificateAuthority(certificate, privateKey, await signingKeyOf(privateKey));
  }

  /** Issues a certificate for a new key. */
  async issue(request: LeafRequest): Promise<IssuedCertificate> {
    const { commonName, organizationalUnits, validity, curve, sans } = request;
    const keys = generateKeyPairSync('ec', { namedCurve: curve });
    const der = await signCertificate({
      subject: new x509.Name([...organizationalUnits.map((unit) => ({ OU: [unit] })), { CN: [commonName] }]),
      validity,
      publicKey: keys.publicKey,
      issuer: this.#subject,
      issuerKey: this.certificate.publicKey,
      signingKey: this.#signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        this.#authorityKeyIdentifier(),
        ...(sans === undefined ? [keyUsage(SIGNING)] : tlsExtensions(sans)),
      ],
    });
    return {
      der,
      certificatePem: encodePem('CERTIFICATE', der),
      privateKeyPem: privateKeyPemOf(keys.privateKey),
    };
  }

  /** A revocation list in PEM over certificates of this CA. */
  async revoke(certificates: readonly Certificate[], validity: Validity): Promise<string> {
    const thisUpdate = dateOf(validity.notBeforeMs);
    const list = await x509.X509CrlGenerator.create({
      issuer: this.#subject,
      thisUpdate,
      nextUpdate: dateOf(validity.notAfterMs),
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      signingKey: this.#signingKey,
      entries: certificates.map(({ serialNumber }) => ({
        serialNumber: hexOf(serialNumber),
        revocationDate: thisUpdate,
      })),
      extensions: [this.#authorityKeyIdentifier()],
    });
    return encodePem('X509 CRL', new Uint8Array(list.rawData));
  }

  #authorityKeyIdentifier(): x509.Extension {
    const { subjectKeyId } = this.certificate;
    if (subjectKeyId === undefined) {
      throw new IdentityError(
        'CA_INVALID',
        'certificatePem',
        'the CA has no subject key identifier; take another.',
      );
    }
    return new x509.AuthorityKeyIdentifierExtension(subjectKeyId);
  }
}

interface CertificateParts {
  readonly subject: x509.Name;
  readonly validity: Validity;
  readonly publicKey: KeyObject;
  readonly issuer: x509.Name;
  readonly issuerKey: KeyObject;
  readonly signingKey: webcrypto.CryptoKey;
  readonly extensions: x509.Extension[];
}

async function signCertificate(parts: CertificateParts): Promise<Uint8Array> {
  const { subject, validity, publicKey, issuer, issuerKey, signingKey, extensions } = parts;
  const signed = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject,
    issuer,
    notBefore: dateOf(validity.notBeforeMs),
    notAfter: dateOf(validity.notAfterMs),
    publicKey: spkiOf(publicKey),
    signingKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions,
  });
  // Web Crypto yields the higher s every other time.
  return lowSForm(new Uint8Array(signed.rawData), issuerKey);
}

const keyUsage = (flags: x509.KeyUsageFlags): x509.Extension => new x509.KeyUsagesExtension(flags, true);

const tlsExtensions = (sans: readonly string[]): x509.Extension[] => [
  keyUsage(SIGNING | KeyUsageFlags.keyEncipherment),
  new x509.ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
  new x509.SubjectAlternativeNameExtension(
    sans.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
  ),
];

/** Web Crypto's form of a private key, for the library to sign with. */
function signingKeyOf(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const namedCurve = CURVE_NAMES.get(key.asymmetricKeyDetails?.namedCurve ?? '');
  if (namedCurve === undefined) {
    throw new IdentityError(
      'KEY_UNSUPPORTED',
      'privateKey',
      'it is not ECDSA on P-256 or P-384; take another CA.',
    );
  }
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve }, false, ['sign']);
}

const privateKeyPemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

const spkiOf = (key: KeyObject): Uint8Array => key.export({ type: 'spki', format: 'der' });

function randomSerial(): string {
  const serial = randomBytes(SERIAL_BYTES);
  // Neither negative nor with a leading zero.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial.toString('hex');
}

function hexOf(value: bigint): string {
  const hex = value.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}

// eslint-disable-next-line no-restricted-globals -- turns a time that was given into the library's type; reads no clock
const dateOf = (ms: number): Date => new Date(ms);
