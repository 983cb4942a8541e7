import { expect } from 'chai';
import {
  create,
  decodeEnvelope,
  decodeMessage,
  decodeSecret,
  encodeEnvelope,
  encodeMessage,
  encodeSecret,
  envelope,
  Envelope,
  gossipMessage,
  PullMsgType,
  Secret,
  Tag,
  type GossipMessage,
} from '../../src/wire';
import { bytes, hex, text } from './hex';

const timestamp = { incNum: 5n, seqNum: 7n };
const pkiId = bytes('01020304');

/** The payloads among the test vectors of the specification, section 1.5. */
const payloads: readonly (readonly [name: string, hex: string, message: GossipMessage])[] = [
  [
    'Hello',
    '18014a0408011802',
    gossipMessage({
      tag: Tag.EMPTY,
      content: { kind: 'hello', value: { nonce: 1n, msgType: PullMsgType.IDENTITY_MSG } },
    }),
  ],
  [
    'ConnEstablish',
    '1801720f0a0401020304120269641a01092001',
    gossipMessage({
      tag: Tag.EMPTY,
      content: {
        kind: 'conn',
        value: { pkiId, identity: text('id'), tlsCertHash: bytes('09'), probe: true },
      },
    }),
  ],
  [
    'AliveMessage',
    '18012a170a0b0a03683a311a040102030412040805100722026964',
    gossipMessage({
      tag: Tag.EMPTY,
      content: {
        kind: 'aliveMsg',
        value: { membership: { endpoint: 'h:1', pkiId }, timestamp, identity: text('id') },
      },
    }),
  ],
  [
    'MembershipRequest',
    '0803180132080a060a0101120102',
    gossipMessage({
      nonce: 3n,
      tag: Tag.EMPTY,
      content: {
        kind: 'memReq',
        value: { selfInformation: { payload: bytes('01'), signature: bytes('02') } },
      },
    }),
  ],
  [
    'StateInfo',
    '18057a241204080510071a04010203042201082a1308041a0f0a0a5f6c6966656379636c65120131',
    gossipMessage({
      tag: Tag.CHAN_OR_ORG,
      content: {
        kind: 'stateInfo',
        value: {
          timestamp,
          pkiId,
          channelMac: bytes('08'),
          properties: { ledgerHeight: 4n, chaincodes: [{ name: '_lifecycle', version: '1' }] },
        },
      },
    }),
  ],
  [
    'DataDigest',
    '12026368180452080801120231301801',
    gossipMessage({
      channel: text('ch'),
      tag: Tag.CHAN_AND_ORG,
      content: {
        kind: 'dataDig',
        value: { nonce: 1n, digests: [text('10')], msgType: PullMsgType.BLOCK_MSG },
      },
    }),
  ],
  ['Acknowledgement', '0809b20100', gossipMessage({ nonce: 9n, content: { kind: 'ack', value: {} } })],
];

describe('test vectors of the specification, section 1.5', () => {
  for (const [name, wire, message] of payloads) {
    it(`payload: ${name}`, () => {
      expect(decodeMessage(bytes(wire))).to.deep.equal(message);
      expect(hex(encodeMessage(message))).to.equal(wire);
    });
  }

  it('Secret', () => {
    const secret = create(Secret, { content: { kind: 'internalEndpoint', value: 'h:1' } });
    expect(decodeSecret(bytes('0a03683a31'))).to.deep.equal(secret);
    expect(hex(encodeSecret(secret))).to.equal('0a03683a31');
  });

  it('unsigned Envelope', () => {
    const unsigned = envelope(bytes('1801'));
    expect(unsigned).to.deep.equal(create(Envelope, { payload: bytes('1801') }));
    expect(decodeEnvelope(bytes('0a021801'))).to.deep.equal(unsigned);
    expect(hex(encodeEnvelope(unsigned))).to.equal('0a021801');
  });
});
