import type { RecordedEnvelope } from '../../src/capture';
import type { X509Identity } from '../../src/identity';
import type { ContentKind } from '../../src/wire';
import { carriedIdentity } from '../harness/signed-content';
import { sameBytes } from '../steps/bytes';
import type { Copy, Met } from './copies';
import type { Scene } from './scene';
import { Signature } from './signature';
import type { SignedItem } from './signed-items';
import { VerifyCrew } from './verify-crew';

/** How the signatures of a message turned out. No more of it is kept until then, since thousands are under way. */
export interface JudgedSignature {
  readonly recorded: RecordedEnvelope;
  readonly kind: ContentKind;
  readonly where: string;
  readonly authorId: string;
  readonly carriesIdentity: boolean;
  /** `unknown`: nobody knows the author's identity. */
  readonly outer: boolean | 'unknown';
  /** Undefined where there is no secret envelope. */
  readonly secret: boolean | 'unknown' | undefined;
}

/** What is judged as its signatures are settled. */
class Pending implements JudgedSignature {
  readonly recorded: RecordedEnvelope;
  readonly kind: ContentKind;
  readonly where: string;
  readonly authorId: string;
  readonly carriesIdentity: boolean;
  outer: boolean | 'unknown' = 'unknown';
  secret: boolean | 'unknown' | undefined;

  constructor({ seen, content, where, authorId, envelope }: SignedItem) {
    this.recorded = seen.recorded;
    this.kind = content.kind;
    this.where = where;
    this.authorId = authorId;
    this.carriesIdentity = carriedIdentity(content).length > 0;
    this.secret = envelope.secretEnvelope === undefined ? undefined : 'unknown';
  }
}

/** Verifies the signatures in messages, each once, on all processors. */
export class SignatureJudge implements AsyncDisposable {
  /** How many were verified, and how many were the same again. */
  readonly counts = { verified: 0, again: 0 };
  readonly #scene: Scene;
  readonly #judged: (signature: JudgedSignature) => void;
  readonly #crew = new VerifyCrew();

  constructor(scene: Scene, judged: (signature: JudgedSignature) => void) {
    this.#scene = scene;
    this.#judged = judged;
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

  /** Brings in a signed message. */
  take({ item, copy }: Met): void {
    const { secretEnvelope } = item.envelope;
    const identity = identityFor(item, this.#scene);
    const pending = new Pending(item);
    if (identity === undefined) {
      this.#judged(pending);
      return;
    }
    if (copy.outer === undefined) copy.outer = this.#verify(identity, copy.payload, copy.signature);
    else this.counts.again += 1;
    this.#settle(pending, copy.outer, secretEnvelope && this.#secret(identity, copy, secretEnvelope));
  }

  #secret(
    identity: X509Identity,
    copy: Copy,
    { payload, signature: bytes }: { readonly payload: Uint8Array; readonly signature: Uint8Array },
  ): Signature {
    const { secret } = copy;
    if (secret !== undefined && sameBytes(secret.payload, payload) && sameBytes(secret.bytes, bytes)) {
      this.counts.again += 1;
      return secret.signature;
    }
    const signature = this.#verify(identity, payload, bytes);
    copy.secret ??= { payload, bytes, signature };
    return signature;
  }

  #settle(pending: Pending, outer: Signature, secret: Signature | undefined): void {
    const open = outer.isValid === undefined ? outer : secret?.isValid === undefined ? secret : undefined;
    if (open !== undefined) {
      open.await(() => {
        this.#settle(pending, outer, secret);
      });
      return;
    }
    pending.outer = outer.isValid ?? 'unknown';
    pending.secret = secret?.isValid;
    this.#judged(pending);
  }

  #verify(identity: X509Identity, payload: Uint8Array, bytes: Uint8Array): Signature {
    this.counts.verified += 1;
    const signature = new Signature();
    const accepted = identity.verifiable(payload, bytes);
    if (accepted === undefined) signature.settle(false);
    else this.#crew.verify(identity, payload, accepted, signature);
    return signature;
  }
}

/** The identity that the message carries, where it does and it is its author's; else the one on file (SIGN-10). */
function identityFor({ content, authorId }: SignedItem, scene: Scene): X509Identity | undefined {
  const known = scene.identity(authorId);
  if (known !== undefined) return known;
  const carried = carriedIdentity(content);
  if (carried.length === 0) return undefined;
  scene.learn(carried);
  return scene.identity(authorId);
}
