import { join } from 'node:path';
import { RecordingReader } from '../../src/capture';

/**
 * The recordings of real peers in fixtures/ that another recorder made: each message is there as its decoder read it,
 * too.
 */
export const recordings = [
  'v2.5.16-peer-to-peer',
  'v2.5.16-tls',
  'v3.1.5-peer-to-peer',
  'v3.1.5-tls',
] as const;
export type Recording = (typeof recordings)[number];
/** Those that were made by `npm run capture`. */
export const captured = [
  'v2.5.16-between-peers',
  'v3.1.5-between-peers',
  'v2.5.16-seat',
  'v3.1.5-seat',
  'v2.5.16-member',
  'v3.1.5-member',
] as const;

/** One recorded message (src/capture/README.md). */
export interface Recorded {
  /** The content's name. */
  readonly kind: string;
  /** The Envelope's bytes as on the wire. */
  readonly envelope: Uint8Array;
  /** What the recorder's own decoder, which shares no code with ours, made of it. */
  readonly decoded: unknown;
}

/** The folder of a recording. */
export const recordingFolder = (name: Recording | (typeof captured)[number]): string =>
  join(__dirname, '../../fixtures', name);

/** Streams a recording's messages in order; lines that mark events are left out. */
export async function* recorded(name: Recording): AsyncGenerator<Recorded> {
  for await (const one of new RecordingReader(recordingFolder(name))) {
    if (one.type === 'envelope') yield { kind: one.kind, envelope: one.bytes, decoded: one.decoded };
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
