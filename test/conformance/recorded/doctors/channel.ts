import type { Scene } from '../../../../conformance/recorded/scene';
import { open, type Seen } from '../../../../conformance/recorded/seen';
import { encodeEnvelope, encodeMessage, Tag, type GossipMessage } from '../../../../src/wire';
import { add, change, edit, thin, type Change, type ClauseDoctors } from '../doctor';
import { badSignature, isBlocks, isOwn, NO_BYTES, otherTag, SOME, withAliveMember } from './parts';

const toForeign = ({ recorded }: Seen, scene: Scene): Change => {
  const org = scene.orgOf(recorded.from.pkiId);
  const other = scene.manifest.identities.find(({ mspId, role }) => mspId !== org && role === 'peer');
  return { record: { to: { name: other?.name ?? '', pkiId: other?.pkiId } } };
};
const privateData = (fields: Partial<GossipMessage>): Change => ({
  message: {
    nonce: 9n,
    tag: Tag.CHAN_ONLY,
    channel: Buffer.from('gossip'),
    content: {
      kind: 'privateData',
      value: {
        payload: {
          collectionName: 'c',
          namespace: 'n',
          txId: 't',
          privateRwset: SOME,
          privateSimHeight: 1n,
          collectionConfigs: SOME,
        },
      },
    },
    ...fields,
  },
  envelope: { signature: NO_BYTES, secretEnvelope: undefined },
});

export const channelDoctors: ClauseDoctors = {
  'SINF-01': change('stateInfo', otherTag),
  'SINF-03': change('stateInfo', badSignature),
  'SINF-04': edit('stateInfo', ({ properties }) => ({
    properties: properties && {
      ...properties,
      chaincodes: properties.chaincodes.map((one) => ({ ...one, metadata: SOME })),
    },
  })),
  'SINF-07': change('stateInfo', badSignature, (seen) => !isOwn(seen, seen.value.pkiId)),
  'SINF-08': thin(3, (seen) => seen.kind === 'stateInfoPullReq'),
  'SINF-09': add('stateSnapshot', () => ({})),
  'SINF-11': (recording, scene) =>
    recording.map((one) => {
      if (one.type !== 'envelope' || one.kind !== 'aliveMsg') return one;
      const seen = open(one, scene);
      if (seen.kind !== 'aliveMsg') return one;
      return {
        ...one,
        bytes: encodeEnvelope({
          ...seen.envelope,
          payload: encodeMessage(withAliveMember(seen.message, '')),
        }),
      };
    }),
  'SINF-16': edit('stateInfo', () => ({ timestamp: undefined })),
  'BLOCK-01': edit('dataMsg', ({ payload }) => ({
    payload: payload && { ...payload, seqNum: payload.seqNum + 1n },
  })),
  'BLOCK-03': change('dataMsg', toForeign),
  'BLOCK-07': change('dataDig', toForeign, isBlocks),
  'BLOCK-08': edit('dataDig', ({ digests }) => ({ digests: [...digests, Buffer.from('007')] }), isBlocks),
  'BLOCK-09': change('hello', toForeign, isBlocks),
  'BLOCK-13': edit(
    'dataDig',
    () => ({ digests: Array.from({ length: 12 }, (_, n) => Buffer.from(String(n))) }),
    isBlocks,
  ),
  'BLOCK-14': edit('dataMsg', () => ({ payload: undefined })),
  'STATE-01': edit('stateRequest', ({ endSeqNum }) => ({ startSeqNum: endSeqNum + 1n })),
  'STATE-05': change('stateResponse', ({ message }) => ({ message: { nonce: message.nonce + 1n } })),
  'STATE-09': edit('stateRequest', ({ startSeqNum }) => ({ endSeqNum: startSeqNum + 11n })),
  'ELECT-01': change('leadershipMsg', otherTag),
  'ELECT-03': change('leadershipMsg', badSignature),
  'ELECT-04': change('leadershipMsg', toForeign),
  'ELECT-07': thin(3, (seen) => seen.kind === 'leadershipMsg'),
  'ELECT-10': edit('leadershipMsg', () => ({ timestamp: undefined })),
  'ACK-01': add('hello', () => ({
    message: { nonce: 4n, tag: Tag.UNDEFINED, content: { kind: 'ack', value: { error: '' } } },
  })),
  'PVT-01': add('hello', () => privateData({ nonce: 0n })),
  'PVT-06': add('hello', () => privateData({ content: { kind: 'privateRes', value: { elements: [] } } })),
};
