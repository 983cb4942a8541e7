import type { Seen } from '../../../../conformance/recorded/seen';
import { pkiIdOf, serializeIdentity } from '../../../../src/identity';
import { decodeMessage, encodeMessage, type Envelope, type GossipMessage } from '../../../../src/wire';
import { change, edit, thin, type ClauseDoctors } from '../doctor';
import { flip, isBlocks, isForeign } from './parts';

const isIdentities = (seen: Seen<'hello' | 'dataDig' | 'dataReq' | 'dataUpdate'>): boolean => !isBlocks(seen);
/** An envelope whose message has other fields; its signature is left as it was. */
function nestedWith(envelope: Envelope, other: (message: GossipMessage) => GossipMessage): Envelope {
  return { ...envelope, payload: encodeMessage(other(decodeMessage(envelope.payload))) };
}

export const pullDoctors: ClauseDoctors = {
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
};
