/**
 * ECDSA signatures as Fabric has them: ASN.1 DER (r, s) with s at most half the curve's order (SIGN-03).
 * Checks read the DER's bytes; big numbers are made only where s has to change.
 */
import type { KeyObject } from 'node:crypto';
import { DerTag, encodeElement, readElement } from './der';

/** A curve's order n and the largest s allowed, floor(n / 2), big-endian without leading zeros. */
export interface Curve {
  readonly order: bigint;
  readonly halfOrder: Uint8Array;
}

function curve(orderHex: string): Curve {
  const order = BigInt(`0x${orderHex}`);
  return { order, halfOrder: Buffer.from(hexOf(order >> 1n), 'hex') };
}

/** By OpenSSL's names. Source: bccsp/utils/ecdsa.go, `curveHalfOrders`. */
const CURVES: ReadonlyMap<string, Curve> = new Map([
  ['secp224r1', curve('ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d')],
  ['prime256v1', curve('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')],
  [
    'secp384r1',
    curve('ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'),
  ],
  [
    'secp521r1',
    curve(
      '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
    ),
  ],
]);

/** The curve of an ECDSA key; undefined for other keys and for curves that Fabric does not know. */
export const curveOf = (key: KeyObject): Curve | undefined =>
  CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? '');

interface Signature {
  /** The INTEGER elements, tag and length included. */
  readonly r: Uint8Array;
  readonly s: Uint8Array;
  /** The value of s, big-endian without leading zeros. */
  readonly sValue: Uint8Array;
  /** Whether these two, in their sequence, are all there is. */
  readonly canonical: boolean;
}

/** Reads a signature: DER, both numbers above zero. Bytes after s and after the sequence are let pass, as in Go. */
function readSignature(bytes: Uint8Array): Signature | undefined {
  const sequence = readElement(bytes, 0);
  if (sequence?.tag !== DerTag.SEQUENCE) return undefined;
  const r = readElement(bytes, sequence.contentStart, sequence.end);
  if (r === undefined) return undefined;
  const s = readElement(bytes, r.end, sequence.end);
  if (s === undefined) return undefined;
  const rValue = r.tag === DerTag.INTEGER ? positiveInteger(bytes, r.contentStart, r.end) : undefined;
  const sValue = s.tag === DerTag.INTEGER ? positiveInteger(bytes, s.contentStart, s.end) : undefined;
  if (rValue === undefined || sValue === undefined) return undefined;
  return {
    r: bytes.subarray(r.start, r.end),
    s: bytes.subarray(s.start, s.end),
    sValue,
    canonical: s.end === sequence.end && sequence.end === bytes.length,
  };
}

/** The value of an INTEGER without its sign byte; undefined if it is not minimal, negative, or zero. */
function positiveInteger(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const first = bytes[start];
  if (first === undefined || start === end || first >= 0x80) return undefined;
  if (first !== 0) return bytes.subarray(start, end);
  // A leading zero is there to keep a set top bit from being a sign, and for nothing else.
  return start + 1 < end && (bytes[start + 1] ?? 0) >= 0x80 ? bytes.subarray(start + 1, end) : undefined;
}

function isLow(sValue: Uint8Array, { halfOrder }: Curve): boolean {
  if (sValue.length !== halfOrder.length) return sValue.length < halfOrder.length;
  // The first byte tells it nearly always.
  const [first = 0, limit = 0] = [sValue[0], halfOrder[0]];
  return first === limit ? Buffer.compare(sValue, halfOrder) <= 0 : first < limit;
}

/** Whether a signature is exactly the DER of its r and s; a high s passes. Source: `isIdentitySignedInCanonicalForm`. */
export const isCanonical = (signature: Uint8Array): boolean => readSignature(signature)?.canonical === true;

/**
 * What to give to the verifying function: the signature without what Fabric ignores (bytes after s or after the
 * sequence, which OpenSSL refuses); undefined where Fabric refuses, that is for a high s or a malformed encoding.
 * Source: bccsp/sw/ecdsa.go, `verifyECDSA`; bccsp/utils/ecdsa.go, `UnmarshalECDSASignature`.
 */
export function verifiable(signature: Uint8Array, ofCurve: Curve): Uint8Array | undefined {
  const read = readSignature(signature);
  if (read === undefined || !isLow(read.sValue, ofCurve)) return undefined;
  return read.canonical ? signature : encodeElement(DerTag.SEQUENCE, read.r, read.s);
}

/** The signature with s or n - s, whichever is lower; both verify. Undefined for what is no signature. */
export function toLowS(signature: Uint8Array, ofCurve: Curve): Uint8Array | undefined {
  const read = readSignature(signature);
  if (read === undefined) return undefined;
  if (isLow(read.sValue, ofCurve)) {
    return read.canonical ? signature : encodeElement(DerTag.SEQUENCE, read.r, read.s);
  }
  const s = ofCurve.order - BigInt(`0x${Buffer.from(read.sValue).toString('hex')}`);
  return s > 0n ? encodeElement(DerTag.SEQUENCE, read.r, encodeInteger(s)) : undefined;
}

function encodeInteger(value: bigint): Uint8Array {
  const magnitude = Buffer.from(hexOf(value), 'hex');
  const sign = (magnitude[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return encodeElement(DerTag.INTEGER, sign, magnitude);
}

function hexOf(value: bigint): string {
  const hex = value.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}
