import type { RecordedEnvelope } from '../../src/capture';
import {
  decodeEnvelope,
  decodeMessage,
  WireError,
  type ContentKind,
  type ContentOf,
  type Envelope,
  type GossipMessage,
} from '../../src/wire';
import { hex } from '../steps/bytes';
import type { Scene } from './scene';

interface Opened {
  readonly recorded: RecordedEnvelope;
  /** Milliseconds since the recording began. */
  readonly atMs: number;
  readonly envelope: Envelope;
  readonly message: GossipMessage;
  /** MSP-IDs; undefined where nobody knows. */
  readonly fromOrg: string | undefined;
  readonly toOrg: string | undefined;
  /** Whether both are known and the same; undefined where one is not known. */
  readonly isOwnOrg: boolean | undefined;
}

type SeenByKind = { [K in ContentKind]: Opened & { readonly kind: K; readonly value: ContentOf<K> } };

/** A recorded envelope with a message of this kind. */
export type Seen<K extends ContentKind = ContentKind> = SeenByKind[K];

/** One without content, or with bytes that are no message: why. */
export interface Unread {
  readonly kind: 'unread';
  readonly recorded: RecordedEnvelope;
  readonly why: string;
}

/** Opens a recorded envelope. */
export function open(recorded: RecordedEnvelope, scene: Scene): Seen | Unread {
  try {
    const envelope = decodeEnvelope(recorded.bytes);
    const message = decodeMessage(envelope.payload);
    const { content } = message;
    if (content === undefined) return { kind: 'unread', recorded, why: 'a message without content' };
    const [fromOrg, toOrg] = [scene.orgOf(recorded.from.pkiId), scene.orgOf(recorded.to.pkiId)];
    const isOwnOrg = fromOrg === undefined || toOrg === undefined ? undefined : fromOrg === toOrg;
    const { kind, value } = content;
    const seen = {
      kind,
      value,
      recorded,
      atMs: recorded.us / 1000,
      envelope,
      message,
      fromOrg,
      toOrg,
      isOwnOrg,
    };
    return seen as Seen; // Kind and value belong together, as they did in the content.
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind: 'unread', recorded, why: `bytes that are no message: ${error.message}` };
  }
}

/** Whether the sender of a message is this author: the PKI-ID, in hex or not. */
export const isOwn = ({ recorded }: Seen, author: Uint8Array | string | undefined): boolean =>
  author !== undefined && recorded.from.pkiId === (typeof author === 'string' ? author : hex(author));
