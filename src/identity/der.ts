/** The little of DER that no library hands out as bytes: where elements start and end. */

export const DerTag = {
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  SEQUENCE: 0x30,
  VERSION: 0xa0,
} as const;

/** An element within a buffer: its content is `[contentStart, end)`. */
export interface DerElement {
  readonly tag: number;
  readonly start: number;
  readonly contentStart: number;
  readonly end: number;
}

/** The element at `start`; undefined unless it ends by `limit` and has a minimal, definite length. */
export function readElement(
  bytes: Uint8Array,
  start: number,
  limit: number = bytes.length,
): DerElement | undefined {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) return undefined;
  let contentStart = start + 2;
  let length = first;
  if (first >= 0x80) {
    const lengthBytes = first & 0x7f;
    if (lengthBytes === 0 || lengthBytes > 3) return undefined;
    length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 0x100 + (bytes[contentStart + i] ?? 0);
    contentStart += lengthBytes;
    // Minimal: the short form where it fits, and no leading zero.
    if (length < 0x80 || length < 0x100 ** (lengthBytes - 1)) return undefined;
  }
  const end = contentStart + length;
  return end > limit ? undefined : { tag, start, contentStart, end };
}

/** The elements within a constructed one, one after the other; undefined if they do not fill it. */
export function childrenOf(bytes: Uint8Array, parent: DerElement): DerElement[] | undefined {
  const children: DerElement[] = [];
  for (let at = parent.contentStart; at < parent.end;) {
    const child = readElement(bytes, at, parent.end);
    if (child === undefined) return undefined;
    children.push(child);
    at = child.end;
  }
  return children;
}

/** Encodes an element. */
export function encodeElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  const length = [];
  if (content.length < 0x80) {
    length.push(content.length);
  } else {
    for (let rest = content.length; rest > 0; rest >>>= 8) length.unshift(rest & 0xff);
    length.unshift(0x80 | length.length);
  }
  return Buffer.concat([Uint8Array.of(tag, ...length), content]);
}
