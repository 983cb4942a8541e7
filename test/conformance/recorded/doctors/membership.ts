import type { Recorded } from '../../../../src/capture';
import type { Scene } from '../../../../conformance/recorded/scene';
import { open, type Seen } from '../../../../conformance/recorded/seen';
import type { Envelope } from '../../../../src/wire';
import { change, contentWith, edit, thin, type ClauseDoctors } from '../doctor';
import { badSignature, flip, isForeign, isOwn, NO_BYTES, otherTag, SOME, withAliveMember } from './parts';

const isInside = ({ isOwnOrg }: Seen): boolean => isOwnOrg === true;
/** An alive message of somebody of an organisation, as it was sent. */
function aliveOf(recording: readonly Recorded[], scene: Scene, mspId: string): Envelope {
  for (const recorded of recording) {
    if (recorded.type !== 'envelope') continue;
    const seen = open(recorded, scene);
    if (seen.kind === 'aliveMsg' && seen.fromOrg === mspId && isOwn(seen, seen.value.membership?.pkiId)) {
      return seen.envelope;
    }
  }
  throw new Error(`nobody of ${mspId} is alive`);
}

export const membershipDoctors: ClauseDoctors = {
  'ALIVE-01': change('aliveMsg', otherTag),
  'ALIVE-02': edit(
    'aliveMsg',
    ({ timestamp }) => ({ timestamp: timestamp && { ...timestamp, incNum: timestamp.incNum - 1n } }),
    (seen) => isOwn(seen, seen.value.membership?.pkiId) && (seen.value.timestamp?.seqNum ?? 0n) > 9n,
  ),
  'ALIVE-06': change('aliveMsg', badSignature, ({ value }) => value.identity.length > 0),
  'ALIVE-07': change(
    'aliveMsg',
    () => ({ envelope: { secretEnvelope: { payload: SOME, signature: SOME } } }),
    isForeign,
  ),
  'ALIVE-09': change('aliveMsg', badSignature, (seen) => !isOwn(seen, seen.value.membership?.pkiId)),
  'ALIVE-14': edit('aliveMsg', () => ({ timestamp: undefined })),
  'ALIVE-03': thin(3, (seen) => seen.kind === 'aliveMsg' && isOwn(seen, seen.value.membership?.pkiId)),
  'ALIVE-04': change(
    'aliveMsg',
    (seen, scene) => ({
      message: {
        content: contentWith(seen, {
          identity: scene.identity(seen.value.membership?.pkiId ?? NO_BYTES)?.serialized ?? SOME,
        }),
      },
      record: { wallUs: seen.recorded.wallUs + 60_000_000 },
    }),
    (seen) => isOwn(seen, seen.value.membership?.pkiId),
  ),
  'MEMB-01': edit('memReq', () => ({ known: [SOME] })),
  'MEMB-08': edit('memReq', () => ({ known: [SOME] })),
  'MEMB-04': change('memRes', ({ message }) => ({ message: { nonce: message.nonce + 1n } })),
  'MEMB-06': edit('memRes', ({ alive }) => ({ alive: alive.slice(0, -1) })),
  'MEMB-09': (recording, scene) => {
    const foreign = aliveOf(recording, scene, 'Org2MSP');
    const inside = edit(
      'memRes',
      ({ alive }) => ({ alive: [foreign, ...alive] }),
      (seen) => seen.fromOrg === 'Org1MSP' && isInside(seen),
    );
    return inside(recording, scene);
  },
  'MEMB-10': edit(
    'memRes',
    ({ alive }) => ({
      alive: alive.map((one) => ({ ...one, secretEnvelope: { payload: SOME, signature: SOME } })),
    }),
    isForeign,
  ),
  'MEMB-12': thin(3, (seen) => seen.kind === 'memReq'),
  'EMIT-05': edit('leadershipMsg', ({ pkiId }) => ({ pkiId: flip(pkiId) })),
  'EMIT-06': change(
    'aliveMsg',
    ({ message }) => ({ message: withAliveMember(message, '') }),
    (seen) => isForeign(seen) && isOwn(seen, seen.value.membership?.pkiId),
  ),
};
