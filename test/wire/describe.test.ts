import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeMessage,
  describe as describeMessage,
  gossipMessage,
  GossipMessage,
  messageToJson,
  PullMsgType,
  Tag,
} from '../../src/wire';
import { arbitraryMessage } from './arbitraries';
import { bytes, text } from './hex';

const pkiId = bytes('be51ec280285a0ed');
const timestamp = { incNum: 5n, seqNum: 7n };

describe('describe', () => {
  const cases: readonly (readonly [line: string, message: GossipMessage])[] = [
    [
      'memRes nonce=4711 alive=3 dead=0',
      gossipMessage({
        nonce: 4711n,
        tag: Tag.EMPTY,
        content: { kind: 'memRes', value: { alive: [{}, {}, {}] } },
      }),
    ],
    [
      'aliveMsg pkiId=be51ec28 endpoint=h:1 incNum=5 seqNum=7 identity=2B',
      gossipMessage({
        tag: Tag.EMPTY,
        content: {
          kind: 'aliveMsg',
          value: { membership: { endpoint: 'h:1', pkiId }, timestamp, identity: text('id') },
        },
      }),
    ],
    [
      'aliveMsg membership=absent timestamp=absent tag=CHAN_ONLY',
      gossipMessage({ tag: Tag.CHAN_ONLY, content: { kind: 'aliveMsg', value: {} } }),
    ],
    [
      'hello channel=ch nonce=1 msgType=BLOCK_MSG',
      gossipMessage({
        channel: text('ch'),
        tag: Tag.CHAN_AND_ORG,
        content: { kind: 'hello', value: { nonce: 1n, msgType: PullMsgType.BLOCK_MSG } },
      }),
    ],
    [
      'dataDig outerNonce=9 nonce=1 msgType=IDENTITY_MSG digests=[be51ec28]',
      gossipMessage({
        nonce: 9n,
        tag: Tag.EMPTY,
        content: {
          kind: 'dataDig',
          value: { nonce: 1n, msgType: PullMsgType.IDENTITY_MSG, digests: [pkiId] },
        },
      }),
    ],
    [
      'dataReq channel=ch nonce=1 msgType=BLOCK_MSG digests=[1,2,3,4,5,6,7,8,9,10,11,12,+2]',
      gossipMessage({
        channel: text('ch'),
        tag: Tag.CHAN_AND_ORG,
        content: {
          kind: 'dataReq',
          value: {
            nonce: 1n,
            msgType: PullMsgType.BLOCK_MSG,
            digests: Array.from({ length: 14 }, (_, index) => text(String(index + 1))),
          },
        },
      }),
    ],
    [
      'stateInfo pkiId=be51ec28 channelMac=0809 incNum=5 seqNum=7 ledgerHeight=4 leftChannel=true chaincodes=[cc:1.0]',
      gossipMessage({
        tag: Tag.CHAN_OR_ORG,
        content: {
          kind: 'stateInfo',
          value: {
            timestamp,
            pkiId,
            channelMac: bytes('0809'),
            properties: { ledgerHeight: 4n, leftChannel: true, chaincodes: [{ name: 'cc', version: '1.0' }] },
          },
        },
      }),
    ],
    [
      'privateRes channel=ch nonce=3 elements=[5:0:cc/c,absent]',
      gossipMessage({
        nonce: 3n,
        channel: text('ch'),
        tag: Tag.CHAN_ONLY,
        content: {
          kind: 'privateRes',
          value: { elements: [{ digest: { blockSeq: 5n, namespace: 'cc', collection: 'c' } }, {}] },
        },
      }),
    ],
    [
      'ack nonce=9 error="no such collection"',
      gossipMessage({ nonce: 9n, content: { kind: 'ack', value: { error: 'no such collection' } } }),
    ],
    ['no content tag=77', gossipMessage({ tag: 77 })],
    ['empty unknownFields=2', decodeMessage(bytes('1801 6a022801 a00601'))],
  ];
  for (const [line, message] of cases) {
    it(line, () => {
      expect(describeMessage(message)).to.equal(line);
    });
  }

  it('gives one printable line for any message, and so does its JSON', () => {
    fc.assert(
      fc.property(arbitraryMessage(GossipMessage), (message) => {
        expect(describeMessage(message)).to.match(/^[\x20-\x7e]+$/);
        expect(JSON.stringify(messageToJson(message))).to.match(/^\{.*\}$/);
      }),
      { seed: 20261122, numRuns: 200 },
    );
  });

  it('lets no remote forge a line, a word or a terminal control', () => {
    const alive = (endpoint: string): string =>
      describeMessage(
        gossipMessage({ tag: Tag.EMPTY, content: { kind: 'aliveMsg', value: { membership: { endpoint } } } }),
      );
    expect(alive('h\nmemRes')).to.include(' endpoint=h\\u000amemRes ');
    expect(alive('\u001b[2J\u202e')).to.include(' endpoint=\\u001b[2J\\u202e ');
    expect(alive('h incNum=9')).to.include(' endpoint="h incNum=9" ');
    expect(alive('a" b')).to.include(' endpoint="a\\u0022 b" ');
    expect(alive('x'.repeat(10_000)).length).to.be.lessThan(200);
  });
});
