import { hex, sameBytes } from '../steps/bytes';
import type { Scene } from './scene';
import type { SignedItem } from './signature-judge';

/** Messages that are remembered. */
const MAX_REMEMBERED = 20_000;

/**
 * What authors signed under one timestamp, as far as it was seen. An author may sign the same twice: its own copies all
 * count, and so does the first that was met where its own were not seen. Testers speak for one another: what one of them
 * sends counts as its author's.
 */
export class Authored {
  readonly #copies = new Map<string, Uint8Array[]>();
  readonly #scene: Scene;
  readonly #bytesOf: (item: SignedItem) => Uint8Array;

  constructor(scene: Scene, bytesOf: (item: SignedItem) => Uint8Array) {
    this.#scene = scene;
    this.#bytesOf = bytesOf;
  }

  /** Whether an item is what its author signed; undefined where there is nothing to compare it with, or it is its own. */
  isTrue(item: SignedItem): boolean | undefined {
    const key = keyOf(item);
    if (key === undefined) return undefined;
    const bytes = this.#bytesOf(item);
    const copies = this.#copies.get(key);
    const { pkiId } = item.seen.recorded.from;
    const isOwn = pkiId === hex(item.author) || this.#scene.isOurs(pkiId);
    if (copies === undefined) this.#remember(key, bytes);
    else if (isOwn) copies.push(bytes);
    else return copies.some((copy) => sameBytes(copy, bytes));
    return undefined;
  }

  #remember(key: string, bytes: Uint8Array): void {
    this.#copies.set(key, [bytes]);
    if (this.#copies.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#copies.keys()) {
      this.#copies.delete(oldest);
      return;
    }
  }
}

function keyOf({ content, author }: SignedItem): string | undefined {
  if (!('timestamp' in content.value) || content.value.timestamp === undefined) return undefined;
  const { incNum, seqNum } = content.value.timestamp;
  const mac = content.kind === 'stateInfo' ? hex(content.value.channelMac) : '';
  return `${content.kind} ${hex(author)} ${mac} ${incNum} ${seqNum}`;
}
