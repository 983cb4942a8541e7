/** Reading alive messages, and making faulty ones of good ones. */
import {
  decodeMessage,
  decodeSecret,
  WireError,
  type AliveMessage,
  type Envelope,
  type GossipMessage,
  type PeerTime,
} from '../../src/wire';
import { demand, Violation } from '../harness/verdict';
import { sameBytes } from './bytes';
import { flipBit } from './messages';
import { isSignedBy } from './signatures';

/** A field that nobody knows: 100, three bytes. It must survive, signed and relayed (SIGN-02). */
export const unknownField = { no: 100, wireType: 2, bytes: Uint8Array.of(3, 1, 2, 3) };

/** The message in an envelope that must hold one; a Violation if it does not decode. */
export function messageIn({ payload }: Envelope, what: string): GossipMessage {
  try {
    return decodeMessage(payload);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new Violation(`${what} that decodes`, error.message, { cause: error });
  }
}

/** The alive message in an envelope that must hold one; a Violation if it holds anything else. */
export function aliveIn(envelope: Envelope, what: string): AliveMessage {
  const { content } = messageIn(envelope, what);
  if (content?.kind !== 'aliveMsg') {
    throw new Violation(`${what} that is an alive message`, content?.kind ?? 'no content');
  }
  return content.value;
}

/** The PeerTime of a tester's own alive message. */
export function timeOf(envelope: Envelope): PeerTime {
  const { timestamp } = aliveIn(envelope, 'an envelope of ours');
  if (timestamp === undefined) throw new Error('an alive message of ours has no timestamp');
  return timestamp;
}

export const sameTime = (a: PeerTime | undefined, b: PeerTime | undefined): boolean =>
  a !== undefined && b !== undefined && a.incNum === b.incNum && a.seqNum === b.seqNum;

/** Whether a PeerTime comes before another (STORE-01); one that is absent does. */
export const isOlder = (a: PeerTime | undefined, b: PeerTime | undefined): boolean =>
  a === undefined ||
  (b !== undefined && (a.incNum < b.incNum || (a.incNum === b.incNum && a.seqNum < b.seqNum)));

/** In all that an envelope says: payload, signature, and the secret envelope with its own two. */
export const sameEnvelope = (a: Envelope, b: Envelope): boolean =>
  sameBytes(a.payload, b.payload) &&
  sameBytes(a.signature, b.signature) &&
  (a.secretEnvelope === undefined
    ? b.secretEnvelope === undefined
    : sameBytes(a.secretEnvelope.payload, b.secretEnvelope?.payload) &&
      sameBytes(a.secretEnvelope.signature, b.secretEnvelope?.signature));

export const withoutSecret = (envelope: Envelope): Envelope => ({ ...envelope, secretEnvelope: undefined });

export const withoutSignature = (envelope: Envelope): Envelope => ({
  ...envelope,
  signature: new Uint8Array(),
});

/** The last bit of s differs. */
export const withBadSignature = (envelope: Envelope): Envelope => ({
  ...envelope,
  signature: flipBit(envelope.signature, 8 * envelope.signature.length - 1),
});

/** The internal endpoint that a secret envelope names; a Violation if there is none or it names nothing. */
export function internalEndpointIn({ secretEnvelope }: Envelope, what: string): string {
  if (secretEnvelope === undefined) throw new Violation(`${what} with a secret envelope`, 'none');
  try {
    const { content } = decodeSecret(secretEnvelope.payload);
    demand(content !== undefined, `${what} whose secret names the internal endpoint`, 'an empty secret');
    return content.value;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new Violation(`${what} whose secret decodes`, error.message, { cause: error });
  }
}

/** An envelope, and its secret envelope if it has one, must be signed with the key of a serialized identity. */
export function demandSignedBy(serialized: Uint8Array, envelope: Envelope, what: string): void {
  demand(isSignedBy(serialized, envelope), `${what} signed by the peer`, 'no signature of it');
  const { secretEnvelope } = envelope;
  demand(
    secretEnvelope === undefined || isSignedBy(serialized, secretEnvelope),
    `${what} with a secret signed by the peer`,
    'no signature of it',
  );
}
