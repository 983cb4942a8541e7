import type { Envelope } from '../../src/wire';
import { hex } from '../steps/bytes';
import { isOf } from './recorded-check';
import type { Seen } from './seen';
import { Recent } from './recent';
import type { Scene } from './scene';
import { contentOf, signedItemsIn, type SignedItem } from './signed-items';

/** Requests whose answer may still come, and authors whose last word is remembered. */
const REMEMBERED = 10_000;

/** `stale`: its alive message is not newer than what was heard of its author before. */
export type Request = 'fresh' | 'stale';

/** MembershipRequests by what an answer has to have: the nonce, and whoever asked on the other side. */
export class Requests {
  readonly #scene: Scene;
  readonly #asked = new Recent<string, Request>(REMEMBERED);
  /** The latest time that was heard of each author. */
  readonly #heard = new Recent<string, readonly [bigint, bigint]>(REMEMBERED);

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** To be told of every message, whose times tell which requests are fresh. */
  hear(seen: Seen): void {
    let isFresh = false;
    for (const item of signedItemsIn(seen)) isFresh = this.#isNewer(item);
    if (isOf(seen, 'memReq')) this.add(seen, isFresh ? 'fresh' : 'stale');
  }

  /** For whom no freshness matters, in the place of `hear`. */
  add(seen: Seen<'memReq'>, request: Request): void {
    const { from, to, stream, by } = seen.recorded;
    const { nonce } = seen.message;
    const { selfInformation } = seen.value;
    const author = selfInformation && authorOfAlive(selfInformation);
    // The answer goes to the author of what is in it, on whatever stream; see `handleMsgFromComm` of Fabric.
    const askers = [from.pkiId ?? from.name, ...(author === undefined ? [] : [hex(author)])];
    const keys = [...new Set(askers)].map((asker) => `${asker} ${to.pkiId ?? to.name} ${nonce}`);
    for (const key of [...keys, `${stream.number} ${by} ${nonce}`]) {
      // A tester may say a nonce again before the answer to the first has come.
      const isStale = this.#scene.isOurs(from.pkiId) && this.#asked.get(key) === 'stale';
      this.#asked.set(key, isStale ? 'stale' : request);
    }
  }

  /** The request that a response answers; undefined: there was none. */
  of(seen: Seen<'memRes'>): Request | undefined {
    const { from, to, stream, by } = seen.recorded;
    const { nonce } = seen.message;
    const asker = by === 'initiator' ? 'responder' : 'initiator';
    const found = [
      this.#asked.get(`${to.pkiId ?? to.name} ${from.pkiId ?? from.name} ${nonce}`),
      this.#asked.get(`${stream.number} ${asker} ${nonce}`),
    ];
    return found.includes('stale') ? 'stale' : found.find((one) => one !== undefined);
  }

  #isNewer({ content, authorId }: SignedItem): boolean {
    if (content.kind !== 'aliveMsg' || content.value.timestamp === undefined) return false;
    const { incNum, seqNum } = content.value.timestamp;
    const [inc, seq] = this.#heard.get(authorId) ?? [0n, 0n];
    if (incNum < inc || (incNum === inc && seqNum <= seq)) return false;
    this.#heard.set(authorId, [incNum, seqNum]);
    return true;
  }
}

/** The PKI-ID in an alive message; undefined for any other. */
export function authorOfAlive(envelope: Envelope): Uint8Array | undefined {
  const content = contentOf(envelope);
  return content?.kind === 'aliveMsg' ? content.value.membership?.pkiId : undefined;
}
