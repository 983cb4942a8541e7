/** Byte strings as map keys, and compared. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes in lower-case hex, for people. */
export function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) {
    hex += HEX[byte] ?? '';
  }
  return hex;
}

/** Keys made before: the PKI-ID of a member is looked up many times a second. */
const keys = new WeakMap<Uint8Array, string>();

/** What fits on the stack as arguments of one call. */
const CHUNK = 1024;

/** Bytes as the key of a map: a character each. Remembered by the array, whose bytes must not change. */
export function keyOf(bytes: Uint8Array): string {
  let key = keys.get(bytes);
  if (key === undefined) {
    key = '';
    for (let start = 0; start < bytes.length; start += CHUNK) {
      key += String(Reflect.apply(String.fromCharCode, undefined, bytes.subarray(start, start + CHUNK)));
    }
    keys.set(bytes, key);
  }
  return key;
}

/** Whether two byte strings are equal. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) {
    return false;
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return true;
}

/** Lexical order of byte strings: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}
