import { Recent } from '../harness/recent';
import { hex, sameBytes } from '../steps/bytes';
import type { Scene } from './scene';
import type { Signature } from './signature';
import type { SignedItem } from './signed-items';

/** Messages that are remembered at least. */
const REMEMBERED = 5_000;

/** One signed message, however often it is met, and what its signatures turn out to be. */
export interface Copy {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  outer: Signature | undefined;
  secret: Secret | undefined;
}

/** The secret that came with it. */
interface Secret {
  readonly payload: Uint8Array;
  readonly bytes: Uint8Array;
  readonly signature: Signature;
}

/** A signed message that was met, held against what its author signed under the same timestamp. */
export interface Met {
  readonly item: SignedItem;
  readonly copy: Copy;
  /** What of it is as its author sent it; undefined where there is nothing to compare it with, or it is the author’s own. */
  readonly isTrue: { readonly payload: boolean; readonly signature: boolean } | undefined;
}

const WHOLE = { payload: true, signature: true };

/**
 * What authors signed, as far as it was seen. An author may sign the same twice: its own copies all count, and so does the
 * first that was met where its own were not seen. Testers speak for one another: what one of them sends counts as its
 * author's.
 */
export class Copies {
  readonly #known = new Recent<string, Copy[]>(REMEMBERED);
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  meet(item: SignedItem): Met {
    const { payload, signature } = item.envelope;
    const key = keyOf(item);
    const copies = this.#known.get(key);
    if (copies === undefined) {
      const copy = newCopy(payload, signature);
      this.#known.set(key, [copy]);
      return { item, copy, isTrue: undefined };
    }
    const same = copies.find(
      (copy) => sameBytes(copy.payload, payload) && sameBytes(copy.signature, signature),
    );
    const copy = same ?? newCopy(payload, signature);
    const { pkiId } = item.seen.recorded.from;
    if (pkiId === item.authorId || this.#scene.isOurs(pkiId) || timestampOf(item) === undefined) {
      if (same === undefined) copies.push(copy);
      return { item, copy, isTrue: undefined };
    }
    if (same !== undefined) return { item, copy, isTrue: WHOLE };
    const hasPayload = copies.some((known) => sameBytes(known.payload, payload));
    return { item, copy, isTrue: { payload: hasPayload, signature: false } };
  }
}

const newCopy = (payload: Uint8Array, signature: Uint8Array): Copy => ({
  payload,
  signature,
  outer: undefined,
  secret: undefined,
});

const timestampOf = ({ content: { value } }: SignedItem): { incNum: bigint; seqNum: bigint } | undefined =>
  'timestamp' in value ? value.timestamp : undefined;

/** What an author uses for one message only; where there is no timestamp, the signature. */
function keyOf(item: SignedItem): string {
  const { content, authorId, envelope } = item;
  const timestamp = timestampOf(item);
  if (timestamp === undefined) return `${content.kind} ${authorId} ${latin1(envelope.signature)}`;
  const mac = content.kind === 'stateInfo' ? hex(content.value.channelMac) : '';
  return `${content.kind} ${authorId} ${mac} ${timestamp.incNum} ${timestamp.seqNum}`;
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
