import { expect } from 'chai';
import {
  type Connection,
  type GossipStream,
  type Listener,
  StatusCode,
  type StreamAcceptor,
  type Transport,
} from '../../src/ports/transport';
import type { StreamLimits } from '../../src/transport';
import { bytes, dialed, pinged, Recorder, refused } from './recorder';

/** Two peers of one transport, for one test. */
export interface Bench {
  readonly server: Transport;
  readonly client: Transport;
  /** Awaits, and lets time pass where it does not by itself. */
  settle<T>(promise: Promise<T>): Promise<T>;
  /** Closes what the transports themselves hold. */
  close(): Promise<void>;
}

export const CONTRACT_LIMITS: StreamLimits = {
  maxRecvMsgSizeBytes: 50_000,
  maxSendMsgSizeBytes: 60_000,
  sendBuffSize: 1_000,
};

/** What the Transport port promises, of whatever implements it with {@link CONTRACT_LIMITS}. */
export function describeTransport(name: string, createBench: () => Promise<Bench>): void {
  describe(`Transport port: ${name}`, () => {
    let bench: Bench;
    let listener: Listener;
    let accepted: { readonly stream: GossipStream; readonly events: Recorder }[];
    let connections: Connection[];

    const accept: StreamAcceptor = (stream) => {
      const events = new Recorder();
      accepted.push({ stream, events });
      // Tells the test that it is here.
      stream.send(bytes('accepted'));
      return events;
    };

    const connect = async (): Promise<Connection> => {
      const connection = await bench.settle(dialed(bench.client, listener.address));
      connections.push(connection);
      return connection;
    };

    const open = async (deadlineMs?: number) => {
      const connection = await connect();
      const near = new Recorder();
      const stream = connection.open(near, deadlineMs);
      await bench.settle(near.received(1));
      const far = accepted.at(-1);
      if (far === undefined) {
        throw new Error('no stream was accepted');
      }
      return { connection, stream, near, farStream: far.stream, far: far.events };
    };

    beforeEach(async () => {
      accepted = [];
      connections = [];
      bench = await createBench();
      listener = await bench.settle(bench.server.listen(accept));
    });

    afterEach(async () => {
      for (const connection of connections) {
        connection.close();
      }
      await bench.settle(listener.close());
      await bench.close();
    });

    it('answers Ping without a stream', async () => {
      expect(await bench.settle(pinged(await connect()))).to.equal(undefined);
    });

    it('carries bytes both ways, as they are', async () => {
      const { stream, near, farStream, far } = await open();
      const all = Uint8Array.from({ length: 256 }, (_, value) => value);
      expect(stream.send(all)).to.equal(true);
      expect(stream.send(new Uint8Array())).to.equal(true);
      await bench.settle(far.received(2));
      expect(far.envelopes).to.deep.equal([all, new Uint8Array()]);
      farStream.send(all);
      await bench.settle(near.received(2));
      expect(near.envelopes[1]).to.deep.equal(all);
    });

    it('tells each side its role and the other side its address', async () => {
      const { stream, farStream } = await open();
      expect([stream.role, farStream.role]).to.deep.equal(['initiator', 'responder']);
      expect(stream.remoteAddress).to.equal(listener.address);
      expect(farStream.remoteAddress).to.not.equal(listener.address);
    });

    it('shows both sides the same two certificates', async () => {
      const { connection, stream, farStream } = await open();
      expect(stream.binding).to.deep.equal(connection.binding);
      expect(farStream.binding.remoteCertificate).to.deep.equal(stream.binding.localCertificate);
      expect(farStream.binding.localCertificate).to.deep.equal(stream.binding.remoteCertificate);
      expect(farStream.binding.tls).to.equal(stream.binding.tls);
    });

    it('keeps the order of 1,000 messages each way', async () => {
      const { stream, near, farStream, far } = await open();
      const texts = Array.from({ length: 1_000 }, (_, index) => `message ${index}`);
      for (const text of texts) {
        expect(stream.send(bytes(text))).to.equal(true);
        expect(farStream.send(bytes(text))).to.equal(true);
      }
      await bench.settle(Promise.all([far.received(1_000), near.received(1_001)]));
      expect(far.texts).to.deep.equal(texts);
      expect(near.texts.slice(1)).to.deep.equal(texts);
    });

    it('ends with the status of the responder, after all that it sent', async () => {
      const { near, farStream, far } = await open();
      for (let index = 0; index < 500; index++) {
        farStream.send(bytes(`message ${index}`));
      }
      farStream.end({ code: StatusCode.UNKNOWN, details: 'wrong hash' });
      expect(await bench.settle(near.ended)).to.deep.equal({
        code: StatusCode.UNKNOWN,
        details: 'wrong hash',
      });
      expect(near.envelopes).to.have.length(501);
      expect((await bench.settle(far.ended)).code).to.equal(StatusCode.UNKNOWN);
    });

    it('ends with OK when the responder gives no status', async () => {
      const { near, farStream, far } = await open();
      farStream.end();
      expect((await bench.settle(near.ended)).code).to.equal(StatusCode.OK);
      expect((await bench.settle(far.ended)).code).to.equal(StatusCode.OK);
    });

    it('cancels when the initiator ends, whatever is passed', async () => {
      const { stream, near, far } = await open();
      stream.end({ code: StatusCode.INTERNAL, details: 'not told' });
      expect((await bench.settle(near.ended)).code).to.equal(StatusCode.CANCELLED);
      expect((await bench.settle(far.ended)).code).to.equal(StatusCode.CANCELLED);
    });

    it('ends the stream when the connection closes', async () => {
      const { connection, near, far } = await open();
      connection.close();
      connection.close();
      expect((await bench.settle(near.ended)).code).to.equal(StatusCode.CANCELLED);
      expect((await bench.settle(far.ended)).code).to.equal(StatusCode.CANCELLED);
    });

    it('tells an end once, and after it every method is a no-op', async () => {
      const { stream, near, farStream, far } = await open();
      farStream.end();
      await bench.settle(Promise.all([near.ended, far.ended]));
      for (const ended of [stream, farStream]) {
        expect(ended.send(bytes('late'))).to.equal(false);
        ended.end({ code: StatusCode.INTERNAL, details: 'late' });
      }
      expect(await bench.settle(pinged(await connect()))).to.equal(undefined);
      expect(near.endings).to.have.length(1);
      expect(far.endings).to.have.length(1);
      expect([near.envelopes.length, far.envelopes.length]).to.deep.equal([1, 0]);
    });

    it('makes no callback from inside the call that causes it', async () => {
      const { connection, stream, near } = await open();
      stream.end();
      expect(near.endings).to.have.length(0);
      const outcomes: unknown[] = [];
      connection.ping(1_000, (failure) => outcomes.push(failure));
      connection.close();
      connection.ping(1_000, (failure) => outcomes.push(failure));
      const late = new Recorder();
      connection.open(late);
      bench.client.dial('not an endpoint', 50, (result) => outcomes.push(result));
      expect(outcomes).to.have.length(0);
      expect(late.endings).to.have.length(0);
      expect((await bench.settle(late.ended)).code).to.equal(StatusCode.UNAVAILABLE);
      await bench.settle(near.ended);
    });

    it('fails Ping and streams on a closed connection', async () => {
      const connection = await connect();
      connection.close();
      expect((await bench.settle(pinged(connection)))?.code).to.equal(StatusCode.UNAVAILABLE);
      const near = new Recorder();
      expect(connection.open(near).send(bytes('late'))).to.equal(true);
      expect((await bench.settle(near.ended)).code).to.equal(StatusCode.UNAVAILABLE);
    });

    it('drops what does not fit into the queue, and says so', async () => {
      const { stream, far } = await open();
      const sent = Array.from({ length: 1_010 }, (_, index) => stream.send(bytes(`${index}`)));
      expect(sent.filter((fitted) => fitted)).to.have.length(1_000);
      expect(sent.lastIndexOf(true)).to.equal(999);
      await bench.settle(far.received(1_000));
      expect(stream.send(bytes('room again'))).to.equal(true);
      await bench.settle(far.received(1_001));
      expect(far.texts.at(-1)).to.equal('room again');
    });

    it('ends with RESOURCE_EXHAUSTED when a message is too long to send', async () => {
      const { near, farStream, far } = await open();
      expect(farStream.send(new Uint8Array(60_001))).to.equal(false);
      expect((await bench.settle(far.ended)).code).to.equal(StatusCode.RESOURCE_EXHAUSTED);
      expect((await bench.settle(near.ended)).code).to.equal(StatusCode.RESOURCE_EXHAUSTED);
    });

    it('ends with RESOURCE_EXHAUSTED when a responder gets a message that is too long', async () => {
      const { stream, near, far } = await open();
      stream.send(new Uint8Array(50_000));
      stream.send(new Uint8Array(50_001));
      expect((await bench.settle(near.ended)).code).to.equal(StatusCode.RESOURCE_EXHAUSTED);
      await bench.settle(far.ended);
      expect(far.envelopes.map(({ byteLength }) => byteLength)).to.deep.equal([50_000]);
    });

    it('ends with RESOURCE_EXHAUSTED when an initiator gets a message that is too long', async () => {
      const { near, farStream, far } = await open();
      farStream.send(new Uint8Array(50_001));
      expect((await bench.settle(near.ended)).code).to.equal(StatusCode.RESOURCE_EXHAUSTED);
      expect((await bench.settle(far.ended)).code).to.equal(StatusCode.CANCELLED);
    });

    it('ends with DEADLINE_EXCEEDED at the deadline of the stream', async () => {
      const { near, far } = await open(200);
      expect((await bench.settle(near.ended)).code).to.equal(StatusCode.DEADLINE_EXCEEDED);
      await bench.settle(far.ended);
    });

    it('refuses a dial where nobody listens', async () => {
      await bench.settle(listener.close());
      const failure = await bench.settle(refused(bench.client, listener.address));
      expect(failure.code).to.equal(StatusCode.UNAVAILABLE);
      expect(failure.details).to.contain(listener.address).and.to.contain('connection refused');
    });

    it('does not call back a dial that was cancelled', async () => {
      let calls = 0;
      const dialling = bench.client.dial(listener.address, 1_000, () => calls++);
      dialling.cancel();
      dialling.cancel();
      await connect();
      expect(calls).to.equal(0);
    });

    it('ends its streams with UNAVAILABLE when the listener closes', async () => {
      const { near, far } = await open();
      const closed = Promise.all([listener.close(), listener.close()]);
      expect((await bench.settle(near.ended)).code).to.equal(StatusCode.UNAVAILABLE);
      expect((await bench.settle(far.ended)).code).to.equal(StatusCode.UNAVAILABLE);
      await bench.settle(closed);
    });
  });
}
