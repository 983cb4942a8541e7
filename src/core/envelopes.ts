/**
 * Envelopes as the machines handle them.
 *
 *     bytes ──open──► { bytes, envelope, message } ──► machines ──► relay: the same bytes
 *     message ──seal(signer)──► the same shape ──► send
 *
 * A payload is decoded once and never encoded again: signatures cover the bytes that came (SIGN-02).
 */
import type { Signer } from '../ports/identity';
import { decode, encode, Envelope, GossipMessage, Secret, WireError, type Content } from '../wire';
import { rejected, type Rejection } from './rejections';

/** An envelope together with what its payload says. */
export interface Opened {
  readonly kind: 'opened';
  /** The envelope serialized, as it came or as it leaves. */
  readonly bytes: Uint8Array;
  readonly envelope: Envelope;
  readonly message: GossipMessage;
}

/** Opens the bytes of one stream message. Rejections: `no-envelope` (BAD-04), `unparseable-payload` (BAD-33). */
export function openBytes(bytes: Uint8Array): Opened | Rejection {
  let envelope: Envelope;
  try {
    envelope = decode(Envelope, bytes);
  } catch (error) {
    return rejected('no-envelope', faultText(error));
  }
  try {
    return { kind: 'opened', bytes, envelope, message: decode(GossipMessage, envelope.payload) };
  } catch (error) {
    return rejected('unparseable-payload', faultText(error));
  }
}

/**
 * Opens an envelope nested in a message: self information, a membership entry, an item of an update. What is
 * opened has bytes of its own, so that keeping it does not keep the whole message.
 */
export const openNested = (envelope: Envelope): Opened | Rejection => openBytes(encode(Envelope, envelope));

/** The text of a decoder's complaint; anything else is a fault of ours and goes on. */
function faultText(error: unknown): string {
  if (error instanceof WireError) {
    return error.message;
  }
  throw error;
}

/** What a message of ours is made of; nonce 0 and an empty channel unless said otherwise. */
export interface MessageParts {
  readonly tag: number;
  readonly content: Content;
  readonly nonce?: bigint;
  readonly channel?: Uint8Array;
}

const NOTHING = new Uint8Array();

/** Wraps a message of ours. Without a signer the signature stays empty (SIGN-07). */
export function seal(parts: MessageParts, signer?: Signer, internalEndpoint = ''): Opened {
  const message: GossipMessage = {
    nonce: parts.nonce ?? 0n,
    channel: parts.channel ?? NOTHING,
    tag: parts.tag,
    content: parts.content,
  };
  const payload = encode(GossipMessage, message);
  const envelope: Envelope = {
    payload,
    signature: signer === undefined ? NOTHING : signer.sign(payload),
    secretEnvelope:
      signer === undefined || internalEndpoint === '' ? undefined : sealSecret(internalEndpoint, signer),
  };
  return { kind: 'opened', bytes: encode(Envelope, envelope), envelope, message };
}

/** The secret envelope: an own payload under an own signature (SIGN-05). */
function sealSecret(internalEndpoint: string, signer: Signer): NonNullable<Envelope['secretEnvelope']> {
  const payload = encode(Secret, { content: { kind: 'internalEndpoint', value: internalEndpoint } });
  return { payload, signature: signer.sign(payload) };
}

/** The same payload and signature without the secret envelope; the signature still verifies (SIGN-05). */
export function withoutSecret(opened: Opened): Opened {
  if (opened.envelope.secretEnvelope === undefined) {
    return opened;
  }
  const envelope: Envelope = { ...opened.envelope, secretEnvelope: undefined };
  return { ...opened, envelope, bytes: encode(Envelope, envelope) };
}

/** The internal endpoint in a secret envelope; undefined without one, empty if it holds something else. */
export function internalEndpointOf(envelope: Envelope): string | undefined {
  if (envelope.secretEnvelope === undefined) {
    return undefined;
  }
  try {
    return decode(Secret, envelope.secretEnvelope.payload).content?.value ?? '';
  } catch (error) {
    faultText(error);
    return '';
  }
}
