import type { X509Identity } from '../../src/identity';
import { decodeMessage, WireError, type Content, type Envelope } from '../../src/wire';
import { hex } from '../steps/bytes';
import type { Scene } from './scene';
import type { Seen } from './seen';

/** A message that somebody signs, be it sent by itself or within another. */
export interface SignedItem {
  readonly seen: Seen;
  readonly envelope: Envelope;
  readonly content: Content;
  /** What it is in `seen`: `the message itself`, `an entry of alive`, … */
  readonly where: string;
  readonly author: Uint8Array;
}

/** How the signatures of an item turned out; `secret` is undefined where there is no secret envelope. */
export interface JudgedSignature extends SignedItem {
  /** `unknown`: nobody knows the author's identity. */
  readonly outer: boolean | 'unknown';
  readonly secret: boolean | 'unknown' | undefined;
}

/** Signatures whose outcome is remembered: peers send the same message again and again. */
const REMEMBERED = 20_000;
/** Signatures that may be under way; whoever brings more waits. */
const MAX_UNDER_WAY = 512;

/** Verifies the signatures in messages, each once, on all processors. */
export class SignatureJudge {
  /** How many were verified, and how many were the same again. */
  readonly counts = { verified: 0, again: 0 };
  readonly #scene: Scene;
  readonly #judged: (signature: JudgedSignature) => void;
  readonly #known = new Map<string, boolean>();
  readonly #waiting = new Map<string, ((isValid: boolean) => void)[]>();
  #wake: (() => void) | undefined;

  constructor(scene: Scene, judged: (signature: JudgedSignature) => void) {
    this.#scene = scene;
    this.#judged = judged;
  }

  /** Brings in what is signed in a message. */
  take(seen: Seen): void {
    for (const item of signedItemsIn(seen)) this.#judge(item);
  }

  get isFull(): boolean {
    return this.#waiting.size > MAX_UNDER_WAY;
  }

  /** Resolves when there is room for more, or, with `all`, when nothing is under way. */
  async settled(all = false): Promise<void> {
    while (this.#waiting.size > (all ? 0 : MAX_UNDER_WAY)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #judge(item: SignedItem): void {
    const { payload, signature, secretEnvelope } = item.envelope;
    const identity = identityFor(item, this.#scene);
    if (identity === undefined) {
      this.#judged({ ...item, outer: 'unknown', secret: secretEnvelope && 'unknown' });
      return;
    }
    this.#verify(identity, payload, signature, (outer) => {
      if (secretEnvelope === undefined) {
        this.#judged({ ...item, outer, secret: undefined });
        return;
      }
      this.#verify(identity, secretEnvelope.payload, secretEnvelope.signature, (secret) => {
        this.#judged({ ...item, outer, secret });
      });
    });
  }

  #verify(
    identity: X509Identity,
    payload: Uint8Array,
    signature: Uint8Array,
    done: (isValid: boolean) => void,
  ): void {
    const key = `${latin1(identity.pkiId)}${latin1(signature)}${latin1(payload)}`;
    const known = this.#known.get(key);
    const waiting = this.#waiting.get(key);
    if (known !== undefined) {
      this.counts.again += 1;
      done(known);
    } else if (waiting !== undefined) {
      this.counts.again += 1;
      waiting.push(done);
    } else {
      this.counts.verified += 1;
      const all = [done];
      this.#waiting.set(key, all);
      identity.verifyAside(payload, signature, (isValid) => {
        this.#waiting.delete(key);
        this.#remember(key, isValid);
        for (const one of all) one(isValid);
        this.#wake?.();
        this.#wake = undefined;
      });
    }
  }

  #remember(key: string, isValid: boolean): void {
    this.#known.set(key, isValid);
    if (this.#known.size <= REMEMBERED) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** The identity that the message carries, where it does and it is its author's; else the one on file (SIGN-10). */
function identityFor({ content, author }: SignedItem, scene: Scene): X509Identity | undefined {
  const carried = carriedIdentity(content);
  const known = scene.identity(author);
  if (known !== undefined || carried.length === 0) return known;
  const identity = scene.learn(carried);
  return identity !== undefined && hex(identity.pkiId) === hex(author) ? identity : undefined;
}

export function carriedIdentity(content: Content): Uint8Array {
  switch (content.kind) {
    case 'conn':
    case 'aliveMsg':
      return content.value.identity;
    case 'peerIdentity':
      return content.value.cert;
    default:
      return new Uint8Array();
  }
}

/** The PKI-ID of who signs it; undefined: it is not signed. */
export function authorOf(content: Content): Uint8Array | undefined {
  switch (content.kind) {
    case 'aliveMsg':
      return content.value.membership?.pkiId ?? new Uint8Array();
    case 'conn':
    case 'peerIdentity':
    case 'stateInfo':
    case 'leadershipMsg':
      return content.value.pkiId;
    default:
      return undefined;
  }
}

/** The envelopes within a message, with what each is. */
export function nestedIn(seen: Seen): readonly (readonly [string, Envelope])[] {
  switch (seen.kind) {
    case 'memReq':
      return seen.value.selfInformation === undefined
        ? []
        : [['self_information', seen.value.selfInformation]];
    case 'memRes':
      return [
        ...seen.value.alive.map((one) => ['an entry of alive', one] as const),
        ...seen.value.dead.map((one) => ['an entry of dead', one] as const),
      ];
    case 'dataUpdate':
      return seen.value.data.map((one) => ['an item of the update', one] as const);
    case 'stateSnapshot':
      return seen.value.elements.map((one) => ['an element of the snapshot', one] as const);
    default:
      return [];
  }
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
    items.push({ seen, envelope: seen.envelope, content: seen, where: 'the message itself', author: own });
  }
  for (const [where, envelope] of nestedIn(seen)) {
    const content = contentOf(envelope);
    const author = content && authorOf(content);
    if (content !== undefined && author !== undefined) {
      items.push({ seen, envelope, content, where, author });
    }
  }
  return items;
}
