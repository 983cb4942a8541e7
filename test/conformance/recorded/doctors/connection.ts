import type { Seen } from '../../../../conformance/recorded/seen';
import { deserializeIdentity, pkiIdOf, serializeIdentity } from '../../../../src/identity';
import { gossipMessage, PullMsgType, Tag } from '../../../../src/wire';
import { add, change, edit, marks, type ClauseDoctors } from '../doctor';
import { badSignature, flip, NO_BYTES, otherTag, SOME } from './parts';

const hello = gossipMessage({
  tag: Tag.EMPTY,
  content: { kind: 'hello', value: { nonce: 7n, msgType: PullMsgType.IDENTITY_MSG } },
});
const isProbe = ({ value, recorded }: Seen<'conn'>): boolean => value.probe && recorded.by === 'initiator';

export const connectionDoctors: ClauseDoctors = {
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
};
