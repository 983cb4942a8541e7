import { expect } from 'chai';
import { createServer as createHttp2Server } from 'node:http2';
import { type Ending, StatusCode } from '../../src/ports/transport';
import { PING_PATH } from '../../src/transport';
import { call, expectFailure, GrpcBench } from './grpc-bench';
import { bytes, Recorder } from './recorder';
import { listening } from './relay';

/** More messages than a reader that has stopped reading holds. */
const MANY = 50;

describe('gRPC transport: streams and methods', () => {
  let bench: GrpcBench;

  beforeEach(() => {
    bench = new GrpcBench();
  });

  afterEach(async () => {
    await bench.close();
  });

  describe('streams', () => {
    it('ends with UNKNOWN when the initiator half-closes after an envelope (RPC-10)', async () => {
      await bench.listen();
      const { stream, near, far } = await bench.open();
      stream.send(bytes('conn'));
      stream.halfClose();
      expect((await near.ended).code).to.equal(StatusCode.UNKNOWN);
      expect(await far.ended).to.deep.equal({ code: StatusCode.UNKNOWN, details: 'EOF' });
      expect(far.texts).to.deep.equal(['conn']);
    });

    it('half-closes after what was sent before, and sends nothing any more', async () => {
      await bench.listen();
      const { stream, near, far } = await bench.open();
      stream.send(bytes('conn'));
      stream.halfClose();
      expect(stream.send(bytes('too late'))).to.equal(false);
      expect((await near.ended).code).to.equal(StatusCode.UNKNOWN);
      await far.ended;
      expect(far.texts).to.deep.equal(['conn']);
    });

    it('tells the status that a message of its own has crossed', async () => {
      await bench.listen();
      const { stream, near, far, farStream } = await bench.open();
      // A responder has an initiator's first message before it ends a stream.
      stream.send(bytes('conn'));
      await far.received(1);
      stream.pauseReading();
      for (let i = 0; i < MANY; i++) farStream.send(bytes('unread'));
      farStream.end({ code: StatusCode.OK, details: '' });
      // The unread messages hold the status back.
      while (near.endings.length === 0) {
        stream.send(bytes('crossing'));
        await new Promise(setImmediate);
      }
      expect((await near.ended).code).to.equal(StatusCode.OK);
    });

    it('does not notice a half-close before the first envelope (CONN-18)', async () => {
      await bench.listen();
      const { connection, stream, near, farStream, far } = await bench.open();
      stream.halfClose();
      expect((await call(connection, PING_PATH, new Uint8Array())).ok).to.equal(true);
      expect(far.endings).to.deep.equal([]);
      farStream.send(bytes('still open'));
      await near.received(2);
      farStream.end({ code: StatusCode.UNKNOWN, details: 'timed out' });
      expect(await near.ended).to.deep.equal({ code: StatusCode.UNKNOWN, details: 'timed out' });
    });

    it('holds back a sender whose messages are not read, and then drops (LIFE-13, LIFE-14)', async () => {
      await bench.listen({ settings: { sendBuffSize: 20 } });
      const { stream, near, farStream } = await bench.open();
      stream.pauseReading();
      // The windows of HTTP/2 and the buffers of TCP take some, then the queue fills.
      const big = new Uint8Array(100_000);
      let sent = 0;
      while (farStream.dropped === 0) {
        sent += farStream.send(big) ? 1 : 0;
        await new Promise(setImmediate);
      }
      expect(farStream.queued).to.equal(20);
      expect(near.envelopes.length).to.be.below(sent);
      stream.resumeReading();
      await near.received(1 + sent);
      expect(farStream.send(bytes('room again'))).to.equal(true);
    });

    it('carries several streams on one connection for who wants it', async () => {
      await bench.listen();
      const { connection, stream, far } = await bench.open();
      const second = new Recorder();
      connection.open(second);
      await second.received(1);
      stream.send(bytes('on the first'));
      await far.received(1);
      expect(bench.streams.map(({ stream: { remoteAddress } }) => remoteAddress)).to.have.length(2);
      connection.close();
      expect((await second.ended).code).to.equal(StatusCode.CANCELLED);
    });
  });

  describe('methods', () => {
    it('answers Ping with an Empty', async () => {
      await bench.listen();
      expect(await call(await bench.dial(), PING_PATH, new Uint8Array())).to.deep.equal({
        ok: true,
        response: new Uint8Array(),
      });
    });

    it('answers UNIMPLEMENTED to any other path (RPC-01)', async () => {
      await bench.listen();
      const connection = await bench.dial();
      expectFailure(await call(connection, '/gossip.Gossip/Nothing', bytes('x')), StatusCode.UNIMPLEMENTED);
      const near = new Recorder();
      connection.open(near, undefined, '/gossip.Gossip/NoStream');
      expect((await near.ended).code).to.equal(StatusCode.UNIMPLEMENTED);
    });

    it('tells an observer of connections and Pings, in their order', async () => {
      const seen: string[] = [];
      await bench.listen({
        observer: {
          connected: (from) => seen.push(`connection from ${from}`),
          pinged: (from) => seen.push(`Ping from ${from}`),
        },
      });
      const { connection, farStream } = await bench.open();
      await call(connection, PING_PATH, new Uint8Array());
      const from = farStream.remoteAddress;
      expect(seen).to.deep.equal([`connection from ${from}`, `Ping from ${from}`]);
    });

    it('answers Ping with an error for a tester', async () => {
      const ending: Ending = { code: StatusCode.INTERNAL, details: 'as the tester wants it' };
      await bench.listen({ ping: ending });
      expect(await call(await bench.dial(), PING_PATH, new Uint8Array())).to.deep.equal({
        ok: false,
        failure: ending,
      });
    });

    it('gives up a call at its deadline', async () => {
      await bench.listen();
      const silent = createHttp2Server();
      const connection = await bench.dial(await listening(silent));
      expectFailure(await call(connection, PING_PATH, new Uint8Array(), 50), StatusCode.DEADLINE_EXCEEDED);
      connection.close();
      silent.close();
    });
  });
});
