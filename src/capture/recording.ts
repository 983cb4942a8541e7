import type { ContentKind } from '../wire';

/** The manifest's `format`: tells our recordings from the files of others. */
export const RECORDING_FORMAT = 'gossipspec-recording';
/** Goes up when an older reader would misread a recording. */
export const FORMAT_VERSION = 1;

export const MANIFEST_FILE = 'manifest.json';
export const ENVELOPES_FILE = 'envelopes.jsonl';
export const IDENTITIES_FOLDER = 'identities';

/** Who opened the stream, or who accepted it. */
export type Side = 'initiator' | 'responder';

export const otherSide = (side: Side): Side => (side === 'initiator' ? 'responder' : 'initiator');

/** One end of a recorded stream. */
export interface Party {
  /** As reports call it: `org1.peer0`, or the address while nobody knows better. */
  readonly name: string;
  /** Hex; undefined until it is known, by its certificate or by its ConnEstablish. */
  readonly pkiId: string | undefined;
}

/** The leaf certificates that the two ends showed on the connection, by their SHA-256 in hex (TLS-08). */
export interface RecordedBinding {
  /** Undefined where none was shown, or nobody saw it. */
  readonly initiator: string | undefined;
  readonly responder: string | undefined;
}

/** One GossipStream of a recording. */
export interface RecordedStream {
  /** Unique within the recording. */
  readonly number: number;
  /** Who took it down: one of the two parties, or `proxy`. */
  readonly tap: string;
  readonly initiator: Party;
  readonly responder: Party;
  /** Undefined: TLS is off. */
  readonly tls: RecordedBinding | undefined;
}

interface At {
  /** Line in the file of envelopes, counted from 1. */
  readonly line: number;
  /** Microseconds since the recording began; monotonic. */
  readonly us: number;
  /** Microseconds since the Unix epoch. */
  readonly wallUs: number;
}

/** One Envelope as it passed the tap. */
export interface RecordedEnvelope extends At {
  readonly type: 'envelope';
  readonly stream: RecordedStream;
  /** Which side sent it. */
  readonly by: Side;
  readonly from: Party;
  readonly to: Party;
  /** The content's name; `none` for a message without content, `undecodable` for bytes that are no message. */
  readonly kind: RecordedKind;
  /** The Envelope's bytes as on the wire. */
  readonly bytes: Uint8Array;
  /** What was done to it on its way, by a proxy that plays tricks: `dropped`, `altered`, …; undefined: nothing. */
  readonly fault: string | undefined;
  /** What the recorder's decoder made of it, where it is not ours. */
  readonly decoded: unknown;
}

export type RecordedKind = ContentKind | 'none' | 'undecodable';

/** A stream opened. */
export interface StreamOpened extends At {
  readonly type: 'opened';
  readonly stream: RecordedStream;
}

/** A stream ended. */
export interface StreamEnded extends At {
  readonly type: 'ended';
  readonly stream: RecordedStream;
  /** A gRPC status code; undefined where nobody saw one. */
  readonly code: number | undefined;
  readonly details: string;
}

/** Something else that happened: a block was added, a peer was suspended. */
export interface Mark extends At {
  readonly type: 'mark';
  readonly event: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** One line of a recording. */
export type Recorded = RecordedEnvelope | StreamOpened | StreamEnded | Mark;

/** A point in time as recordings have it; see {@link Recorded}. */
export type Instant = Pick<At, 'us' | 'wallUs'>;
