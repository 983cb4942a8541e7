import type { Envelope } from '../../src/wire';
import { Recent } from '../harness/recent';
import { hex } from '../steps/bytes';
import { Newest } from './newest';
import { isOf } from './recorded-check';
import type { Scene } from './scene';
import type { Seen } from './seen';
import { contentOf, signedItemsIn } from './signed-items';

/** Requests whose answer may still come, remembered at least. */
const REMEMBERED = 10_000;

/** `stale`: its alive message is not newer than what was heard of its author before. */
export type Request = 'fresh' | 'stale';

/** MembershipRequests by what an answer has to have: the nonce, and whoever asked on the other side. */
export class Requests {
  readonly #scene: Scene;
  readonly #asked = new Recent<string, Request>(REMEMBERED);
  readonly #newest = new Newest();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** To be told of every message, whose times tell which requests are fresh. */
  hear(seen: Seen): void {
    let isFresh = false;
    for (const item of signedItemsIn(seen)) isFresh = this.#newest.isNew(item);
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
}

/** The PKI-ID in an alive message; undefined for any other. */
export function authorOfAlive(envelope: Envelope): Uint8Array | undefined {
  const content = contentOf(envelope);
  return content?.kind === 'aliveMsg' ? content.value.membership?.pkiId : undefined;
}
