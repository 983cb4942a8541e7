import { expect } from 'chai';
import {
  decodeEnvelope,
  decodeMessage,
  encodeMessage,
  encodeSecret,
  envelope,
  gossipMessage,
  messageToJson,
  Tag,
  toJson,
} from '../../src/wire';
import { bytes, text } from './hex';

/** What the recordings do not contain; for the rest see recordings.test.ts. */
describe('toJson', () => {
  const hello = encodeMessage(gossipMessage({ tag: Tag.EMPTY, content: { kind: 'hello', value: {} } }));

  it('leaves out what is empty', () => {
    expect(toJson(envelope(bytes('')))).to.deep.equal({ message: {} });
    expect(toJson(envelope(hello))).to.deep.equal({ message: { tag: 'EMPTY', hello: {} } });
  });

  it('keeps what does not decode as bytes, with the reason', () => {
    expect(toJson(envelope(bytes('0a05'), bytes('01')))).to.deep.equal({
      payload: 'hex:0a05',
      fault: 'TRUNCATED GossipMessage.#1: 5 bytes declared, 0 left',
      signature: 'hex:01',
    });
  });

  it('does so for one of several envelopes and for a secret', () => {
    const payload = encodeMessage(
      gossipMessage({
        content: {
          kind: 'stateSnapshot',
          value: { elements: [{ payload: bytes('08') }, { payload: hello }] },
        },
      }),
    );
    expect(
      toJson(envelope(payload, bytes(''), { payload: bytes('0a01ff'), signature: bytes('') })),
    ).to.deep.equal({
      message: {
        stateSnapshot: {
          elements: [
            { payload: 'hex:08', fault: 'TRUNCATED GossipMessage.nonce: the bytes end inside a varint' },
            { message: { tag: 'EMPTY', hello: {} } },
          ],
        },
      },
      secret: { payload: 'hex:0a01ff', fault: 'UTF8 Secret.internalEndpoint: not UTF-8' },
    });
  });

  it('opens a secret', () => {
    const payload = encodeSecret({ content: { kind: 'internalEndpoint', value: '' } });
    expect(toJson(envelope(hello, bytes(''), { payload, signature: bytes('02') }))['secret']).to.deep.equal({
      internalEndpoint: '',
      signature: 'hex:02',
    });
  });

  it('shows unknown fields and enum values by number', () => {
    expect(toJson(decodeEnvelope(bytes('0a051809 a00607 2005')))).to.deep.equal({
      message: { tag: 9, unknownFields: [{ no: 100, wireType: 0, bytes: 'hex:07' }] },
      unknownFields: [{ no: 4, wireType: 0, bytes: 'hex:05' }],
    });
  });

  it('tells text from hex, and hex from base64', () => {
    const channel = (value: Uint8Array): unknown =>
      messageToJson(gossipMessage({ channel: value }))['channel'];
    expect(channel(text('mychannel'))).to.equal('mychannel');
    expect(channel(text('hex:00'))).to.equal('hex:6865783a3030');
    expect(channel(text('b64:00'))).to.equal('hex:6236343a3030');
    expect(channel(text('a\n'))).to.equal('hex:610a');
    expect(channel(text('a'.repeat(65)))).to.equal(`hex:${'61'.repeat(65)}`);
    expect(channel(new Uint8Array(129))).to.equal(`b64:${Buffer.alloc(129).toString('base64')}`);
  });

  it('shows private data', () => {
    const message = gossipMessage({
      content: { kind: 'privateReq', value: { digests: [{ txId: 't', blockSeq: 2n ** 64n - 1n }] } },
    });
    expect(messageToJson(decodeMessage(encodeMessage(message)))).to.deep.equal({
      privateReq: { digests: [{ txId: 't', blockSeq: '18446744073709551615' }] },
    });
  });
});
