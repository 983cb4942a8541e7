import { createHash } from 'node:crypto';
import type { Unexpected } from '../../src/report/model';
import { describe, type ContentKind, type Envelope, type GossipMessage } from '../../src/wire';
import { Recent } from './recent';
import { oddityOf } from './well-formed';

/** Different findings that are reported, of all peers together. */
const MAX_TOLD = 200;
/** Nonces, channels and wrong messages of testers that are remembered at least. */
const REMEMBERED = 20_000;

/** The kinds that answer a message and repeat its nonce. */
const answerKinds: ReadonlySet<ContentKind> = new Set([
  'memRes',
  'dataDig',
  'dataReq',
  'dataUpdate',
  'stateResponse',
  'privateRes',
  'ack',
]);

/** A message that a peer sent, as it came. */
export interface Came {
  readonly envelope: Envelope;
  readonly message: GossipMessage;
  /** Whether nothing came on its stream before. */
  readonly isFirst: boolean;
}

/** The check that was under way. */
export type During = Unexpected['first']['during'];

const noncesOf = ({ nonce, content }: GossipMessage): readonly bigint[] =>
  content !== undefined && 'nonce' in content.value ? [nonce, content.value.nonce] : [nonce];

const nameOf = (channel: Uint8Array): string => Buffer.from(channel).toString('latin1');

/** Equal for equal payloads, which relays pass on unchanged (SIGN-02). */
const fingerprint = (payload: Uint8Array): string => createHash('sha1').update(payload).digest('base64');

/**
 * Keeps account, over a whole run, of what peers send to testers and no peer of Fabric would: what no clause under
 * judgement asks for is told all the same. It decides nothing.
 */
export class Etiquette {
  readonly #nonces = new Recent<bigint, true>(REMEMBERED);
  readonly #channels = new Recent<string, true>(REMEMBERED);
  readonly #wrong = new Recent<string, true>(REMEMBERED);
  readonly #told = new Map<string, Unexpected>();

  /** A channel that peers may speak of; those that testers name are known by that. */
  know(channel: string | undefined): void {
    if (channel !== undefined) this.#channels.set(channel, true);
  }

  /** What a tester says, right or wrong: peers may answer it. */
  said(message: GossipMessage): void {
    for (const nonce of noncesOf(message)) this.#nonces.set(nonce, true);
    if (message.channel.length > 0) this.#channels.set(nameOf(message.channel), true);
  }

  /** What a tester says wrong, on purpose: peers may pass it on. */
  saidWrong({ payload }: Envelope): void {
    this.#wrong.set(fingerprint(payload), true);
  }

  /** A message of a peer. */
  heard(peer: string, came: Came, during: During): void {
    const what = this.#unexpectedIn(came);
    if (what === undefined || this.#wrong.get(fingerprint(came.envelope.payload)) === true) return;
    this.#tell(peer, what, describe(came.message), during);
  }

  /** Bytes of a peer that are no message. */
  garbled(peer: string, why: string, during: During): void {
    this.#tell(peer, 'bytes that are no message', why, during);
  }

  /** What was found of each peer, in the order in which it came. */
  get unexpected(): readonly Unexpected[] {
    return [...this.#told.values()];
  }

  #unexpectedIn({ envelope, message, isFirst }: Came): string | undefined {
    const oddity = oddityOf(envelope, message);
    const { content, channel } = message;
    if (oddity !== undefined || content === undefined) return oddity;
    const { kind } = content;
    if (isFirst && kind !== 'conn') return `${kind} before its ConnEstablish`;
    if (!isFirst && kind === 'conn') return 'a second ConnEstablish on a stream';
    if (answerKinds.has(kind)) {
      const nonce = 'nonce' in content.value ? content.value.nonce : message.nonce;
      if (this.#nonces.get(nonce) !== true) return `${kind} with a nonce that nobody gave`;
    }
    if (channel.length > 0 && this.#channels.get(nameOf(channel)) !== true) {
      return `${kind} of a channel that nobody is on`;
    }
    return undefined;
  }

  #tell(peer: string, what: string, message: string, during: During): void {
    const key = JSON.stringify([peer, what]);
    const known = this.#told.get(key);
    if (known === undefined && this.#told.size >= MAX_TOLD) return;
    this.#told.set(key, {
      peer,
      what,
      count: (known?.count ?? 0) + 1,
      first: known?.first ?? { message, during },
    });
  }
}

/** Merges what several processes or networks found. */
export function mergeUnexpected(all: readonly Unexpected[]): readonly Unexpected[] {
  const merged = new Map<string, Unexpected>();
  for (const one of all) {
    const key = JSON.stringify([one.peer, one.what]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? one : { ...known, count: known.count + one.count });
  }
  return [...merged.values()];
}
