/** Bytes and strings of remotes as text: safe to print, without line breaks and terminal controls. */

/** Space to tilde. */
const PRINTABLE = /^[\x20-\x7e]*$/;
/** In descriptions. Longer text is cut. */
const MAX_TEXT_LENGTH = 64;
/** In descriptions: enough to tell peers apart. */
const SHORT_HEX_DIGITS = 8;

/** Lower-case hexadecimal. */
export const hex = (bytes: Uint8Array): string => view(bytes).toString('hex');

/** The first four bytes in hex. */
export const shortHex = (bytes: Uint8Array): string => hex(bytes.subarray(0, SHORT_HEX_DIGITS / 2));

/** The text of bytes that are printable ASCII throughout, else undefined. */
export function printable(bytes: Uint8Array): string | undefined {
  const text = view(bytes).toString('latin1');
  return PRINTABLE.test(text) ? text : undefined;
}

/**
 * A string as one word: cut at 64 characters, everything but printable ASCII escaped, quoted where it has spaces, so
 * that no remote can forge the words after it.
 */
export function safe(text: string): string {
  const cut = text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}...` : text;
  const escaped = cut.replace(
    /[^\x20-\x7e]|["\\]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return escaped.includes(' ') ? `"${escaped}"` : escaped;
}

export const base64 = (bytes: Uint8Array): string => view(bytes).toString('base64');

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
