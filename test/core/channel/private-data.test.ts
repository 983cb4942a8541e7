import { expect } from 'chai';
import type { Opened } from '../../../src/core';
import type { PeerIdentity } from '../../../src/ports/identity';
import type { PrivateDataStore, PrivateDigest, PrivateWrite } from '../../../src/ports/private-data';
import { Tag, type PrivatePayload, type PvtDataDigest } from '../../../src/wire';
import { ChannelBench, bytesOf, channelMessage, type ChannelBenchOptions } from '../support/channel-bench';
import type { BenchStream } from '../support/machine-bench';
import { Remote } from '../support/remote';

const write: PrivatePayload = {
  collectionName: 'collection',
  namespace: 'cc',
  txId: 'tx1',
  privateRwset: Uint8Array.of(1),
  privateSimHeight: 5n,
  collectionConfigs: Uint8Array.of(2),
};
const digest: PvtDataDigest = {
  txId: 'tx1',
  namespace: 'cc',
  collection: 'collection',
  blockSeq: 3n,
  seqInBlock: 1n,
};

/** Gives what it was pushed to Org1MSP. */
class Store implements PrivateDataStore {
  readonly kept: PrivateWrite[] = [];
  failure: string | undefined;

  keep(item: PrivateWrite): string | undefined {
    if (this.failure === undefined) this.kept.push(item);
    return this.failure;
  }

  find({ txId }: PrivateDigest, { mspId }: PeerIdentity): Uint8Array[] {
    return this.kept
      .filter((item) => item.txId === txId && mspId === 'Org1MSP')
      .map(({ privateRwset }) => privateRwset);
  }
}

const push = (payload: PrivatePayload | undefined, tag: number = Tag.CHAN_ONLY, channel = 'ch'): Opened =>
  channelMessage({ kind: 'privateData', value: { payload } }, { nonce: 77n, tag, channel });
const request = (digests: readonly PvtDataDigest[], tag: number = Tag.CHAN_ONLY, channel = 'ch'): Opened =>
  channelMessage({ kind: 'privateReq', value: { digests } }, { nonce: 78n, tag, channel });

describe('private data', () => {
  let bench: ChannelBench;
  let store: Store;
  let stream: BenchStream;
  beforeEach(() => {
    start();
  });

  function start(channel: ChannelBenchOptions['channel'] = {}, mspId = 'Org1MSP'): void {
    store = new Store();
    bench = new ChannelBench({ channel: { privateData: store, ...channel } });
    stream = bench.connect(new Remote(mspId, 'op'));
    bench.takeRejections();
  }

  it('PVT-02, ACK-01: a push is kept and acknowledged: its nonce, no tag, no channel, unsigned', () => {
    stream.send(push(write));
    const { content, envelope, message } = stream.takeOnly('ack');
    expect(content.value.error).to.equal('');
    expect(message).to.include({ nonce: 77n, tag: Tag.UNDEFINED });
    expect(message.channel).to.have.length(0);
    expect(envelope.signature).to.have.length(0);
    expect(store.kept).to.deep.equal([write]);
  });

  it('PVT-03: one acknowledgement with an error text if it cannot be kept', () => {
    store.failure = 'full';
    stream.send(push(write));
    expect(stream.takeOnly('ack').content.value.error).to.equal('full');
    start({ privateData: undefined });
    stream.send(push(write));
    expect(stream.takeOnly('ack').content.value.error).to.not.equal('');
    expect(bench.takeRejections()).to.deep.equal(['private-data-not-kept']);
  });

  it('PVT-04, BAD-87: none without payload or write set, nor for one who is no reader', () => {
    stream.send(push(undefined), push({ ...write, privateRwset: new Uint8Array() }));
    expect(stream.take()).to.deep.equal([]);
    start({}, 'Org3MSP');
    stream.send(push(write));
    expect(stream.take()).to.deep.equal([]);
    expect(bench.takeRejections()).to.deep.equal(['not-a-reader']);
  });

  it('TAG-03, PVT-04: the tag does not matter, the channel does', () => {
    for (let tag = 0; tag <= 6; tag++) stream.send(push(write, tag));
    expect(stream.take()).to.have.length(7);
    stream.send(push(write, Tag.CHAN_ONLY, 'other'));
    expect(stream.take()).to.deep.equal([]);
  });

  it('PVT-06: a request is always answered, if only with nothing', () => {
    stream.send(request([]), request([digest], Tag.EMPTY));
    const answers = stream.take();
    expect(answers).to.have.length(2);
    for (const { envelope, message } of answers) {
      expect(message).to.deep.include({ nonce: 78n, tag: Tag.CHAN_ONLY, channel: bytesOf('ch') });
      expect(message.content).to.deep.equal({ kind: 'privateRes', value: { elements: [] } });
      expect(envelope.signature).to.have.length(0);
    }
  });

  it('PVT-06, BAD-88: but not on another channel', () => {
    stream.send(request([], Tag.CHAN_ONLY, 'other'));
    expect(stream.take()).to.deep.equal([]);
  });

  it('PVT-07, PVT-08: elements repeat the digest, for those who may read', () => {
    stream.send(push(write));
    stream.take();
    stream.send(request([digest, { ...digest, txId: 'tx2' }]));
    expect(stream.takeOnly('privateRes').content.value.elements).to.deep.equal([
      { digest, payload: [Uint8Array.of(1)] },
    ]);
    const foreign = bench.connect(new Remote('Org2MSP', 'two'));
    foreign.send(request([digest]));
    expect(foreign.takeOnly('privateRes').content.value.elements).to.deep.equal([]);
  });

  it('ACK-02, BAD-49, BAD-89: acknowledgements and answers that nobody awaits vanish', () => {
    stream.send(
      channelMessage({ kind: 'ack', value: { error: '' } }, { tag: Tag.UNDEFINED, channel: '' }),
      channelMessage({ kind: 'privateRes', value: { elements: [{ digest: undefined, payload: [] }] } }),
    );
    expect(stream.take()).to.deep.equal([]);
    expect(stream.ending).to.equal(undefined);
    expect(bench.takeRejections()).to.deep.equal(['unasked-ack', 'unasked-private-response']);
  });
});
