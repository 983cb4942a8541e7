import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

/** The recordings of real peers in fixtures/. */
export const recordings = [
  'v2.5.16-peer-to-peer',
  'v2.5.16-tls',
  'v3.1.5-peer-to-peer',
  'v3.1.5-tls',
] as const;
export type Recording = (typeof recordings)[number];

/** One recorded message (fixtures/README.md). */
export interface Recorded {
  /** The content's name. */
  readonly kind: string;
  /** The Envelope's bytes as on the wire. */
  readonly envelope: Uint8Array;
  /** What the recorder's own decoder, which shares no code with ours, made of it. */
  readonly decoded: unknown;
}

type Line =
  | { readonly event: string }
  | {
      readonly event?: undefined;
      readonly kind: string;
      readonly envelope: string;
      readonly decoded: unknown;
    };

/** Streams a recording's messages in order; lines that mark events are left out. */
export async function* recorded(name: Recording): AsyncGenerator<Recorded> {
  const file = createReadStream(join(__dirname, '../../fixtures', `${name}.jsonl.gz`));
  for await (const text of createInterface({ input: file.pipe(createGunzip()) })) {
    const line = JSON.parse(text) as Line;
    if (line.event !== undefined) continue;
    const { kind, envelope, decoded } = line;
    yield { kind, envelope: new Uint8Array(Buffer.from(envelope, 'base64')), decoded };
  }
}

const bare = new Map<Recording, Promise<readonly Omit<Recorded, 'decoded'>[]>>();

/** A recording's envelopes, read once for all tests. */
export function recordedEnvelopes(name: Recording): Promise<readonly Omit<Recorded, 'decoded'>[]> {
  const reading = bare.get(name) ?? withoutDecoded(name);
  bare.set(name, reading);
  return reading;
}

async function withoutDecoded(name: Recording): Promise<Omit<Recorded, 'decoded'>[]> {
  const all: Omit<Recorded, 'decoded'>[] = [];
  for await (const { kind, envelope } of recorded(name)) all.push({ kind, envelope });
  return all;
}
