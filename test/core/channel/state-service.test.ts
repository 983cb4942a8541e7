import { expect } from 'chai';
import type { Opened } from '../../../src/core';
import { Tag } from '../../../src/wire';
import {
  ChannelBench,
  bytesOf,
  channelMessage,
  payloadsOf,
  type ChannelBenchOptions,
  type MessageChange,
} from '../support/channel-bench';
import type { BenchStream } from '../support/machine-bench';
import { Remote } from '../support/remote';

const request = (start: bigint, end: bigint, change: MessageChange = {}): Opened =>
  channelMessage(
    { kind: 'stateRequest', value: { startSeqNum: start, endSeqNum: end } },
    { nonce: 5n, ...change },
  );

describe('state transfer, as responder', () => {
  let bench: ChannelBench;
  let stream: BenchStream;
  beforeEach(() => {
    start({ height: 30 });
  });
  function start(options: ChannelBenchOptions): void {
    bench = new ChannelBench(options);
    stream = bench.connect(new Remote('Org2MSP', 'op'));
    bench.takeRejections();
  }
  /** Numbers of the blocks that a request brings; undefined: silence. */
  function served(message: Opened): number[] | undefined {
    stream.send(message);
    bench.clock.advance(1);
    const [answer] = stream.take();
    return answer?.message.content?.kind === 'stateResponse'
      ? answer.message.content.value.payloads.map(({ seqNum }) => Number(seqNum))
      : undefined;
  }

  it('STATE-02, STATE-05: serves a foreign peer of the channel, without state info or alive, on its stream', () => {
    stream.send(request(2n, 4n));
    bench.clock.advance(1);
    const { content, envelope, message } = stream.takeOnly('stateResponse');
    expect(message).to.deep.include({ tag: Tag.CHAN_OR_ORG, nonce: 5n, channel: bytesOf('ch') });
    expect(envelope.signature).to.have.length(0);
    expect(content.value.payloads).to.deep.equal(payloadsOf(2n, 4n));
  });

  it('STATE-04, BAD-82: up to eleven blocks; silence for more, and for a range upside down', () => {
    expect(served(request(0n, 10n))).to.have.length(11);
    expect(served(request(0n, 11n))).to.equal(undefined);
    expect(served(request(5n, 1n))).to.equal(undefined);
    expect(bench.takeRejections()).to.deep.equal(['bad-state-range', 'bad-state-range']);
  });

  it('an absurd range is refused with a reason, and one at the end of all numbers is empty', () => {
    const last = 2n ** 64n - 1n;
    expect(served(request(0n, last))).to.equal(undefined);
    expect(served(request(0n, 1_000_000n))).to.equal(undefined);
    expect(bench.takeRejections()).to.deep.equal(['bad-state-range', 'bad-state-range']);
    expect(served(request(last - 5n, last))).to.deep.equal([]);
  });

  it('STATE-05, BAD-83: what it does not have is left out', () => {
    expect(served(request(27n, 35n))).to.deep.equal([27, 28, 29]);
    expect(served(request(100n, 105n))).to.deep.equal([]);
  });

  it('TAG-03, STATE-03: whatever the tag, but for the channel only', () => {
    for (let tag = 0; tag <= 6; tag++) {
      expect(served(request(1n, 1n, { tag }))).to.deep.equal([1]);
    }
    expect(served(request(1n, 1n, { channel: 'other' }))).to.equal(undefined);
  });

  it('STATE-02: silence for an organisation that is not in the channel, and for one who is no reader', () => {
    const third = bench.connect(new Remote('Org3MSP', 'third'));
    third.send(request(1n, 1n));
    bench.configure({ isReader: ({ mspId }) => mspId === 'Org1MSP' });
    expect(served(request(1n, 1n))).to.equal(undefined);
    expect(third.take()).to.deep.equal([]);
    expect(bench.takeRejections()).to.deep.equal(['not-a-reader', 'not-a-reader']);
  });

  it('STATE-08, BAD-85: beyond a hundred that wait, requests are dropped', () => {
    for (let i = 0; i < 150; i++) stream.send(request(1n, 1n));
    bench.clock.advance(1);
    expect(stream.takeKinds()).to.have.length(100);
    expect(bench.takeRejections()).to.deep.equal(Array(50).fill('too-many-state-requests'));
    expect(served(request(1n, 1n))).to.deep.equal([1]);
  });

  it('an answer holds no more than a message can', () => {
    const large = new Uint8Array(40_000_000);
    bench.ledger.blocks.fill(large);
    expect(served(request(1n, 9n))).to.deep.equal([1, 2]);
  });
});
