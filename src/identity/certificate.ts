import { X509Certificate, type KeyObject } from 'node:crypto';
import * as x509 from './x509-library';
import { childrenOf, DerTag, encodeElement, readElement, type DerElement } from './der';
import { curveOf, toLowS } from './ecdsa';

/** What an MSP looks at in a certificate. */
export interface Certificate {
  readonly der: Uint8Array;
  /** Subject, issuer and public key in DER, as hex: Go compares names by bytes. */
  readonly subject: string;
  readonly issuer: string;
  readonly subjectPublicKeyInfo: string;
  readonly publicKey: KeyObject;
  readonly serialNumber: bigint;
  /** Milliseconds since the Unix epoch. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly organizationalUnits: readonly string[];
  /** Basic constraints; undefined without the extension. */
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength: number | undefined } | undefined;
  /** Flags of {@link x509.KeyUsageFlags}; undefined without the extension. */
  readonly keyUsage: number | undefined;
  /** OIDs; empty without the extension. */
  readonly extendedKeyUsage: readonly string[];
  /** Hex. */
  readonly subjectKeyId: string | undefined;
  /** OIDs of the critical extensions. */
  readonly criticalExtensions: readonly string[];
  /** The signature on the certificate. */
  readonly signature: Uint8Array;
  /** Web Crypto's names, such as ECDSA and SHA-256; an OID where there is none, no hash where none is known. */
  readonly signatureAlgorithm: { readonly name: string; readonly hash: string | undefined };
  /** Whether `key` made the signature; nothing else is checked. */
  isSignedBy(key: KeyObject): boolean;
}

/** Certificates that are remembered: those of CAs and of members come again and again, and are slow to read. */
const REMEMBERED = 256;
/** What was read of late, by its bytes, the oldest first. */
const remembered = new Map<string, Certificate>();

/** Parses one certificate in DER, the whole of `der`; undefined if it is none. */
export function parseCertificate(der: Uint8Array): Certificate | undefined {
  const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('latin1');
  const known = remembered.get(key) ?? freshlyRead(der);
  if (known === undefined) return undefined;
  remembered.delete(key);
  remembered.set(key, known);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return known;
}

function freshlyRead(der: Uint8Array): Certificate | undefined {
  try {
    // Of a copy: nobody else may change what is remembered.
    return readCertificate(der.slice());
  } catch {
    // Both parsers throw for whatever they cannot read.
    return undefined;
  }
}

function readCertificate(der: Uint8Array): Certificate | undefined {
  const raw = rawFields(der);
  if (raw === undefined) return undefined;
  const parsed = new X509Certificate(der);
  const fields = new x509.X509Certificate(der);
  const constraints = fields.getExtension(x509.BasicConstraintsExtension);
  // Not every algorithm has a hash, whatever the library's type says.
  const { name, hash } = fields.signatureAlgorithm as { name: string; hash?: { name: string } };
  return {
    der,
    ...raw,
    publicKey: parsed.publicKey,
    notBeforeMs: fields.notBefore.getTime(),
    notAfterMs: fields.notAfter.getTime(),
    organizationalUnits: fields.subjectName.getField('OU'),
    basicConstraints:
      constraints === null ? undefined : { ca: constraints.ca, pathLength: constraints.pathLength },
    keyUsage: fields.getExtension(x509.KeyUsagesExtension)?.usages,
    extendedKeyUsage: fields.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String) ?? [],
    subjectKeyId: fields.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    criticalExtensions: fields.extensions.filter(({ critical }) => critical).map(({ type }) => type),
    signature: new Uint8Array(fields.signature),
    signatureAlgorithm: { name, hash: hash?.name },
    isSignedBy: (key) => parsed.verify(key),
  };
}

/** What the libraries do not hand out as bytes; undefined for a negative serial number too, as Go refuses it. */
function rawFields(
  der: Uint8Array,
): Pick<Certificate, 'serialNumber' | 'subject' | 'issuer' | 'subjectPublicKeyInfo'> | undefined {
  const fields = toBeSignedOf(der);
  // version (left out for 1), serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, ...
  const [serial, , issuer, , subject, publicKey] =
    (fields?.[0]?.tag === DerTag.VERSION ? fields.slice(1) : fields) ?? [];
  if (serial === undefined || issuer === undefined || subject === undefined || publicKey === undefined) {
    return undefined;
  }
  const serialBytes = Buffer.from(der.subarray(serial.contentStart, serial.end));
  if ((serialBytes[0] ?? 0x80) >= 0x80) return undefined;
  const hexOf = ({ start, end }: DerElement): string => Buffer.from(der.subarray(start, end)).toString('hex');
  return {
    serialNumber: BigInt(`0x${serialBytes.toString('hex')}`),
    issuer: hexOf(issuer),
    subject: hexOf(subject),
    subjectPublicKeyInfo: hexOf(publicKey),
  };
}

/** The fields of the part that is signed; undefined if `der` is not one element, or not one of elements. */
function toBeSignedOf(der: Uint8Array): DerElement[] | undefined {
  const [toBeSigned] = partsOf(der) ?? [];
  return toBeSigned === undefined ? undefined : childrenOf(der, toBeSigned);
}

/** What a signed thing (certificate, revocation list) consists of: what is signed, the algorithm, the signature. */
export function partsOf(der: Uint8Array): DerElement[] | undefined {
  const whole = readElement(der, 0);
  return whole?.end === der.length ? childrenOf(der, whole) : undefined;
}

/**
 * The certificate with the lower of its signature's two values of s; itself if that is so already, or where
 * `issuerKey` is not ECDSA. Fabric rewrites its certificates so before it sends or hashes them, so this decides
 * PKI-IDs. Source: msp/cert.go, `sanitizeECDSASignedCert`.
 */
export function withLowS(certificate: Certificate, issuerKey: KeyObject): Certificate {
  const der = lowSForm(certificate.der, issuerKey);
  return der === certificate.der ? certificate : (parseCertificate(der) ?? certificate);
}

/** {@link withLowS} for the DER of anything signed: the very same bytes, or others with another signature. */
export function lowSForm(der: Uint8Array, issuerKey: KeyObject): Uint8Array {
  const curve = curveOf(issuerKey);
  const [toBeSigned, algorithm, bitString] = partsOf(der) ?? [];
  if (curve === undefined || toBeSigned === undefined || algorithm === undefined || bitString === undefined) {
    return der;
  }
  // The first byte says how many bits of the last are unused: none.
  const signature = der.subarray(bitString.contentStart + 1, bitString.end);
  const low = toLowS(signature, curve);
  if (low === undefined || Buffer.compare(low, signature) === 0) return der;
  return encodeElement(
    DerTag.SEQUENCE,
    der.subarray(toBeSigned.start, algorithm.end),
    encodeElement(DerTag.BIT_STRING, Uint8Array.of(0), low),
  );
}
