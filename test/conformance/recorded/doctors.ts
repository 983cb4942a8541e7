import type { Recorded } from '../../../src/capture';
import type { ClauseId } from '../../../conformance/clauses';
import type { Scene } from '../../../conformance/recorded/scene';
import { open, type Seen } from '../../../conformance/recorded/seen';
import { withOtherS } from '../../../conformance/steps/ecdsa';
import { hex } from '../../../conformance/steps/bytes';
import { deserializeIdentity, pkiIdOf, serializeIdentity } from '../../../src/identity';
import {
  decodeMessage,
  encodeEnvelope,
  encodeMessage,
  gossipMessage,
  PullMsgType,
  Tag,
  type Envelope,
  type GossipMessage,
} from '../../../src/wire';
import { add, change, contentWith, edit, marks, thin, type Change, type Doctor } from './doctor';

const flip = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
  return copy;
};
const SOME = Uint8Array.of(1, 2, 3);
const NO_BYTES = new Uint8Array();

const badSignature = ({ envelope }: Seen): Change => ({ envelope: { signature: flip(envelope.signature) } });
const isOwn = (seen: Seen, pkiId: Uint8Array | undefined): boolean =>
  pkiId !== undefined && seen.recorded.from.pkiId === hex(pkiId);
const isForeign = ({ isOwnOrg }: Seen): boolean => isOwnOrg === false;
const isInside = ({ isOwnOrg }: Seen): boolean => isOwnOrg === true;
const isBlocks = ({ value }: Seen<'hello' | 'dataDig' | 'dataReq' | 'dataUpdate'>): boolean =>
  value.msgType === PullMsgType.BLOCK_MSG;
const isIdentities = (seen: Seen<'hello' | 'dataDig' | 'dataReq' | 'dataUpdate'>): boolean => !isBlocks(seen);
const toForeign = ({ recorded }: Seen, scene: Scene): Change => {
  const org = scene.orgOf(recorded.from.pkiId);
  const other = scene.manifest.identities.find(({ mspId, role }) => mspId !== org && role === 'peer');
  return { record: { to: { name: other?.name ?? '', pkiId: other?.pkiId } } };
};
/** An envelope whose message has other fields; its signature is left as it was. */
function nestedWith(envelope: Envelope, other: (message: GossipMessage) => GossipMessage): Envelope {
  return { ...envelope, payload: encodeMessage(other(decodeMessage(envelope.payload))) };
}
const hello = gossipMessage({
  tag: Tag.EMPTY,
  content: { kind: 'hello', value: { nonce: 7n, msgType: PullMsgType.IDENTITY_MSG } },
});
const withAliveMember = (message: GossipMessage, endpoint: string): GossipMessage => {
  if (message.content?.kind !== 'aliveMsg' || message.content.value.membership === undefined) return message;
  const { value } = message.content;
  const membership = {
    ...value.membership,
    endpoint,
    metadata: NO_BYTES,
    pkiId: value.membership?.pkiId ?? NO_BYTES,
  };
  return { ...message, content: { kind: 'aliveMsg', value: { ...value, membership } } };
};
const isProbe = ({ value, recorded }: Seen<'conn'>): boolean => value.probe && recorded.by === 'initiator';
const otherTag = (): Change => ({ message: { tag: Tag.ORG_ONLY } });
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

/** For every check of recordings, a recording in which it must find something. */
export const doctors: Readonly<Partial<Record<ClauseId, Doctor>>> = {
  'CONN-01': change('conn', () => ({ message: hello })),
  'CONN-02': change('conn', otherTag),
  'CONN-07': edit('conn', ({ tlsCertHash }) => ({ tlsCertHash: flip(tlsCertHash) })),
  'CONN-04': edit('conn', ({ tlsCertHash }) => ({ tlsCertHash: flip(tlsCertHash) })),
  'TLS-08': edit('conn', () => ({ tlsCertHash: NO_BYTES })),
  'TLS-09': change('conn', ({ recorded }) => ({
    record: { stream: { ...recorded.stream, tls: undefined } },
  })),
  'CONN-11': edit(
    'conn',
    () => ({ probe: true }),
    ({ recorded }) => recorded.by === 'responder',
  ),
  'CONN-10': add(
    'conn',
    ({ recorded }) => ({ message: hello, record: { by: 'responder', from: recorded.to, to: recorded.from } }),
    isProbe,
  ),
  'CONN-13': add('conn', () => ({ message: hello }), isProbe),
  'CONN-12': add('conn', () => ({})),
  'CONN-09': change('conn', badSignature),
  'ID-01': edit('conn', () => ({ identity: SOME })),
  'ID-02': edit('conn', ({ pkiId }) => ({ pkiId: flip(pkiId) })),
  'ID-03': edit('conn', ({ pkiId }) => ({ pkiId: flip(pkiId) })),
  'ID-05': edit('conn', ({ identity }) => {
    const parts = deserializeIdentity(identity);
    const mspId = parts?.mspId === 'Org1MSP' ? 'Org2MSP' : 'Org1MSP';
    return { identity: serializeIdentity({ mspId, idBytes: parts?.idBytes ?? NO_BYTES }) };
  }),
  'ID-06': (recording, scene) => {
    const pem = Buffer.from(scene.registry.get('Org1MSP')?.config.rootCerts[0] ?? '', 'latin1');
    const identity = serializeIdentity({ mspId: 'Org1MSP', idBytes: pem });
    return edit('conn', () => ({ identity, pkiId: pkiIdOf('Org1MSP', pem) }))(recording, scene);
  },
  'ID-07': change('conn', () => ({ record: { wallUs: Date.UTC(2099, 0) * 1000 } })),
  'TAG-04': edit('stateInfo', ({ channelMac }) => ({ channelMac: flip(channelMac) })),
  'TAG-05': change('stateInfo', () => ({ message: { channel: Buffer.from('gossip') } })),
  'RPC-03': marks('call', (details) => (details['path'] === '/gossip.Gossip/Ping' ? undefined : details)),
  'RPC-08': (recording) =>
    recording.flatMap((one) =>
      one.type === 'mark' && one.event === 'call' && one.details['path'] === '/gossip.Gossip/GossipStream'
        ? [one, one]
        : [one],
    ),
  'TLS-05': marks('connection', (details) => ({ ...details, tls: 'TLSv1.1' })),

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

  'PULL-01': change('hello', () => ({ message: { nonce: 5n } })),
  'PULL-02': edit('dataDig', ({ nonce }) => ({ nonce: nonce + 1n })),
  'PULL-03': edit('dataDig', () => ({ digests: [] })),
  'PULL-04': edit('dataReq', ({ nonce }) => ({ nonce: nonce + 1n })),
  'PULL-06': edit('dataUpdate', ({ nonce }) => ({ nonce: nonce + 1n })),
  'PULL-08': edit(
    'dataUpdate',
    ({ data }) => ({ data: data.map((one) => ({ ...one, signature: flip(one.signature) })) }),
    isIdentities,
  ),
  'PULL-09': thin(3, (seen) => seen.kind === 'hello'),
  'PULL-11': edit('dataReq', ({ digests }) => ({ digests: digests.map(flip) })),
  'CERT-01': edit(
    'dataUpdate',
    ({ data }) => ({
      data: data.map((one) =>
        nestedWith(one, (message) => ({ ...message, content: { kind: 'empty', value: {} } })),
      ),
    }),
    isIdentities,
  ),
  'CERT-02': edit(
    'dataDig',
    ({ digests }) => ({ digests: digests.map((digest) => digest.subarray(1)) }),
    isIdentities,
  ),
  'CERT-05': (recording, scene) => {
    // Somebody of a third organisation turns up, and is offered to a foreign peer.
    const pem = Buffer.from(scene.registry.get('Org1MSP')?.config.rootCerts[0] ?? '', 'latin1');
    const [identity, pkiId] = [
      serializeIdentity({ mspId: 'Org3MSP', idBytes: pem }),
      pkiIdOf('Org3MSP', pem),
    ];
    const met = edit('conn', () => ({ identity, pkiId }))(recording, scene);
    const offered = edit(
      'dataDig',
      ({ digests }) => ({ digests: [...digests, pkiId] }),
      (seen) => isForeign(seen) && isIdentities(seen),
    );
    return offered(met, scene);
  },
  'CERT-06': edit(
    'dataUpdate',
    ({ data }) => ({ data: data.map((one) => ({ ...one, signature: flip(one.signature) })) }),
    isIdentities,
  ),

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
