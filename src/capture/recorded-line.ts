import { GossipMessage } from '../wire';
import {
  otherSide,
  type Instant,
  type Party,
  type Recorded,
  type RecordedKind,
  type RecordedStream,
  type Side,
} from './recording';

/** A stream while it is read: an end is named when its identity becomes known. */
interface OpenStream extends RecordedStream {
  initiator: Party;
  responder: Party;
}

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a line, in a sentence. */
export class LineFault extends Error {
  override readonly name = 'LineFault';
}

const kinds: ReadonlySet<string> = new Set([
  ...Object.keys(GossipMessage.fields.content.alternatives),
  'none',
  'undecodable',
]);
const isKind = (text: string): text is RecordedKind => kinds.has(text);

/** Reads the lines of one file of envelopes, in order; keeps the streams that are open. */
export class LineReader {
  readonly #streams = new Map<number, OpenStream>();

  /** Undefined for a line that is kept in mind and tells nothing by itself. @throws LineFault */
  read(json: string, line: number): Recorded | undefined {
    const fields = objectOf(json);
    const at = { line, us: number(fields, 'us'), wallUs: number(fields, 'wallUs') };
    const event = fields['event'];
    if (event === undefined) return this.#envelope(fields, at);
    if (typeof event !== 'string') throw new LineFault('"event" is no text');
    switch (event) {
      case 'stream':
        return { type: 'opened', ...at, stream: this.#open(fields) };
      case 'stream-end': {
        const stream = this.#stream(fields);
        this.#streams.delete(stream.number);
        const code = fields['code'];
        return {
          type: 'ended',
          ...at,
          stream,
          code: typeof code === 'number' ? code : undefined,
          details: text(fields, 'details'),
        };
      }
      case 'identified':
        this.#identify(fields);
        return undefined;
      default:
        return { type: 'mark', ...at, event, details: details(fields) };
    }
  }

  #open(fields: Fields): OpenStream {
    const tls = fields['tls'];
    if (tls !== null && !isObject(tls)) throw new LineFault('"tls" is neither null nor an object');
    const stream: OpenStream = {
      number: number(fields, 'stream'),
      tap: text(fields, 'tap'),
      initiator: { name: text(fields, 'initiator'), pkiId: optional(fields, 'initiatorPkiId') },
      responder: { name: text(fields, 'responder'), pkiId: optional(fields, 'responderPkiId') },
      tls:
        tls === null
          ? undefined
          : { initiator: optional(tls, 'initiator'), responder: optional(tls, 'responder') },
    };
    this.#streams.set(stream.number, stream);
    return stream;
  }

  #identify(fields: Fields): void {
    const stream = this.#stream(fields);
    stream[side(fields, 'side')] = { name: text(fields, 'name'), pkiId: text(fields, 'pkiId') };
  }

  #envelope(fields: Fields, at: Instant & { readonly line: number }): Recorded {
    const stream = this.#stream(fields);
    const by = side(fields, 'by');
    const kind = text(fields, 'kind');
    if (!isKind(kind)) throw new LineFault(`"kind" is ${JSON.stringify(kind)}, which is no content`);
    const bytes = Buffer.from(text(fields, 'envelope'), 'base64');
    if (bytes.length !== number(fields, 'len')) {
      throw new LineFault(`"envelope" has ${bytes.length} bytes, "len" says otherwise`);
    }
    const fault = fields['fault'];
    return {
      type: 'envelope',
      ...at,
      stream,
      by,
      from: stream[by],
      to: stream[otherSide(by)],
      kind,
      bytes,
      fault: typeof fault === 'string' ? fault : undefined,
      decoded: fields['decoded'],
    };
  }

  #stream(fields: Fields): OpenStream {
    const wanted = number(fields, 'stream');
    const stream = this.#streams.get(wanted);
    if (stream === undefined) throw new LineFault(`stream ${wanted} is not open`);
    return stream;
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectOf(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new LineFault('the line is no JSON');
  }
  if (!isObject(value)) throw new LineFault('the line is no JSON object');
  return value;
}

function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number') throw new LineFault(`"${name}" is missing or no number`);
  return value;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new LineFault(`"${name}" is missing or no text`);
  return value;
}

function optional(fields: Fields, name: string): string | undefined {
  return fields[name] === null ? undefined : text(fields, name);
}

function side(fields: Fields, name: string): Side {
  const value = fields[name];
  if (value === 'initiator' || value === 'responder') return value;
  throw new LineFault(`"${name}" is neither initiator nor responder`);
}

function details(fields: Fields): Fields {
  const value = fields['details'];
  return isObject(value) ? value : {};
}
