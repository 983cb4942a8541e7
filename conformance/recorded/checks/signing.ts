import { encodeEnvelope, encodeMessage, unknownFieldsOf, type ContentKind } from '../../../src/wire';
import { authorOf, signedKinds } from '../../harness/signed-content';
import { sameBytes } from '../../steps/bytes';
import { hasLowS } from '../../steps/ecdsa';
import { watch, type RecordedCheck } from '../recorded-check';
import type { JudgedSignature } from '../signature-judge';
import { signedItemsIn } from '../signed-items';

/** Messages of each kind and peer that are encoded again; they are all made alike. */
const ENCODED_AGAIN = 200;

const nameOf = ({ where, kind, authorId }: JudgedSignature): string =>
  `${where} (${kind} of ${authorId.slice(0, 8)})`;

const isByPeer =
  (kinds: readonly ContentKind[]) =>
  ({ kind }: JudgedSignature): boolean =>
    kinds.includes(kind);

const signatureCheck = (
  clause: 'SIGN-01' | 'CONN-09' | 'ALIVE-06' | 'CERT-06' | 'SINF-03' | 'ELECT-03',
  title: string,
  concerns: (signature: JudgedSignature) => boolean,
): RecordedCheck =>
  watch(clause, title, (_, docket) => ({
    signature: (signature) => {
      if (signature.outer === 'unknown' || !concerns(signature)) return;
      docket.demand(
        signature,
        signature.outer,
        'a signature over the payload by the key of its author',
        () => `${nameOf(signature)} has another`,
      );
    },
  }));

export const signingChecks: readonly RecordedCheck[] = [
  signatureCheck('SIGN-01', 'every signature verifies over the payload as it was sent', () => true),
  signatureCheck('CONN-09', 'a ConnEstablish is signed by the identity within it', isByPeer(['conn'])),
  signatureCheck(
    'ALIVE-06',
    'an alive message with an identity is signed by it',
    ({ kind, carriesIdentity }) => kind === 'aliveMsg' && carriesIdentity,
  ),
  signatureCheck(
    'CERT-06',
    'an identity item is signed by the identity within it',
    isByPeer(['peerIdentity']),
  ),
  signatureCheck('SINF-03', 'a state info is signed by its author', isByPeer(['stateInfo'])),
  signatureCheck('ELECT-03', 'a leadership message is signed by its author', isByPeer(['leadershipMsg'])),

  watch('SIGN-03', 'every signature has a low s', (scene, docket) => ({
    envelope: (seen) => {
      for (const { envelope, authorId, where } of signedItemsIn(seen)) {
        const key = scene.identity(authorId)?.certificate.publicKey;
        if (key === undefined || scene.isOurs(authorId) || envelope.signature.length === 0) continue;
        docket.demand(
          seen,
          hasLowS(envelope.signature, key) === true,
          'a signature in DER whose s is at most half the order',
          `that of ${where} is not`,
        );
      }
    },
  })),

  watch('SIGN-05', 'the secret envelope has a signature of its own, by the same key', (scene, docket) => ({
    signature: (signature) => {
      const { secret, where, authorId } = signature;
      if (scene.isOurs(authorId) || secret === undefined || secret === 'unknown') return;
      docket.demand(signature, secret, 'a signature over the secret', () => `${where} has another`);
    },
  })),

  watch('SIGN-06', 'a secret envelope has a payload and a signature', (scene, docket) => ({
    envelope: (seen) => {
      for (const { envelope, where, authorId } of signedItemsIn(seen)) {
        const secret = envelope.secretEnvelope;
        if (secret === undefined || scene.isOurs(authorId)) continue;
        const isWhole = secret.payload.length > 0 && secret.signature.length > 0;
        docket.demand(seen, isWhole, 'both', `${where} lacks one of its secret envelope`);
      }
    },
  })),

  watch('SIGN-07', 'the types that are signed are, and no others', (_, docket) => ({
    envelope: (seen) => {
      const { envelope, kind } = seen;
      const isSigned = envelope.signature.length > 0;
      docket.demand(
        seen,
        isSigned === signedKinds.has(kind),
        signedKinds.has(kind) ? `a signed ${kind}` : `an unsigned ${kind}`,
        isSigned ? 'a signature' : 'none',
      );
      for (const item of signedItemsIn(seen)) {
        if (item.envelope === envelope) continue;
        docket.demand(
          seen,
          item.envelope.signature.length > 0,
          'signed messages within messages',
          `${item.where} has no signature`,
        );
      }
    },
  })),

  watch('SIGN-11', 'encoded again, messages are the same bytes', (scene, docket) => {
    const looked = new Map<string, number>();
    return {
      envelope: (seen) => {
        const key = `${seen.recorded.from.name} ${seen.kind}`;
        const count = looked.get(key) ?? 0;
        if (count >= ENCODED_AGAIN || unknownFieldsOf(seen.message).length > 0) return;
        if (scene.isOurs(authorOf(seen))) return;
        looked.set(key, count + 1);
        const { envelope, message, recorded } = seen;
        docket.demand(
          seen,
          sameBytes(encodeMessage(message), envelope.payload) &&
            sameBytes(encodeEnvelope(envelope), recorded.bytes),
          'ascending fields, no defaults',
          'bytes that differ',
        );
      },
    };
  }),

  watch('ACK-04', 'no message is without content', (_, docket) => ({
    envelope: (seen) => {
      docket.demand(seen, seen.kind !== 'empty', 'a content', 'an Empty');
    },
    unread: ({ recorded, why }) => {
      docket.demand(recorded, false, 'a content', why);
    },
  })),

  watch('SIGN-02', 'what is passed on again has the bytes of its author', (_, docket) => ({
    met: ({ item, isTrue }) => {
      if (isTrue === undefined) return;
      docket.demand(
        item.seen,
        isTrue.payload,
        'the very payload that its author signed',
        () => `${item.where} has another under the same timestamp`,
      );
    },
  })),
];
