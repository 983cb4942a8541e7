import type { GossipStream } from '../../src/ports/transport';
import {
  decodeEnvelope,
  decodeMessage,
  describe,
  WireError,
  type Envelope,
  type GossipMessage,
} from '../../src/wire';
import type { During, Etiquette } from './etiquette';
import { OtherSide } from './other-side';
import type { PeerUnderTest } from './peer-under-test';
import { oddityOf } from './well-formed';

/** Keeps account of how testers and peers speak with each other. */
export interface Journal {
  opened(stream: GossipStream): StreamJournal;
}

/** The part of it that is about one stream. */
export interface StreamJournal {
  /** The peer sent a message. */
  heard(envelope: Envelope, message: GossipMessage): void;
  /** The peer sent bytes that are no message. */
  garbled(why: string): void;
  /** The tester sends what peers of Fabric would send. */
  says(envelope: Envelope): void;
  /** The tester sends what they would not, on purpose. */
  saysWrong(bytes: Uint8Array): void;
}

const nothing = (): void => undefined;

/** Keeps no account: for a survey, which judges nothing. */
export const noJournal: Journal = {
  opened: () => ({ heard: nothing, garbled: nothing, says: nothing, saysWrong: nothing }),
};

export interface CheckJournalOptions {
  readonly put: Pick<PeerUnderTest, 'name' | 'pkiId'>;
  readonly etiquette: Etiquette;
  readonly during: During;
  /** Told that a tester sends what no peer of Fabric would, though it is not meant to. */
  readonly onFault: (message: string) => void;
}

/** The journal of one check. */
export const checkJournal = ({ put, etiquette, during, onFault }: CheckJournalOptions): Journal => ({
  opened: (stream) => {
    const other = new OtherSide(stream, put);
    let isFirst = true;
    return {
      heard: (envelope, message) => {
        other.says(message);
        etiquette.heard(other.name, { envelope, message, isFirst }, during);
        isFirst = false;
      },
      garbled: (why) => {
        etiquette.garbled(other.name, why, during);
        isFirst = false;
      },
      says: (envelope) => {
        const message = decodeMessage(envelope.payload);
        etiquette.said(message);
        const oddity = oddityOf(envelope, message);
        if (oddity !== undefined) onFault(`a tester sends ${oddity}: ${describe(message)}`);
      },
      saysWrong: (bytes) => {
        const read = readAs(bytes);
        if (read === undefined) return;
        etiquette.said(read.message);
        etiquette.saidWrong(read.envelope);
      },
    };
  },
});

/** What a peer can read in bytes. */
function readAs(bytes: Uint8Array): { envelope: Envelope; message: GossipMessage } | undefined {
  try {
    const envelope = decodeEnvelope(bytes);
    return { envelope, message: decodeMessage(envelope.payload) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}
