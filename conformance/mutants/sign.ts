import { fabricRules, rejected, type Rules } from '../../src/node';
import type { PeerIdentity } from '../../src/ports/identity';
import {
  decodeEnvelope,
  decodeMessage,
  encodeEnvelope,
  encodeMessage,
  WireError,
  type Envelope,
  type GossipMessage,
} from '../../src/wire';
import { hex } from '../steps/bytes';
import { publicKeyOf, withOtherS, hasLowS } from '../steps/ecdsa';
import { flipBit } from '../steps/messages';
import { concat, varintField } from '../steps/wire-fields';
import { messageOf, mutant, sending, towards, withRules, withTamper } from './mutant';

/** A message without what its table does not name. */
const withoutUnknown = (message: GossipMessage): GossipMessage => ({ ...message, unknownFields: [] });

/** The envelope with its payload encoded anew, as generated code does that drops what it does not know. */
const reencoded = (envelope: Envelope): Envelope => ({
  ...envelope,
  payload: encodeMessage(withoutUnknown(decodeMessage(envelope.payload))),
});

function ifDecodable(bytes: Uint8Array, change: (envelope: Envelope) => Envelope): Uint8Array {
  try {
    return encodeEnvelope(change(decodeEnvelope(bytes)));
  } catch (error) {
    if (error instanceof WireError) return bytes;
    throw error;
  }
}

const isAlive = ({ payload }: Envelope): boolean => decodeMessage(payload).content?.kind === 'aliveMsg';

/** The same with the lower of both s in its signature. */
function withLowS<T extends { readonly signature: Uint8Array }>(signed: T, author: PeerIdentity): T {
  const key = publicKeyOf(author.serialized);
  return key !== undefined && hasLowS(signed.signature, key) === false
    ? { ...signed, signature: withOtherS(signed.signature, key) }
    : signed;
}

const anyS: Partial<Rules> = {
  signatureFault: (envelope, author) => fabricRules.signatureFault(withLowS(envelope, author), author),
};

export const signMutants = [
  mutant(
    'sign-any-signature',
    'it takes any signature',
    ['SIGN-01', 'SIGN-03', 'SIGN-10'],
    withRules({
      signatureFault: ({ signature }) => (signature.length === 0 ? rejected('unsigned') : undefined),
    }),
  ),
  mutant('sign-remembers-the-good', 'it takes a signature again that once was good', ['SIGN-01'], {
    peer: () => {
      const good = new Set<string>();
      return {
        rules: {
          ...fabricRules,
          signatureFault: (envelope, author) => {
            const fault = fabricRules.signatureFault(envelope, author);
            if (fault === undefined) good.add(hex(envelope.signature));
            return good.has(hex(envelope.signature)) ? undefined : fault;
          },
        },
      };
    },
  }),
  mutant(
    'sign-covers-more',
    'its signatures on alive messages cover more than the payload',
    ['SIGN-01'],
    sending('aliveMsg', (envelope, _message, _value, { signer }) => [
      { envelope: { ...envelope, signature: signer.sign(concat(envelope.payload, Uint8Array.of(0))) } },
    ]),
  ),
  mutant(
    'sign-verifies-its-own-encoding',
    'it verifies signatures over what it makes of a message, not over what came',
    ['SIGN-02'],
    withTamper(() => ({ incoming: (bytes) => [ifDecodable(bytes, reencoded)] })),
  ),
  mutant(
    'sign-relays-its-own-encoding',
    'it relays alive messages without what it does not know in them',
    ['SIGN-02'],
    sending('aliveMsg', (envelope) => [{ envelope: reencoded(envelope) }]),
  ),
  mutant('sign-takes-high-s', 'it takes signatures with high s', ['SIGN-03'], withRules(anyS)),
  mutant(
    'sign-takes-high-s-of-strangers',
    'it takes signatures with high s of other organisations’ peers',
    ['SIGN-03'],
    towards(({ isForeign }) => isForeign, anyS),
  ),
  mutant(
    'sign-takes-high-s-of-secrets',
    'it takes secrets whose signature has a high s',
    ['SIGN-06'],
    withRules({
      signatureFault: ({ secretEnvelope, ...rest }, author) =>
        fabricRules.signatureFault(
          { ...rest, secretEnvelope: secretEnvelope && withLowS(secretEnvelope, author) },
          author,
        ),
    }),
  ),
  mutant('sign-makes-high-s', 'its signatures have a high s now and then', ['SIGN-03'], {
    peer: ({ identity }) => {
      const key = publicKeyOf(identity.serialized);
      let handshakes = 0;
      return {
        tamper: {
          outgoing: ({ envelope, message }) => {
            if (key === undefined || message.content?.kind !== 'conn') return [{ envelope }];
            handshakes += 1;
            return handshakes % 5 === 0
              ? [{ envelope: { ...envelope, signature: withOtherS(envelope.signature, key) } }]
              : [{ envelope }];
          },
        },
      };
    },
  }),
  mutant(
    'sign-wants-secrets',
    'it refuses alive messages without secret',
    ['SIGN-05'],
    withRules({
      signatureFault: (envelope, author) =>
        isAlive(envelope) && envelope.secretEnvelope === undefined
          ? rejected('bad-secret')
          : fabricRules.signatureFault(envelope, author),
    }),
  ),
  mutant(
    'sign-own-secret-badly',
    'the secret of its heartbeats is not signed by it',
    ['SIGN-05'],
    sending('aliveMsg', (envelope) => {
      const { secretEnvelope } = envelope;
      if (secretEnvelope === undefined) return [{ envelope }];
      const last = 8 * secretEnvelope.signature.length - 1;
      const signature = flipBit(secretEnvelope.signature, last);
      return [{ envelope: { ...envelope, secretEnvelope: { ...secretEnvelope, signature } } }];
    }),
  ),
  mutant(
    'sign-believes-secrets',
    'it does not verify secrets',
    ['SIGN-06'],
    withRules({
      signatureFault: (envelope, author) =>
        fabricRules.signatureFault({ ...envelope, secretEnvelope: undefined }, author),
    }),
  ),
  mutant(
    'sign-believes-strangers-secrets',
    'it does not verify secrets of other organisations',
    ['SIGN-06'],
    {
      peer: ({ identity: { mspId } }) => ({
        rules: {
          ...fabricRules,
          signatureFault: (envelope, author) =>
            fabricRules.signatureFault(
              author.mspId === mspId ? envelope : { ...envelope, secretEnvelope: undefined },
              author,
            ),
        },
      }),
    },
  ),
  mutant(
    'sign-everything',
    'it signs all that it sends',
    ['SIGN-07'],
    withTamper(() => ({
      outgoing: ({ envelope }, { signer }) => [
        { envelope: { ...envelope, signature: signer.sign(envelope.payload) } },
      ],
    })),
  ),
  mutant(
    'sign-no-items',
    'it hands out items without signature',
    ['SIGN-07'],
    sending('dataUpdate', (envelope, message, value) => {
      const data = value.data.map((item) => ({ ...item, signature: new Uint8Array() }));
      const payload = encodeMessage({
        ...message,
        content: { kind: 'dataUpdate', value: { ...value, data } },
      });
      return [{ envelope: { ...envelope, payload } }];
    }),
  ),
  mutant(
    'sign-minds-the-needless',
    'it drops a Hello that is signed',
    ['SIGN-08'],
    withTamper(() => ({
      incoming: (bytes) =>
        messageOf(bytes)?.content?.kind === 'hello' && decodeEnvelope(bytes).signature.length > 0
          ? []
          : [bytes],
    })),
  ),
  mutant(
    'sign-not-at-all',
    'it takes what is not signed',
    ['SIGN-09'],
    withRules({
      signatureFault: (envelope, author) =>
        envelope.signature.length === 0 ? undefined : fabricRules.signatureFault(envelope, author),
    }),
  ),
  mutant(
    'sign-by-bearer',
    'it verifies an alive message with the key of who brings it',
    ['SIGN-10'],
    withRules({ verifyingIdentity: (author, sender) => sender ?? author }),
  ),
  mutant(
    'sign-spells-out-zero',
    'it spells out the nonce that is zero',
    ['SIGN-11'],
    withTamper(() => ({
      outgoing: ({ envelope, message }, { signer }) => {
        if (message.nonce !== 0n || message.content?.kind === 'aliveMsg') return [{ envelope }];
        const payload = concat(varintField(1, 0), envelope.payload);
        const signature = envelope.signature.length > 0 ? signer.sign(payload) : envelope.signature;
        return [{ envelope: { ...envelope, payload, signature } }];
      },
    })),
  ),
];
