import { withOtherS } from '../../../../conformance/steps/ecdsa';
import { change, edit, type ClauseDoctors } from '../doctor';
import { badSignature, flip, isOwn, NO_BYTES, SOME } from './parts';

export const signingDoctors: ClauseDoctors = {
  'SIGN-01': change('aliveMsg', badSignature),
  'SIGN-02': edit(
    'aliveMsg',
    ({ membership }) => ({ membership: membership && { ...membership, endpoint: 'elsewhere:1' } }),
    (seen) => !isOwn(seen, seen.value.membership?.pkiId),
  ),
  'SIGN-03': change('aliveMsg', ({ envelope, value }, scene) => {
    const key = scene.identity(value.membership?.pkiId ?? NO_BYTES)?.certificate.publicKey;
    if (key === undefined) throw new Error('nobody knows the author');
    return { envelope: { signature: withOtherS(envelope.signature, key) } };
  }),
  'SIGN-05': change(
    'aliveMsg',
    ({ envelope: { secretEnvelope } }) => ({
      envelope: {
        secretEnvelope: secretEnvelope && { ...secretEnvelope, signature: flip(secretEnvelope.signature) },
      },
    }),
    ({ envelope }) => envelope.secretEnvelope !== undefined,
  ),
  'SIGN-06': change(
    'aliveMsg',
    ({ envelope: { secretEnvelope } }) => ({
      envelope: { secretEnvelope: secretEnvelope && { ...secretEnvelope, signature: NO_BYTES } },
    }),
    ({ envelope }) => envelope.secretEnvelope !== undefined,
  ),
  'SIGN-07': change('hello', () => ({ envelope: { signature: SOME } })),
  'SIGN-11': change('hello', ({ envelope }) => ({
    envelope: { payload: Buffer.concat([Uint8Array.of(0x08, 0x00), envelope.payload]) },
  })),
  'ACK-04': change('hello', () => ({ message: { content: { kind: 'empty', value: {} } } })),
};
