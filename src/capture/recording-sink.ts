import type { Ending } from '../ports/transport';
import type { Instant, Side } from './recording';

/** One end of a stream, as whoever records knows it. */
export interface PartyInfo {
  readonly name: string;
  readonly pkiId?: Uint8Array | undefined;
  /** The leaf certificate that it showed, in DER. */
  readonly certificate?: Uint8Array | undefined;
}

export interface StreamInfo {
  /** Who takes it down: the name of one of the two, or `proxy`. */
  readonly tap: string;
  readonly initiator: PartyInfo;
  readonly responder: PartyInfo;
  readonly tls: boolean;
}

export interface EnvelopeExtras {
  /** What a proxy did to it; see RecordedEnvelope. */
  readonly fault?: string | undefined;
  /** What another decoder made of it. */
  readonly decoded?: unknown;
}

/** Where taps and proxies put what they see. Times are the present unless an instant is given. */
export interface RecordingSink {
  /** A stream opened; returns its number. */
  open(stream: StreamInfo, at?: Instant): number;
  /** An Envelope passed, sent by that side; `bytes` is not kept. */
  envelope(stream: number, by: Side, bytes: Uint8Array, extras?: EnvelopeExtras, at?: Instant): void;
  end(stream: number, ending?: Ending, at?: Instant): void;
  /** Something else happened. */
  mark(event: string, details?: Readonly<Record<string, unknown>>, at?: Instant): void;
}
