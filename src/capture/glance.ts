import { decodeEnvelope, decodeMessage, describe, WireError, type GossipMessage } from '../wire';
import type { RecordedKind } from './recording';

/** What an Envelope is, in a word and in a line; `message` is undefined for bytes that are none. */
export interface Glance {
  readonly kind: RecordedKind;
  readonly summary: string;
  readonly message: GossipMessage | undefined;
}

/** Looks at the bytes of an Envelope; those that do not decode are told with the reason. */
export function glanceAt(envelope: Uint8Array): Glance {
  try {
    const message = decodeMessage(decodeEnvelope(envelope).payload);
    return { kind: message.content?.kind ?? 'none', summary: describe(message), message };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind: 'undecodable', summary: error.message, message: undefined };
  }
}
