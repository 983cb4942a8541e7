import { expect } from 'chai';
import { type Connection, StatusCode, type Transport } from '../../src/ports/transport';
import { SeededRandom } from '../../src/ports/seeded-random';
import { VirtualClock } from '../../src/sim/virtual-clock';
import { type LinkFaults, MemoryNetwork, type MemoryNetworkOptions } from '../../src/transport/memory';
import { TransportError } from '../../src/transport/transport-error';
import { bytes, dialed, pinged, Recorder, refused } from './recorder';
import { passTime } from './virtual-time';

const A = 'peer0.org1:7051';
const B = 'peer0.org2:7051';
const C = 'peer1.org2:7051';

describe('memory transport', () => {
  let clock: VirtualClock;
  let network: MemoryNetwork;
  let a: Transport;
  let b: Transport;
  let inbound: Recorder[];

  const create = async (options: Partial<MemoryNetworkOptions> = {}, seed = 1): Promise<void> => {
    clock = new VirtualClock();
    network = new MemoryNetwork({ clock, random: new SeededRandom(seed), ...options });
    a = network.join(A);
    b = network.join(B);
    inbound = [];
    await b.listen(() => {
      const events = new Recorder();
      inbound.push(events);
      return events;
    });
  };

  const settle = <T>(promise: Promise<T>): Promise<T> => passTime(clock, promise);
  const connect = (): Promise<Connection> => settle(dialed(a, B));

  const open = async () => {
    const connection = await connect();
    const near = new Recorder();
    const stream = connection.open(near);
    clock.advance(100);
    const [far] = inbound;
    if (far === undefined) {
      throw new Error('no stream was accepted');
    }
    return { connection, stream, near, far };
  };

  const sendNumbers = (stream: { send(envelope: Uint8Array): boolean }, count: number): string[] => {
    const texts = Array.from({ length: count }, (_, index) => `${index}`);
    for (const text of texts) {
      stream.send(bytes(text));
    }
    return texts;
  };

  beforeEach(() => create());

  describe('delivery', () => {
    it('copies the bytes', async () => {
      const { stream, far } = await open();
      const envelope = bytes('before');
      stream.send(envelope);
      envelope.fill(0);
      clock.advance(10);
      expect(far.texts).to.deep.equal(['before']);
    });

    it('takes the latency, each way', async () => {
      const { stream, far } = await open();
      network.setLink(A, B, { latencyMs: { min: 20, max: 20 } });
      stream.send(bytes('slow'));
      clock.advance(19);
      expect(far.envelopes).to.have.length(0);
      clock.advance(1);
      expect(far.envelopes).to.have.length(1);
    });

    it('keeps the order although each message has a latency of its own', async () => {
      await create({ faults: { latencyMs: { min: 0.3, max: 40.7 } } });
      const { stream, far } = await open();
      const texts: string[] = [];
      for (let round = 0; round < 20; round++) {
        texts.push(...sendNumbers(stream, 5));
        clock.advance(0.7);
      }
      clock.advance(100);
      expect(far.texts).to.deep.equal(texts);
    });

    it('answers Ping after a round trip', async () => {
      const connection = await connect();
      network.setFaults({ latencyMs: { min: 10, max: 10 } });
      const answer = pinged(connection);
      const before = clock.now();
      expect(await settle(answer)).to.equal(undefined);
      expect(clock.now() - before).to.be.within(20, 21);
    });
  });

  describe('faults', () => {
    const receivedUnder = async (faults: Partial<LinkFaults>, seed = 1): Promise<string[]> => {
      await create({ faults }, seed);
      const { stream, far } = await open();
      sendNumbers(stream, 200);
      clock.advance(1_000);
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
      await create({ faults: { lossRate: 1 } });
      const { stream, far } = await open();
      sendNumbers(stream, 1_000);
      clock.advance(10);
      expect(stream.send(bytes('lost too'))).to.equal(true);
      clock.advance(10);
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
      await create({ faults: { lossRate: 1, duplicateRate: 1, reorderRate: 1 } });
      const { connection, stream, near, far } = await open();
      expect(await settle(pinged(connection))).to.equal(undefined);
      stream.end();
      expect((await settle(far.ended)).code).to.equal(StatusCode.CANCELLED);
      expect(near.endings).to.have.length(1);
    });
  });

  describe('partition', () => {
    it('holds back what is sent over the cut, and delivers it in order when that heals', async () => {
      const { stream, far } = await open();
      stream.send(bytes('under way'));
      network.partition([[A], [B]]);
      stream.send(bytes('sent'));
      clock.advance(5_000);
      stream.send(bytes('sent later'));
      clock.advance(5_000);
      expect(far.texts).to.deep.equal([]);
      network.heal();
      stream.send(bytes('after'));
      clock.advance(10);
      expect(far.texts).to.deep.equal(['under way', 'sent', 'sent later', 'after']);
    });

    it('fills the queue over the cut', async () => {
      const { stream } = await open();
      network.partition([[A], [B]]);
      sendNumbers(stream, 200);
      clock.advance(1_000);
      expect(stream.send(bytes('too much'))).to.equal(false);
    });

    it('cuts only between its groups', async () => {
      network.join(C);
      network.partition([[A], [C]]);
      expect(await settle(pinged(await connect()))).to.equal(undefined);
      network.partition([[A], [B, C]]);
      const failure = await settle(refused(a, B, 3_000));
      expect(failure.code).to.equal(StatusCode.DEADLINE_EXCEEDED);
      network.partition([[A, B], [C]]);
      expect(await settle(pinged(await connect()))).to.equal(undefined);
    });

    it('lets Pings and dials time out', async () => {
      const connection = await connect();
      network.partition([[A], [B]]);
      expect((await settle(pinged(connection, 500)))?.code).to.equal(StatusCode.DEADLINE_EXCEEDED);
      expect((await settle(refused(a, B, 500))).code).to.equal(StatusCode.DEADLINE_EXCEEDED);
    });

    it('breaks connections when keepalive would notice (RPC-06)', async () => {
      const { near, far } = await open();
      network.partition([[A], [B]]);
      clock.advance(79_000);
      expect([...near.endings, ...far.endings]).to.deep.equal([]);
      clock.advance(2_000);
      expect(near.endings.map(({ code }) => code)).to.deep.equal([StatusCode.UNAVAILABLE]);
      expect(far.endings.map(({ code }) => code)).to.deep.equal([StatusCode.CANCELLED]);
      expect(clock.pending).to.equal(0);
    });

    it('breaks nothing when it heals before', async () => {
      const { stream, near, far } = await open();
      network.partition([[A], [B]]);
      clock.advance(79_000);
      network.heal();
      clock.advance(100_000);
      stream.send(bytes('still here'));
      clock.advance(10);
      expect(far.texts).to.deep.equal(['still here']);
      expect(near.endings).to.deep.equal([]);
    });
  });

  describe('kill', () => {
    it('breaks the connections that it dialled and those that it accepted', async () => {
      const outbound = await open();
      network.kill(A);
      clock.advance(10);
      expect(outbound.far.endings.map(({ code }) => code)).to.deep.equal([StatusCode.CANCELLED]);

      a = network.join(A);
      const accepted = await open();
      const ping = pinged(accepted.connection);
      network.kill(B);
      expect((await settle(ping))?.code).to.equal(StatusCode.UNAVAILABLE);
      expect(accepted.near.endings.map(({ code }) => code)).to.deep.equal([StatusCode.UNAVAILABLE]);
      expect((await settle(refused(a, B))).details).to.contain('connection refused');
      expect(clock.pending).to.equal(0);
    });

    it('leaves the dead node without any callback', async () => {
      const { connection, near, stream } = await open();
      const calls: unknown[] = [];
      connection.ping(1_000, (failure) => calls.push(failure));
      a.dial(B, 1_000, (result) => calls.push(result));
      network.kill(A);
      expect(stream.send(bytes('late'))).to.equal(false);
      connection.ping(1_000, (failure) => calls.push(failure));
      const late = new Recorder();
      connection.open(late);
      connection.close();
      a.dial(B, 1_000, (result) => calls.push(result));
      clock.advance(10_000);
      expect([...calls, ...late.endings]).to.deep.equal([]);
      expect(near.endings).to.deep.equal([]);
      expect(clock.pending).to.equal(0);
    });

    it('delivers what the dead node had sent before', async () => {
      const { stream, far } = await open();
      stream.send(bytes('last words'));
      network.kill(A);
      clock.advance(10);
      expect(far.texts).to.deep.equal(['last words']);
    });

    it('lets the endpoint join again', async () => {
      network.kill(B);
      b = network.join(B);
      await b.listen(() => new Recorder());
      expect(await settle(pinged(await connect()))).to.equal(undefined);
    });
  });

  describe('TLS', () => {
    const tls = { serverCertificate: bytes('server'), clientCertificate: undefined };

    it('refuses a dial between a side with and one without (TLS-01)', async () => {
      const c = network.join(C, tls);
      expect((await settle(refused(c, B))).details).to.contain('TLS');
    });

    it('shows no certificate where there is none', async () => {
      const c = network.join(C, tls);
      await c.listen((stream) => {
        expect(stream.binding.remoteCertificate).to.equal(undefined);
        return new Recorder();
      });
      const connection = await settle(dialed(c, C));
      expect(connection.binding).to.deep.equal({
        tls: true,
        localCertificate: undefined,
        remoteCertificate: bytes('server'),
      });
      connection.open(new Recorder());
      clock.advance(10);
    });
  });

  it('refuses a second node, or a second listener, at one endpoint', async () => {
    expect(() => network.join(A)).to.throw(TransportError, 'joined already');
    const second = await b.listen(() => new Recorder()).catch((error: unknown) => error);
    expect(second).to.be.instanceOf(TransportError).with.property('code', 'ADDRESS_IN_USE');
  });
});
