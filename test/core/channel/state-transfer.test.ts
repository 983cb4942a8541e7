import { expect } from 'chai';
import type { Opened } from '../../../src/core';
import { Tag, type Payload, type RemoteStateRequest } from '../../../src/wire';
import {
  ChannelBench,
  blockOf,
  bytesOf,
  channelMessage,
  dataMessage,
  forged,
  payloadOf,
  payloadsOf,
  stateInfoOf,
  type ChannelBenchOptions,
} from '../support/channel-bench';
import type { BenchStream } from '../support/machine-bench';
import { Remote } from '../support/remote';

const response = (nonce: bigint, payloads: readonly Payload[]): Opened =>
  channelMessage({ kind: 'stateResponse', value: { payloads } }, { nonce });

describe('state transfer, as initiator', () => {
  let bench: ChannelBench;
  let op: Remote;
  let stream: BenchStream;
  beforeEach(() => {
    start({ height: 6 });
  });
  function start({ settings, ...options }: ChannelBenchOptions): void {
    bench = new ChannelBench({ settings: { stateEnabled: true, ...settings }, ...options });
    op = new Remote('Org1MSP', 'op');
    stream = tall(op, 31n);
  }
  /** A member of the channel that says it has so many blocks. */
  const tall = (remote: Remote, height: bigint): BenchStream => bench.onChannel(remote, { height });
  const requestsOn = (each: BenchStream): (RemoteStateRequest & { nonce: bigint })[] =>
    each
      .take()
      .flatMap(({ message: { content, nonce } }) =>
        content?.kind === 'stateRequest' ? [{ ...content.value, nonce }] : [],
      );
  /** The one request on a stream. */
  function asked(each = stream): RemoteStateRequest & { nonce: bigint } {
    const [only, ...more] = requestsOn(each);
    if (only === undefined || more.length > 0) throw new Error(`${more.length} more requests`);
    return only;
  }
  const wait = (ms: number): void => {
    bench.clock.advance(ms);
  };

  it('STATE-01, STATE-09: asks for what is missing, both ends inclusive, eleven at most', () => {
    wait(9950);
    expect(requestsOn(stream)).to.deep.equal([]);
    wait(20);
    const sent = stream.take().filter(({ message }) => message.content?.kind === 'stateRequest');
    expect(sent).to.have.length(1);
    expect(sent[0]?.message).to.deep.include({ tag: Tag.CHAN_OR_ORG, channel: bytesOf('ch') });
    expect(sent[0]?.message.nonce).to.not.equal(0n);
    expect(sent[0]?.envelope.signature).to.have.length(0);
    expect(sent[0]?.message.content?.value).to.deep.include({ startSeqNum: 6n, endSeqNum: 16n });
  });

  it('STATE-09: only if state transfer is enabled', () => {
    start({ height: 6, settings: { stateEnabled: false } });
    wait(20_000);
    expect(requestsOn(stream)).to.deep.equal([]);
  });

  it('STATE-13: goes on range by range to the end, and commits in order', () => {
    wait(10_000);
    const ranges: [bigint, bigint][] = [];
    for (let { nonce, startSeqNum, endSeqNum } = asked(); ; { nonce, startSeqNum, endSeqNum } = asked()) {
      ranges.push([startSeqNum, endSeqNum]);
      stream.send(response(nonce, payloadsOf(startSeqNum, endSeqNum).reverse()));
      if (endSeqNum === 30n) break;
    }
    expect(ranges).to.deep.equal([
      [6n, 16n],
      [17n, 27n],
      [28n, 30n],
    ]);
    expect(bench.ledger.blocks).to.deep.equal(payloadsOf(0n, 30n).map(({ data }) => data));
    wait(9000);
    expect(requestsOn(stream)).to.deep.equal([]);
  });

  it('STATE-13: takes a short answer, and goes on after it', () => {
    wait(10_000);
    stream.send(response(asked().nonce, payloadsOf(6n, 8n)));
    expect(asked()).to.include({ startSeqNum: 9n, endSeqNum: 19n });
  });

  it('STATE-10: asks only members that say they have the range', () => {
    const low = tall(new Remote('Org1MSP', 'low'), 15n);
    const high = tall(new Remote('Org2MSP', 'high'), 16n);
    const counts = [0, 0, 0];
    for (let i = 0; i < 4; i++) {
      wait(i === 0 ? 10_000 : 3000);
      for (const [index, each] of [stream, high, low].entries()) {
        counts[index] = (counts[index] ?? 0) + requestsOn(each).length;
      }
    }
    expect(counts[2]).to.equal(0);
    expect(Math.min(counts[0] ?? 0, counts[1] ?? 0)).to.be.greaterThan(0);
  });

  it('LEAVE-03: never a member that has left', () => {
    stream.send(stateInfoOf(op, 2n, { height: 31n, leftChannel: true }));
    wait(20_000);
    expect(requestsOn(stream)).to.deep.equal([]);
  });

  it('STATE-11: the same request again every responseTimeout, four in all, then waits for the next check', () => {
    wait(9960);
    const first = asked();
    for (let i = 0; i < 3; i++) {
      wait(2999);
      expect(requestsOn(stream)).to.deep.equal([]);
      wait(1);
      expect(asked()).to.deep.equal(first);
      stream.send(op.alive());
    }
    wait(3000);
    stream.send(op.alive());
    bench.takeRejections();
    wait(9990);
    expect(requestsOn(stream)).to.deep.equal([]);
    wait(20);
    expect(asked().nonce).to.not.equal(first.nonce);
  });

  it('STATE-11: an unanswered request is a rejection with a reason', () => {
    wait(13_000);
    expect(bench.takeRejections()).to.include('state-request-unanswered');
  });

  const useless: Record<string, (nonce: bigint) => Opened> = {
    'that is empty': (nonce) => response(nonce, []),
    'with a forged block': (nonce) => response(nonce, [payloadOf(6n, forged)]),
    'with a block of another number': (nonce) => response(nonce, [payloadOf(6n, blockOf(7n))]),
    'with blocks nobody asked for': (nonce) => response(nonce, payloadsOf(17n, 20n)),
    'without the first block': (nonce) => response(nonce, payloadsOf(7n, 16n)),
  };
  for (const [title, answer] of Object.entries(useless)) {
    it(`STATE-12: a response ${title} uses up a try`, () => {
      wait(10_000);
      for (let i = 0; i < 4; i++) stream.send(answer(asked().nonce));
      expect(requestsOn(stream)).to.deep.equal([]);
      expect(bench.takeRejections().filter((reason) => reason === 'bad-state-response')).to.have.length(4);
      expect(bench.ledger.height()).to.equal(6n);
    });
  }

  it('STATE-12, BAD-84: counts only with its nonce, and while a transfer runs', () => {
    stream.send(response(1n, payloadsOf(6n, 16n)));
    wait(10_000);
    const { nonce } = asked();
    stream.send(response(nonce + 1n, payloadsOf(6n, 16n)));
    expect(bench.ledger.height()).to.equal(6n);
    expect(requestsOn(stream)).to.deep.equal([]);
    stream.send(response(nonce, payloadsOf(6n, 16n)));
    expect(bench.ledger.height()).to.equal(17n);
  });

  it('STATE-02: nothing from one who is no reader', () => {
    wait(10_000);
    const third = bench.connect(new Remote('Org3MSP', 'third'));
    third.send(response(asked().nonce, payloadsOf(6n, 16n)));
    expect(bench.ledger.height()).to.equal(6n);
  });

  it('the good part of a bad response is used', () => {
    wait(10_000);
    stream.send(response(asked().nonce, [payloadOf(6n), payloadOf(7n, forged)]));
    expect(bench.ledger.height()).to.equal(7n);
  });

  it('blocks that come by gossip meanwhile are not asked for again', () => {
    wait(10_000);
    for (let number = 6n; number <= 12n; number++) stream.send(dataMessage(number));
    stream.send(response(asked().nonce, payloadsOf(6n, 16n)));
    expect(bench.ledger.height()).to.equal(17n);
    expect(asked()).to.include({ startSeqNum: 17n, endSeqNum: 27n });
  });

  it('a ledger that fails ends in a pause', () => {
    wait(10_000);
    bench.ledger.append = () => {
      throw new Error('disk full');
    };
    for (let i = 0; i < 4; i++) stream.send(response(asked().nonce, payloadsOf(6n, 16n)));
    expect(requestsOn(stream)).to.deep.equal([]);
  });

  describe('a height that is a lie', () => {
    let liar: Remote;
    let lies: BenchStream;
    beforeEach(() => {
      bench = new ChannelBench({ height: 6, settings: { stateEnabled: true } });
      op = new Remote('Org1MSP', 'op');
      stream = tall(op, 9n);
      liar = new Remote('Org2MSP', 'liar');
      lies = tall(liar, 1_000_000n);
    });

    it('costs four small requests, one reason each, and the honest are asked after all', () => {
      wait(10_000);
      for (let i = 0; i < 4; i++) {
        expect(requestsOn(stream)).to.deep.equal([]);
        lies.send(response(asked(lies).nonce, []));
      }
      expect(bench.takeRejections().filter((reason) => reason === 'bad-state-response')).to.have.length(4);
      const { endSeqNum, nonce, startSeqNum } = asked();
      expect([startSeqNum, endSeqNum]).to.deep.equal([6n, 8n]);
      stream.send(response(nonce, payloadsOf(6n, 8n)));
      expect(bench.ledger.height()).to.equal(9n);
      expect([...requestsOn(stream), ...requestsOn(lies)]).to.deep.equal([]);
    });

    it('of the highest number there is, too', () => {
      lies.send(stateInfoOf(liar, 2n, { height: 2n ** 64n - 1n }));
      wait(10_000);
      expect(asked(lies)).to.include({ startSeqNum: 6n, endSeqNum: 16n });
    });
  });
});
