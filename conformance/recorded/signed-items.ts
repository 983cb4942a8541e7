import { decodeMessage, WireError, type Content, type Envelope } from '../../src/wire';
import { authorOf, nestedIn } from '../harness/signed-content';
import { hex } from '../steps/bytes';
import type { Seen } from './seen';

/** A message that somebody signs, be it sent by itself or within another. */
export interface SignedItem {
  readonly seen: Seen;
  readonly envelope: Envelope;
  readonly content: Content;
  /** What it is in `seen`: `the message itself`, `an entry of alive`, … */
  readonly where: string;
  readonly author: Uint8Array;
  /** The same in hex. */
  readonly authorId: string;
}

/** What an envelope holds; undefined where it does not decode. */
export function contentOf({ payload }: Envelope): Content | undefined {
  try {
    return decodeMessage(payload).content;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}

/** What was found last: all checks look at one message after the other. */
let last: { readonly seen: Seen; readonly items: readonly SignedItem[] } | undefined;

/** Every signed message in a message, itself included. */
export function signedItemsIn(seen: Seen): readonly SignedItem[] {
  if (last?.seen !== seen) last = { seen, items: findSignedItems(seen) };
  return last.items;
}

function findSignedItems(seen: Seen): readonly SignedItem[] {
  const items: SignedItem[] = [];
  const own = authorOf(seen);
  if (own !== undefined) {
    items.push(itemOf(seen, seen.envelope, seen, 'the message itself', own));
  }
  for (const [where, envelope] of nestedIn(seen)) {
    const content = contentOf(envelope);
    const author = content && authorOf(content);
    if (content !== undefined && author !== undefined) {
      items.push(itemOf(seen, envelope, content, where, author));
    }
  }
  return items;
}

const itemOf = (
  seen: Seen,
  envelope: Envelope,
  content: Content,
  where: string,
  author: Uint8Array,
): SignedItem => ({ seen, envelope, content, where, author, authorId: hex(author) });
