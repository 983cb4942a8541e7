import type { X509Identity } from '../../src/identity';
import { carriedIdentity } from '../harness/signed-content';
import { sameBytes } from '../steps/bytes';
import { Recent } from './recent';
import type { Scene } from './scene';
import type { Seen } from './seen';
import { signedItemsIn, type SignedItem } from './signed-items';
import { VerifyCrew, type Verifying } from './verify-crew';

/** How the signatures of an item turned out; `secret` is undefined where there is no secret envelope. */
export interface JudgedSignature extends SignedItem {
  /** `unknown`: nobody knows the author's identity. */
  readonly outer: boolean | 'unknown';
  readonly secret: boolean | 'unknown' | undefined;
}

/** Signatures whose outcome is remembered at least: peers send the same message again and again. */
const REMEMBERED = 10_000;

/** An item that waits for what its signatures turn out to be. */
interface Pending {
  readonly item: SignedItem;
  readonly outer: Signature;
  readonly secret: Signature | undefined;
}

/** One signature, over one payload by one identity. */
class Signature implements Verifying {
  isValid: boolean | undefined;
  readonly #identity: X509Identity;
  readonly #payload: Uint8Array;
  readonly #judge: (pending: Pending) => void;
  #waiting: Pending[] = [];

  constructor(identity: X509Identity, payload: Uint8Array, judge: (pending: Pending) => void) {
    this.#identity = identity;
    this.#payload = payload;
    this.#judge = judge;
  }

  /** Whether it is over the same, so that it is as valid. */
  isOver(identity: X509Identity, payload: Uint8Array): boolean {
    return this.#identity === identity && sameBytes(this.#payload, payload);
  }

  await(pending: Pending): void {
    this.#waiting.push(pending);
  }

  settle(isValid: boolean): void {
    this.isValid = isValid;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) this.#judge(one);
  }
}

/** Verifies the signatures in messages, each once, on all processors. */
export class SignatureJudge implements AsyncDisposable {
  /** How many were verified, and how many were the same again. */
  readonly counts = { verified: 0, again: 0 };
  readonly #scene: Scene;
  readonly #judged: (signature: JudgedSignature) => void;
  readonly #crew = new VerifyCrew();
  /** By the signature's bytes. */
  readonly #known = new Recent<string, Signature>(REMEMBERED);

  constructor(scene: Scene, judged: (signature: JudgedSignature) => void) {
    this.#scene = scene;
    this.#judged = judged;
  }

  /** Brings in what is signed in a message. */
  take(seen: Seen): void {
    for (const item of signedItemsIn(seen)) this.#take(item);
  }

  get isFull(): boolean {
    return this.#crew.isFull;
  }

  /** Resolves when there is room for more, or, with `all`, when nothing is under way. */
  settled(all = false): Promise<void> {
    return this.#crew.settled(all);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#crew[Symbol.asyncDispose]();
  }

  #take(item: SignedItem): void {
    const { payload, signature, secretEnvelope } = item.envelope;
    const identity = identityFor(item, this.#scene);
    if (identity === undefined) {
      this.#judged({ ...item, outer: 'unknown', secret: secretEnvelope && 'unknown' });
      return;
    }
    const outer = this.#signature(identity, payload, signature);
    const secret =
      secretEnvelope && this.#signature(identity, secretEnvelope.payload, secretEnvelope.signature);
    this.#judge({ item, outer, secret });
  }

  readonly #judge = (pending: Pending): void => {
    const { item, outer, secret } = pending;
    if (outer.isValid === undefined) outer.await(pending);
    else if (secret !== undefined && secret.isValid === undefined) secret.await(pending);
    else this.#judged({ ...item, outer: outer.isValid, secret: secret?.isValid });
  };

  #signature(identity: X509Identity, payload: Uint8Array, bytes: Uint8Array): Signature {
    const key = latin1(bytes);
    const known = this.#known.get(key);
    if (known?.isOver(identity, payload) === true) {
      this.counts.again += 1;
      return known;
    }
    this.counts.verified += 1;
    const signature = new Signature(identity, payload, this.#judge);
    this.#known.set(key, signature);
    const accepted = identity.verifiable(payload, bytes);
    if (accepted === undefined) signature.settle(false);
    else this.#crew.verify(identity, payload, accepted, signature);
    return signature;
  }
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** The identity that the message carries, where it does and it is its author's; else the one on file (SIGN-10). */
function identityFor({ content, authorId }: SignedItem, scene: Scene): X509Identity | undefined {
  const known = scene.identity(authorId);
  if (known !== undefined) return known;
  const carried = carriedIdentity(content);
  if (carried.length === 0) return undefined;
  scene.learn(carried);
  return scene.identity(authorId);
}
