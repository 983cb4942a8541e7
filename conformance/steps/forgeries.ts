/** Signed envelopes as nobody should make them, and as nobody does though they may. */
import type { KeyObject } from 'node:crypto';
import { encode, encodeEnvelope, envelope, PeerTime, Tag, type Envelope } from '../../src/wire';
import type { Tester } from '../harness/tester';
import { withoutSecret, withoutSignature } from './alive';
import { publicKeyOf, withoutDer, withOtherS } from './ecdsa';
import { flipBit, withSecret } from './messages';
import { bytesField, concat, varintField } from './wire-fields';

/** What can be done to a signed envelope. */
export type Change = (good: Envelope) => Envelope;

const nothing = new Uint8Array();

/** The tester's key, on whose curve signatures are changed. */
function keyOf({ identity }: Tester): KeyObject {
  const key = publicKeyOf(identity.serialized);
  if (key === undefined) throw new Error('an identity of ours holds no certificate');
  return key;
}

/** The same message with the signature of another. */
export const resigned = ({ identity }: Tester, { payload }: Envelope): Envelope =>
  envelope(payload, identity.sign(payload));

/** A field that nobody knows, as on the wire: two bytes of tag, one of length, three of content. */
export const strangeField = bytesField(100, Uint8Array.of(1, 2, 3));

/** An alive message encoded as no generated code does: fields in falling order, and a default that is spelled out. */
export function backwards(tester: Tester): Envelope {
  const { identity, endpoint } = tester;
  const member = concat(bytesField(3, identity.pkiId), bytesField(1, Buffer.from(endpoint)));
  const alive = concat(
    bytesField(4, identity.serialized),
    bytesField(2, encode(PeerTime, tester.nextTime())),
    bytesField(1, member),
  );
  const payload = concat(bytesField(5, alive), varintField(3, Tag.EMPTY), varintField(1, 0));
  return envelope(payload, identity.sign(payload));
}

/** What makes a signature one that Fabric refuses, though it is made with the right key. */
export const otherSchemes = (tester: Tester): ReadonlyMap<string, Change> =>
  new Map<string, Change>([
    [
      'a signature with high s',
      (good) => ({ ...good, signature: withOtherS(good.signature, keyOf(tester)) }),
    ],
    [
      'a signature that is not in DER',
      (good) => ({ ...good, signature: withoutDer(good.signature, keyOf(tester)) }),
    ],
    [
      'a signature of other bytes than the payload',
      (good) => ({ ...good, signature: tester.identity.sign(encodeEnvelope(withoutSecret(good))) }),
    ],
  ]);

/** What a secret envelope may not be. */
export const badSecrets = (tester: Tester, other: Tester): ReadonlyMap<string, Change> => {
  const secretOf = (good: Envelope): NonNullable<Envelope['secretEnvelope']> => {
    const { secretEnvelope } = withSecret(good, tester.endpoint, tester.identity);
    if (secretEnvelope === undefined) throw new Error('a secret envelope that was just made is gone');
    return secretEnvelope;
  };
  return new Map<string, Change>([
    [
      'a secret whose signature has a high s',
      (good) => {
        const secret = secretOf(good);
        return {
          ...good,
          secretEnvelope: { ...secret, signature: withOtherS(secret.signature, keyOf(tester)) },
        };
      },
    ],
    ['a secret signed by another key', (good) => withSecret(good, tester.endpoint, other.identity)],
    [
      'a secret without signature',
      (good) => ({ ...good, secretEnvelope: { ...secretOf(good), signature: nothing } }),
    ],
    [
      'a secret without payload',
      (good) => ({ ...good, secretEnvelope: { ...secretOf(good), payload: nothing } }),
    ],
    [
      'a secret without payload, signed as such',
      (good) => ({ ...good, secretEnvelope: { payload: nothing, signature: tester.identity.sign(nothing) } }),
    ],
    [
      'an empty secret envelope',
      (good) => ({ ...good, secretEnvelope: { payload: nothing, signature: nothing } }),
    ],
    [
      'a secret that was changed',
      (good) => ({
        ...good,
        secretEnvelope: { ...secretOf(good), payload: flipBit(secretOf(good).payload, 24) },
      }),
    ],
    [
      'a secret with the signature of the message',
      (good) => ({ ...good, secretEnvelope: { ...secretOf(good), signature: good.signature } }),
    ],
  ]);
};

/** What may not be missing (SIGN-09). */
export const missing: ReadonlyMap<string, Change> = new Map([
  ['no signature', withoutSignature],
  ['neither payload nor signature', (good: Envelope) => ({ ...good, payload: nothing, signature: nothing })],
]);
