import { Recent } from '../harness/recent';
import type { SignedItem } from './signed-items';

/** Authors whose last word is remembered at least. */
const REMEMBERED = 10_000;

/** The latest alive message that was heard of each author, whoever told it. */
export class Newest {
  readonly #heard = new Recent<string, readonly [bigint, bigint]>(REMEMBERED);

  /** Whether an alive message is newer than all before it, which it is no more the next time; false for any other. */
  isNew({ content, authorId }: SignedItem): boolean {
    if (content.kind !== 'aliveMsg' || content.value.timestamp === undefined) return false;
    const { incNum, seqNum } = content.value.timestamp;
    const [inc, seq] = this.#heard.get(authorId) ?? [0n, 0n];
    if (incNum < inc || (incNum === inc && seqNum <= seq)) return false;
    this.#heard.set(authorId, [incNum, seqNum]);
    return true;
  }
}
