/** Certificates, signatures and PEM texts that are wrong in one thing, made from sound ones. */
import { createPrivateKey, generateKeyPairSync, webcrypto, type KeyObject } from 'node:crypto';
import * as x509 from '../../src/identity/x509-library';
import { encodePem, serializeIdentity } from '../../src/identity';
import { childrenOf, DerTag, encodeElement, readElement, type DerElement } from '../../src/identity/der';
import type { CertificateAuthority } from '../../src/identity/issue-authority';

const MINUTE_MS = 60_000;

/** A fixed present: 15 March 2030. Certificates are issued relative to it. */
export const NOW_MS = Date.UTC(2030, 2, 15, 12);

export interface Craft {
  readonly commonName?: string;
  readonly organizationalUnits?: readonly string[];
  /** SPKI; of a new P-256 key by default. */
  readonly publicKey?: KeyObject;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly serialNumber?: string;
  readonly extensions?: readonly x509.Extension[];
  readonly hash?: string;
  /** Makes it self-signed. */
  readonly selfSigned?: boolean;
}

/** A certificate by `ca`, sound unless told otherwise; DER. */
export async function craft(ca: CertificateAuthority, how: Craft = {}): Promise<Uint8Array> {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = new x509.Name([
    ...(how.organizationalUnits ?? ['peer']).map((unit) => ({ OU: [unit] })),
    { CN: [how.commonName ?? 'crafted'] },
  ]);
  return signed({
    serialNumber: how.serialNumber ?? '4d41',
    subject,
    issuer: how.selfSigned === true ? subject : subjectOf(ca),
    notBefore: new Date(how.notBeforeMs ?? NOW_MS - MINUTE_MS),
    notAfter: new Date(how.notAfterMs ?? NOW_MS + MINUTE_MS),
    publicKey: spkiOf(how.publicKey ?? own.publicKey),
    signingKey: await signingKeyOf(
      how.selfSigned === true ? own.privateKey : createPrivateKey(ca.privateKeyPem),
    ),
    signingAlgorithm: { name: 'ECDSA', hash: how.hash ?? 'SHA-256' },
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...(how.extensions ?? []),
    ],
  });
}

export interface CraftCa {
  readonly pathLength?: number;
  readonly signsCertificates?: boolean;
  readonly subjectKeyId?: boolean;
}

/** Another certificate for the CA `of`, by `issuer`; DER. */
export async function craftCa(
  of: CertificateAuthority,
  issuer: CertificateAuthority,
  { pathLength, signsCertificates = true, subjectKeyId = true }: CraftCa = {},
): Promise<Uint8Array> {
  const usage = signsCertificates ? x509.KeyUsageFlags.keyCertSign : x509.KeyUsageFlags.digitalSignature;
  return signed({
    serialNumber: '4d42',
    subject: subjectOf(of),
    issuer: subjectOf(issuer),
    notBefore: new Date(of.certificate.notBeforeMs),
    notAfter: new Date(of.certificate.notAfterMs),
    publicKey: spkiOf(of.certificate.publicKey),
    signingKey: await signingKeyOf(createPrivateKey(issuer.privateKeyPem)),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(true, pathLength, true),
      new x509.KeyUsagesExtension(usage, true),
      ...(subjectKeyId ? [new x509.SubjectKeyIdentifierExtension(of.certificate.subjectKeyId ?? '')] : []),
    ],
  });
}

async function signed(parts: x509.X509CertificateCreateParams): Promise<Uint8Array> {
  return new Uint8Array((await x509.X509CertificateGenerator.create(parts)).rawData);
}

const subjectOf = (ca: CertificateAuthority): x509.Name =>
  new x509.Name(Buffer.from(ca.certificate.subject, 'hex'));

const spkiOf = (key: KeyObject): Uint8Array => key.export({ type: 'spki', format: 'der' });

function signingKeyOf(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const namedCurve = key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'P-384' : 'P-256';
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve }, false, ['sign']);
}

/** The same certificate with another signature in it. */
export function withSignature(
  certificate: Uint8Array,
  change: (signature: Uint8Array) => Uint8Array,
): Uint8Array {
  const [toBeSigned, algorithm, bitString] = parts(certificate, element(certificate));
  if (toBeSigned === undefined || algorithm === undefined || bitString === undefined)
    throw new Error('no certificate');
  const signature = certificate.subarray(bitString.contentStart + 1, bitString.end);
  return encodeElement(
    DerTag.SEQUENCE,
    certificate.subarray(toBeSigned.start, algorithm.end),
    encodeElement(DerTag.BIT_STRING, Uint8Array.of(0), change(signature)),
  );
}

export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** r and s of a signature in DER. */
export function numbersOf(signature: Uint8Array): [bigint, bigint] {
  const [r = 0n, s = 0n] = parts(signature, element(signature)).map(({ contentStart, end }) =>
    BigInt(`0x${Buffer.from(signature.subarray(contentStart, end)).toString('hex')}`),
  );
  return [r, s];
}

/** The DER of r and s, without any code of the project's own. */
export function signatureOf(r: bigint, s: bigint): Uint8Array {
  const integer = (value: bigint): number[] => {
    const hex = value.toString(16);
    const bytes = [...Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')];
    const content = (bytes[0] ?? 0) >= 0x80 ? [0, ...bytes] : bytes;
    return [0x02, content.length, ...content];
  };
  const content = [...integer(r), ...integer(s)];
  return Uint8Array.from([0x30, content.length, ...content]);
}

/** The same signature with the higher of the two values of s. P-256. */
export function highS(signature: Uint8Array): Uint8Array {
  const [r, s] = numbersOf(signature);
  return signatureOf(r, s > P256_ORDER / 2n ? s : P256_ORDER - s);
}

/** The same numbers, with a zero before r that DER does not allow. */
export function paddedR(signature: Uint8Array): Uint8Array {
  const [r, s] = parts(signature, element(signature));
  if (r === undefined || s === undefined) throw new Error('no signature');
  return encodeElement(
    DerTag.SEQUENCE,
    encodeElement(DerTag.INTEGER, Uint8Array.of(0), signature.subarray(r.contentStart, r.end)),
    signature.subarray(s.start, s.end),
  );
}

/** A serialized identity around a certificate in DER. */
export const identityOf = (mspId: string, certificate: Uint8Array): Uint8Array =>
  serializedOf(mspId, encodePem('CERTIFICATE', certificate));

/** A serialized identity around any text. */
export const serializedOf = (mspId: string, idBytes: string): Uint8Array =>
  serializeIdentity({ mspId, idBytes: Buffer.from(idBytes, 'latin1') });

function element(bytes: Uint8Array): DerElement {
  const read = readElement(bytes, 0);
  if (read === undefined) throw new Error('no DER');
  return read;
}

const parts = (bytes: Uint8Array, parent: DerElement): DerElement[] => childrenOf(bytes, parent) ?? [];
