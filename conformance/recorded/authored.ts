import type { Envelope } from '../../src/wire';
import { hex } from '../steps/bytes';
import { Recent } from './recent';
import type { Scene } from './scene';
import type { SignedItem } from './signed-items';

/** Messages that are remembered at least. */
const REMEMBERED = 10_000;

/**
 * What authors signed under one timestamp, as far as it was seen. An author may sign the same twice: its own copies all
 * count, and so does the first that was met where its own were not seen. Testers speak for one another: what one of them
 * sends counts as its author's.
 */
export class Authored {
  readonly #copies = new Recent<string, Envelope[]>(REMEMBERED);
  readonly #scene: Scene;
  readonly #isSame: (one: Envelope, other: Envelope) => boolean;

  constructor(scene: Scene, isSame: (one: Envelope, other: Envelope) => boolean) {
    this.#scene = scene;
    this.#isSame = isSame;
  }

  /** Whether an item is what its author signed; undefined where there is nothing to compare it with, or it is its own. */
  isTrue(item: SignedItem): boolean | undefined {
    const key = keyOf(item);
    if (key === undefined) return undefined;
    const copies = this.#copies.get(key);
    const { pkiId } = item.seen.recorded.from;
    const { envelope } = item;
    const isOwn = pkiId === item.authorId || this.#scene.isOurs(pkiId);
    if (copies === undefined) {
      this.#copies.set(key, [envelope]);
      return undefined;
    }
    const isKnown = copies.some((copy) => this.#isSame(copy, envelope));
    if (!isOwn) return isKnown;
    if (!isKnown) copies.push(envelope);
    return undefined;
  }
}

function keyOf({ content, authorId }: SignedItem): string | undefined {
  if (!('timestamp' in content.value) || content.value.timestamp === undefined) return undefined;
  const { incNum, seqNum } = content.value.timestamp;
  const mac = content.kind === 'stateInfo' ? hex(content.value.channelMac) : '';
  return `${content.kind} ${authorId} ${mac} ${incNum} ${seqNum}`;
}
