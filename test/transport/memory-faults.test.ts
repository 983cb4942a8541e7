import { expect } from 'chai';
import { StatusCode } from '../../src/ports/transport';
import type { LinkFaults } from '../../src/transport/memory';
import { A, B, C, MemoryBench, sendNumbers } from './memory-bench';
import { bytes, pinged, refused } from './recorder';

describe('memory transport: what goes wrong on the way', () => {
  let bench: MemoryBench;

  beforeEach(async () => {
    bench = await MemoryBench.start();
  });

  describe('faults', () => {
    const receivedUnder = async (faults: Partial<LinkFaults>, seed = 1): Promise<string[]> => {
      bench = await MemoryBench.start({ faults }, seed);
      const { stream, far } = await bench.open();
      sendNumbers(stream, 200);
      bench.clock.advance(1_000);
      return far.texts;
    };
    const inOrder = (texts: readonly string[]) =>
      [...texts].sort((one, other) => Number(one) - Number(other));

    it('loses some', async () => {
      const texts = await receivedUnder({ lossRate: 0.3 });
      expect(texts.length).to.be.within(100, 170);
      expect(texts).to.deep.equal(inOrder(texts));
    });

    it('loses all, and still makes room in the queue', async () => {
      bench = await MemoryBench.start({ faults: { lossRate: 1 } });
      const { stream, far } = await bench.open();
      sendNumbers(stream, 1_000);
      bench.clock.advance(10);
      expect(stream.send(bytes('lost too'))).to.equal(true);
      bench.clock.advance(10);
      expect(far.envelopes).to.have.length(0);
    });

    it('doubles some', async () => {
      const texts = await receivedUnder({ duplicateRate: 0.3 });
      expect(new Set(texts)).to.have.property('size', 200);
      expect(texts.length).to.be.within(230, 290);
    });

    it('reorders some, and loses none by it', async () => {
      const texts = await receivedUnder({ reorderRate: 0.3, latencyMs: { min: 1, max: 5 } });
      expect(texts).to.not.deep.equal(inOrder(texts));
      expect(new Set(texts)).to.have.property('size', 200);
    });

    it('repeats a run with the same seed, and not with another', async () => {
      const faults = { lossRate: 0.1, duplicateRate: 0.1, reorderRate: 0.1, latencyMs: { min: 1, max: 30 } };
      const first = await receivedUnder(faults, 5);
      expect(await receivedUnder(faults, 5)).to.deep.equal(first);
      expect(await receivedUnder(faults, 6)).to.not.deep.equal(first);
    });

    it('spares dials, Pings and endings', async () => {
      bench = await MemoryBench.start({ faults: { lossRate: 1, duplicateRate: 1, reorderRate: 1 } });
      const { connection, stream, near, far } = await bench.open();
      expect(await bench.settle(pinged(connection))).to.equal(undefined);
      stream.end();
      expect((await bench.settle(far.ended)).code).to.equal(StatusCode.CANCELLED);
      expect(near.endings).to.have.length(1);
    });
  });

  describe('partition', () => {
    it('holds back what is sent over the cut, and delivers it in order when that heals', async () => {
      const { stream, far } = await bench.open();
      stream.send(bytes('under way'));
      bench.network.partition([[A], [B]]);
      stream.send(bytes('sent'));
      bench.clock.advance(5_000);
      stream.send(bytes('sent later'));
      bench.clock.advance(5_000);
      expect(far.texts).to.deep.equal([]);
      bench.network.heal();
      stream.send(bytes('after'));
      bench.clock.advance(10);
      expect(far.texts).to.deep.equal(['under way', 'sent', 'sent later', 'after']);
    });

    it('fills the queue over the cut', async () => {
      const { stream } = await bench.open();
      bench.network.partition([[A], [B]]);
      sendNumbers(stream, 200);
      bench.clock.advance(1_000);
      expect(stream.send(bytes('too much'))).to.equal(false);
    });

    it('cuts only between its groups', async () => {
      bench.network.join(C);
      bench.network.partition([[A], [C]]);
      expect(await bench.settle(pinged(await bench.connect()))).to.equal(undefined);
      bench.network.partition([[A], [B, C]]);
      const failure = await bench.settle(refused(bench.a, B, 3_000));
      expect(failure.code).to.equal(StatusCode.DEADLINE_EXCEEDED);
      bench.network.partition([[A, B], [C]]);
      expect(await bench.settle(pinged(await bench.connect()))).to.equal(undefined);
    });

    it('lets Pings and dials time out', async () => {
      const connection = await bench.connect();
      bench.network.partition([[A], [B]]);
      expect((await bench.settle(pinged(connection, 500)))?.code).to.equal(StatusCode.DEADLINE_EXCEEDED);
      expect((await bench.settle(refused(bench.a, B, 500))).code).to.equal(StatusCode.DEADLINE_EXCEEDED);
    });

    it('breaks connections when keepalive would notice (RPC-06)', async () => {
      const { near, far } = await bench.open();
      bench.network.partition([[A], [B]]);
      bench.clock.advance(79_000);
      expect([...near.endings, ...far.endings]).to.deep.equal([]);
      bench.clock.advance(2_000);
      expect(near.endings.map(({ code }) => code)).to.deep.equal([StatusCode.UNAVAILABLE]);
      expect(far.endings.map(({ code }) => code)).to.deep.equal([StatusCode.CANCELLED]);
      expect(bench.clock.pending).to.equal(0);
    });

    it('breaks nothing when it heals before', async () => {
      const { stream, near, far } = await bench.open();
      bench.network.partition([[A], [B]]);
      bench.clock.advance(79_000);
      bench.network.heal();
      bench.clock.advance(100_000);
      stream.send(bytes('still here'));
      bench.clock.advance(10);
      expect(far.texts).to.deep.equal(['still here']);
      expect(near.endings).to.deep.equal([]);
    });
  });
});
