/**
 * PEM as Go's `encoding/pem` reads it, since it decides which identities a Fabric peer takes: text before the block,
 * headers, and blanks at line ends are all fine, and what follows the END line counts.
 */

export interface PemBlock {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The text after the END line and its newline. */
  readonly rest: string;
}

const BEGIN = '-----BEGIN ';
const END = '\n-----END ';
const DASHES = '-----';
const CHARACTERS_PER_LINE = 64;

/**
 * The first well-formed block of a text; undefined if there is none. Malformed ones before it are skipped.
 * `text`: one character a byte (latin1). Source: Go's encoding/pem, `Decode`.
 */
export function decodePem(text: string): PemBlock | undefined {
  for (let from = 0; ;) {
    const end = text.indexOf(END, from);
    if (end < 0) return undefined;
    const block = blockEndingAt(text, from, end);
    if (block !== undefined) return block;
    from = end + END.length;
  }
}

/** Every well-formed block of a text. */
export function decodeAllPem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let block = decodePem(text); block !== undefined; block = decodePem(block.rest)) blocks.push(block);
  return blocks;
}

/** Encodes one block: lines of 64 characters, LF, a newline at the end. */
export function encodePem(type: string, bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes).toString('base64');
  const lines = [];
  for (let at = 0; at < base64.length; at += CHARACTERS_PER_LINE) {
    lines.push(`${base64.slice(at, at + CHARACTERS_PER_LINE)}\n`);
  }
  return `${BEGIN}${type}${DASHES}\n${lines.join('')}-----END ${type}${DASHES}\n`;
}

/** The block whose END line starts after the newline at `end`; it belongs to the last BEGIN before it. */
function blockEndingAt(text: string, from: number, end: number): PemBlock | undefined {
  const offset = text.slice(from, end).lastIndexOf(BEGIN);
  const begin = from + offset;
  if (offset < 0 || (offset > 0 && text[begin - 1] !== '\n')) return undefined;
  const typeLine = lineAt(text, begin + BEGIN.length);
  if (!typeLine.text.endsWith(DASHES)) return undefined;
  const type = typeLine.text.slice(0, -DASHES.length);

  let bodyStart = typeLine.next;
  while (bodyStart <= end) {
    const line = lineAt(text, bodyStart);
    if (!line.text.includes(':')) break;
    bodyStart = line.next;
  }
  // Without a body the newline before END is that of the BEGIN line; after headers there must be another.
  if (bodyStart > end + (bodyStart === typeLine.next ? 1 : 0)) return undefined;

  const endLine = lineAt(text, end + END.length);
  if (endLine.text !== `${type}${DASHES}`) return undefined;
  const bytes = decodeBase64(text.slice(bodyStart, Math.max(bodyStart, end)));
  return bytes === undefined ? undefined : { type, bytes, rest: text.slice(endLine.next) };
}

/** The line at `start` without its line end and trailing blanks, and where the next one starts. */
function lineAt(text: string, start: number): { text: string; next: number } {
  const newline = text.indexOf('\n', start);
  if (newline < 0) return { text: withoutTrailingBlanks(text.slice(start)), next: text.length };
  const stop = newline > start && text[newline - 1] === '\r' ? newline - 1 : newline;
  return { text: withoutTrailingBlanks(text.slice(start, stop)), next: newline + 1 };
}

function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (line[end - 1] === ' ' || line[end - 1] === '\t') end--;
  return line.slice(0, end);
}

/** Padded base64, blanks and line ends ignored; undefined for anything else. Node's own decoder is more lenient. */
function decodeBase64(text: string): Uint8Array | undefined {
  const packed = text.replace(/[ \t\r\n]+/g, '');
  const digits = packed.replace(/={1,2}$/, '');
  if (packed.length % 4 !== 0 || /[^A-Za-z0-9+/]/.test(digits)) return undefined;
  return Buffer.from(packed, 'base64');
}
