/** ECDSA signatures as their two numbers (SIGN-03). */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { deserializeIdentity } from '../../src/identity';

interface Signature {
  readonly r: bigint;
  readonly s: bigint;
}

/** Orders of the curves, by OpenSSL's names (FIPS 186-5). */
const ORDERS: ReadonlyMap<string, bigint> = new Map([
  ['prime256v1', 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n],
  [
    'secp384r1',
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ],
]);

const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** The key of a serialized identity; undefined if it holds no certificate. */
export function publicKeyOf(serialized: Uint8Array): KeyObject | undefined {
  const idBytes = deserializeIdentity(serialized)?.idBytes;
  if (idBytes === undefined) return undefined;
  try {
    return createPublicKey(Buffer.from(idBytes));
  } catch {
    return undefined; // No certificate.
  }
}

/** The order of a key's curve. Throws for a key that is not on one of the two that MSPs are made with. */
function orderOf(key: KeyObject): bigint {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType ?? '';
  const order = ORDERS.get(curve);
  if (order === undefined) throw new Error(`a key that is neither on P-256 nor on P-384: ${curve}`);
  return order;
}

/** Half the order of a key's curve, big-endian; asked for again and again. */
const halves = new WeakMap<KeyObject, Uint8Array>();

function halfOrderOf(key: KeyObject): Uint8Array {
  const half = halves.get(key) ?? Buffer.from((orderOf(key) / 2n).toString(16), 'hex');
  halves.set(key, half);
  return half;
}

/** Whether s is at most half the order; undefined for what is no signature in DER. */
export function hasLowS(signature: Uint8Array, key: KeyObject): boolean | undefined {
  const s = readSignature(signature)?.s;
  if (s === undefined) return undefined;
  const half = halfOrderOf(key);
  if (s.length !== half.length) return s.length < half.length;
  const [first = 0, limit = 0] = [s[0], half[0]];
  return first === limit ? Buffer.compare(s, half) <= 0 : first < limit;
}

/** The same signature with n − s for s, which verifies just as well. */
export function withOtherS(signature: Uint8Array, key: KeyObject): Uint8Array {
  const { r, s } = mustDecode(signature);
  return encodeSignature({ r, s: orderOf(key) - s });
}

/** The same two numbers one behind the other, as other protocols have them (IEEE P1363). */
export function withoutDer(signature: Uint8Array, key: KeyObject): Uint8Array {
  const { r, s } = mustDecode(signature);
  const digits = orderOf(key).toString(16).length;
  return Buffer.from(r.toString(16).padStart(digits, '0') + s.toString(16).padStart(digits, '0'), 'hex');
}

function mustDecode(signature: Uint8Array): Signature {
  const read = readSignature(signature);
  if (read === undefined) throw new Error('a signature of our own that is none');
  const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return { r: numberOf(read.r), s: numberOf(read.s) };
}

/** Reads DER strictly: minimal integers, minimal lengths, nothing behind. The two are big-endian, without a sign. */
function readSignature(bytes: Uint8Array): { readonly r: Uint8Array; readonly s: Uint8Array } | undefined {
  if (bytes[0] !== SEQUENCE || bytes[1] !== bytes.length - 2 || bytes.length > 0x81) return undefined;
  const r = readInteger(bytes, 2);
  const s = r && readInteger(bytes, r.end);
  return r === undefined || s?.end !== bytes.length ? undefined : { r: r.value, s: s.value };
}

function readInteger(
  bytes: Uint8Array,
  at: number,
): { readonly value: Uint8Array; readonly end: number } | undefined {
  const length = bytes[at + 1] ?? 0;
  const first = bytes[at + 2] ?? 0x80;
  const second = bytes[at + 3] ?? 0;
  const [start, end] = [at + 2, at + 2 + length];
  if (bytes[at] !== INTEGER || length === 0 || end > bytes.length || first >= 0x80) return undefined;
  if (first !== 0) return { value: bytes.subarray(start, end), end };
  // A leading zero is there to keep a set top bit from being a sign, and for nothing else.
  return length > 1 && second >= 0x80 ? { value: bytes.subarray(start + 1, end), end } : undefined;
}

const encodeSignature = ({ r, s }: Signature): Uint8Array =>
  element(SEQUENCE, Buffer.concat([encodeInteger(r), encodeInteger(s)]));

function encodeInteger(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return element(INTEGER, (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]));
}

/** Signatures on these curves are never longer than what one byte can tell. */
const element = (tag: number, content: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.of(tag, content.length), content]);
