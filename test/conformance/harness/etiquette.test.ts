import { expect } from 'chai';
import { Etiquette, mergeUnexpected } from '../../../conformance/harness/etiquette';
import { oddityOf } from '../../../conformance/harness/well-formed';
import {
  encodeMessage,
  envelope,
  gossipMessage,
  PullMsgType,
  Tag,
  type Content,
  type Envelope,
  type GossipMessage,
} from '../../../src/wire';

const none = new Uint8Array();
const some = Uint8Array.of(1);
const unknownFields = [{ no: 100, wireType: 0, bytes: some }];
const timestamp = { incNum: 1n, seqNum: 1n };
const membership = { endpoint: 'a:1', metadata: none, pkiId: some };

const alive = gossipMessage({
  tag: Tag.EMPTY,
  content: { kind: 'aliveMsg', value: { membership, timestamp, identity: none } },
});
const pull = (msgType: number, more: Partial<GossipMessage> = {}): GossipMessage =>
  gossipMessage({
    tag: Tag.EMPTY,
    content: { kind: 'hello', value: { nonce: 5n, metadata: none, msgType } },
    ...more,
  });
const hello = pull(PullMsgType.IDENTITY_MSG);
const blockHello = pull(PullMsgType.BLOCK_MSG, { tag: Tag.CHAN_AND_ORG, channel: some });
const memRes = (nonce: bigint): GossipMessage =>
  gossipMessage({ tag: Tag.EMPTY, nonce, content: { kind: 'memRes', value: { alive: [], dead: [] } } });
const conn = gossipMessage({
  tag: Tag.EMPTY,
  content: { kind: 'conn', value: { pkiId: some, identity: some, tlsCertHash: none, probe: false } },
});
const stateInfo = (content: Partial<Extract<Content, { kind: 'stateInfo' }>['value']>): GossipMessage =>
  gossipMessage({
    tag: Tag.CHAN_OR_ORG,
    content: {
      kind: 'stateInfo',
      value: {
        timestamp,
        pkiId: some,
        channelMac: some,
        properties: { ledgerHeight: 1n, leftChannel: false, chaincodes: [] },
        ...content,
      },
    },
  });
const bare = envelope(none);
const signed = envelope(none, some);

describe('what is well formed', () => {
  it('is what peers of Fabric send', () => {
    for (const message of [hello, blockHello, memRes(3n)])
      expect(oddityOf(bare, message)).to.equal(undefined);
    for (const message of [alive, conn, stateInfo({})]) expect(oddityOf(signed, message)).to.equal(undefined);
    const secret = { ...signed, secretEnvelope: { payload: some, signature: some } };
    expect(oddityOf(secret, alive)).to.equal(undefined);
  });

  const odd: readonly (readonly [string, Envelope, GossipMessage])[] = [
    ['a message without content', bare, gossipMessage({})],
    ['an Empty', bare, gossipMessage({ tag: Tag.EMPTY, content: { kind: 'empty', value: {} } })],
    ['hello that pulls nothing that there is', bare, pull(PullMsgType.UNDEFINED)],
    ['hello that pulls nothing that there is', bare, pull(7)],
    ['hello with a tag that is not its own', bare, { ...hello, tag: Tag.ORG_ONLY }],
    ['hello without a channel', bare, { ...blockHello, channel: none }],
    ['hello that names a channel', bare, { ...hello, channel: some }],
    ['hello with a nonce outside', bare, { ...hello, nonce: 1n }],
    ['hello with a signature', signed, hello],
    ['aliveMsg without a signature', bare, alive],
    ['conn with a secret', { ...signed, secretEnvelope: { payload: some, signature: some } }, conn],
    ['aliveMsg with half a secret', { ...signed, secretEnvelope: { payload: some, signature: none } }, alive],
    ['stateInfo without timestamp', signed, stateInfo({ timestamp: undefined })],
    ['stateInfo without properties', signed, stateInfo({ properties: undefined })],
    ['hello with fields that nobody knows', bare, { ...hello, unknownFields }],
    ['hello with fields that nobody knows', { ...bare, unknownFields }, hello],
  ];
  for (const [what, wrapping, message] of odd) {
    it(`is not ${what}`, () => {
      expect(oddityOf(wrapping, message)).to.equal(what);
    });
  }
});

describe('the etiquette of a run', () => {
  const during = { clause: 'CONN-01', title: 'says so' };
  const wrapped = (message: GossipMessage, signature = none): Envelope =>
    envelope(encodeMessage(message), signature);
  const heard = (etiquette: Etiquette, message: GossipMessage, isFirst = false, signature = none): void => {
    etiquette.heard('peer0', { envelope: wrapped(message, signature), message, isFirst }, during);
  };
  const found = ({ unexpected }: Etiquette): readonly string[] =>
    unexpected.map(({ peer, what, count }) => `${peer}: ${what}, ${count}`);

  it('finds nothing in what a peer answers, and in channels that are known', () => {
    const etiquette = new Etiquette();
    etiquette.know('\u0001');
    etiquette.said(memRes(7n));
    heard(etiquette, conn, true, some);
    heard(etiquette, memRes(7n));
    heard(etiquette, blockHello);
    heard(etiquette, hello);
    expect(found(etiquette)).to.deep.equal([]);
  });

  it('counts each kind of what nobody asked for, and keeps the first', () => {
    const etiquette = new Etiquette();
    heard(etiquette, hello, true);
    heard(etiquette, conn, false, some);
    heard(etiquette, memRes(8n));
    heard(etiquette, memRes(9n));
    heard(etiquette, blockHello);
    heard(etiquette, alive);
    etiquette.garbled('peer1', 'the bytes end inside a varint', during);
    expect(found(etiquette)).to.deep.equal([
      'peer0: hello before its ConnEstablish, 1',
      'peer0: a second ConnEstablish on a stream, 1',
      'peer0: memRes with a nonce that nobody gave, 2',
      'peer0: hello of a channel that nobody is on, 1',
      'peer0: aliveMsg without a signature, 1',
      'peer1: bytes that are no message, 1',
    ]);
    expect(etiquette.unexpected[2]?.first).to.deep.equal({
      message: 'memRes nonce=8 alive=0 dead=0',
      during,
    });
  });

  it('does not blame a peer for passing on what a tester said wrong', () => {
    const etiquette = new Etiquette();
    const wrong = { ...alive, unknownFields };
    etiquette.saidWrong(wrapped(wrong, some));
    heard(etiquette, wrong, false, some);
    expect(found(etiquette)).to.deep.equal([]);
    heard(etiquette, { ...wrong, nonce: 1n }, false, some);
    expect(found(etiquette)).to.have.length(1);
  });

  it('is bounded, whatever peers invent', () => {
    const etiquette = new Etiquette();
    for (let i = 0; i < 1_000; i++) etiquette.garbled(`peer${i}`, 'x', during);
    expect(etiquette.unexpected).to.have.length(200);
  });

  it('is one of several networks', () => {
    const etiquette = new Etiquette();
    etiquette.garbled('peer0', 'x', during);
    const [one] = mergeUnexpected([...etiquette.unexpected, ...etiquette.unexpected]);
    expect(one).to.include({ peer: 'peer0', count: 2 });
  });
});
