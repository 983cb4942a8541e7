import { expect } from 'chai';
import { StatusCode } from '../../src/ports/transport';
import { TransportError } from '../../src/transport/transport-error';
import { A, B, C, MemoryBench, sendNumbers } from './memory-bench';
import { bytes, dialed, pinged, Recorder, refused } from './recorder';

describe('memory transport', () => {
  let bench: MemoryBench;

  beforeEach(async () => {
    bench = await MemoryBench.start();
  });

  describe('delivery', () => {
    it('copies the bytes', async () => {
      const { stream, far } = await bench.open();
      const envelope = bytes('before');
      stream.send(envelope);
      envelope.fill(0);
      bench.clock.advance(10);
      expect(far.texts).to.deep.equal(['before']);
    });

    it('takes the latency, each way', async () => {
      const { stream, far } = await bench.open();
      bench.network.setLink(A, B, { latencyMs: { min: 20, max: 20 } });
      stream.send(bytes('slow'));
      bench.clock.advance(19);
      expect(far.envelopes).to.have.length(0);
      bench.clock.advance(1);
      expect(far.envelopes).to.have.length(1);
    });

    it('keeps the order although each message has a latency of its own', async () => {
      bench = await MemoryBench.start({ faults: { latencyMs: { min: 0.3, max: 40.7 } } });
      const { stream, far } = await bench.open();
      const texts: string[] = [];
      for (let round = 0; round < 20; round++) {
        texts.push(...sendNumbers(stream, 5));
        bench.clock.advance(0.7);
      }
      bench.clock.advance(100);
      expect(far.texts).to.deep.equal(texts);
    });

    it('answers Ping after a round trip', async () => {
      const connection = await bench.connect();
      bench.network.setFaults({ latencyMs: { min: 10, max: 10 } });
      const answer = pinged(connection);
      const before = bench.clock.now();
      expect(await bench.settle(answer)).to.equal(undefined);
      expect(bench.clock.now() - before).to.be.within(20, 21);
    });
  });

  describe('kill', () => {
    it('breaks the connections that it dialled and those that it accepted', async () => {
      const outbound = await bench.open();
      bench.network.kill(A);
      bench.clock.advance(10);
      expect(outbound.far.endings.map(({ code }) => code)).to.deep.equal([StatusCode.CANCELLED]);

      bench.a = bench.network.join(A);
      const accepted = await bench.open();
      const ping = pinged(accepted.connection);
      bench.network.kill(B);
      expect((await bench.settle(ping))?.code).to.equal(StatusCode.UNAVAILABLE);
      expect(accepted.near.endings.map(({ code }) => code)).to.deep.equal([StatusCode.UNAVAILABLE]);
      expect((await bench.settle(refused(bench.a, B))).details).to.contain('connection refused');
      expect(bench.clock.pending).to.equal(0);
    });

    it('leaves the dead node without any callback', async () => {
      const { connection, near, stream } = await bench.open();
      const calls: unknown[] = [];
      connection.ping(1_000, (failure) => calls.push(failure));
      bench.a.dial(B, 1_000, (result) => calls.push(result));
      bench.network.kill(A);
      expect(stream.send(bytes('late'))).to.equal(false);
      connection.ping(1_000, (failure) => calls.push(failure));
      const late = new Recorder();
      connection.open(late);
      connection.close();
      bench.a.dial(B, 1_000, (result) => calls.push(result));
      bench.clock.advance(10_000);
      expect([...calls, ...late.endings]).to.deep.equal([]);
      expect(near.endings).to.deep.equal([]);
      expect(bench.clock.pending).to.equal(0);
    });

    it('delivers what the dead node had sent before', async () => {
      const { stream, far } = await bench.open();
      stream.send(bytes('last words'));
      bench.network.kill(A);
      bench.clock.advance(10);
      expect(far.texts).to.deep.equal(['last words']);
    });

    it('lets the endpoint join again', async () => {
      bench.network.kill(B);
      bench.b = bench.network.join(B);
      await bench.b.listen(() => new Recorder());
      expect(await bench.settle(pinged(await bench.connect()))).to.equal(undefined);
    });
  });

  describe('TLS', () => {
    const tls = { serverCertificate: bytes('server'), clientCertificate: undefined };

    it('refuses a dial between a side with and one without (TLS-01)', async () => {
      const c = bench.network.join(C, tls);
      expect((await bench.settle(refused(c, B))).details).to.contain('TLS');
    });

    it('shows no certificate where there is none', async () => {
      const c = bench.network.join(C, tls);
      await c.listen((stream) => {
        expect(stream.binding.remoteCertificate).to.equal(undefined);
        return new Recorder();
      });
      const connection = await bench.settle(dialed(c, C));
      expect(connection.binding).to.deep.equal({
        tls: true,
        localCertificate: undefined,
        remoteCertificate: bytes('server'),
      });
      connection.open(new Recorder());
      bench.clock.advance(10);
    });
  });

  it('refuses a second node, or a second listener, at one endpoint', async () => {
    expect(() => bench.network.join(A)).to.throw(TransportError, 'joined already');
    const second = await bench.b.listen(() => new Recorder()).catch((error: unknown) => error);
    expect(second).to.be.instanceOf(TransportError).with.property('code', 'ADDRESS_IN_USE');
  });
});
