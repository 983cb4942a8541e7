import { expect } from 'chai';
import { createServer as createHttp2Server } from 'node:http2';
import { systemClock } from '../../src/node/system-clock';
import { type Ending, StatusCode } from '../../src/ports/transport';
import {
  type GrpcConnection,
  GrpcDialer,
  GrpcListener,
  type GrpcServerOptions,
  type GrpcStream,
  PING_PATH,
  TransportError,
  type UnaryResult,
} from '../../src/transport';
import { bytes, Recorder, refused } from './recorder';
import { closed, connected, listening, Relay } from './relay';

const clock = systemClock;
/** More messages than a reader that has stopped reading holds. */
const MANY = 50;

describe('gRPC transport', () => {
  let listener: GrpcListener;
  let streams: { readonly stream: GrpcStream; readonly events: Recorder }[];
  const dialer = new GrpcDialer({ clock, tls: undefined });

  const listen = async (options: Partial<GrpcServerOptions> = {}): Promise<GrpcListener> => {
    listener = await GrpcListener.listen(
      { clock, address: '127.0.0.1:0', tls: undefined, ...options },
      (stream) => {
        const events = new Recorder();
        streams.push({ stream, events });
        stream.send(bytes('accepted'));
        return events;
      },
    );
    return listener;
  };

  const dial = (endpoint = listener.address, by = dialer): Promise<GrpcConnection> =>
    new Promise((resolve, reject) => {
      by.dial(endpoint, 2_000, (result) => {
        if (result.ok) {
          resolve(result.connection);
        } else {
          reject(new Error(result.failure.details));
        }
      });
    });

  const open = async (endpoint?: string) => {
    const connection = await dial(endpoint);
    const near = new Recorder();
    const stream = connection.open(near);
    await near.received(1);
    const far = streams.at(-1);
    if (far === undefined) {
      throw new Error('no stream was accepted');
    }
    return { connection, stream, near, farStream: far.stream, far: far.events };
  };

  beforeEach(() => {
    streams = [];
  });

  afterEach(async () => {
    await listener.close();
  });

  describe('connections', () => {
    it('makes one TCP connection for each dial (RPC-08)', async () => {
      await listen();
      const relay = await Relay.start(listener.address);
      const [one, other] = [await open(relay.endpoint), await open(relay.endpoint)];
      expect(relay.connections).to.equal(2);
      expect(one.farStream.remoteAddress).to.not.equal(other.farStream.remoteAddress);
      await relay.close();
    });

    it('tells both sides when the connection breaks, and does not make another', async () => {
      await listen();
      const relay = await Relay.start(listener.address);
      const { connection, stream, near, far } = await open(relay.endpoint);
      stream.send(bytes('conn'));
      await far.received(1);
      const pending = call(connection, PING_PATH, new Uint8Array());
      relay.cut();
      expect((await near.ended).code).to.equal(StatusCode.UNAVAILABLE);
      expect((await far.ended).code).to.equal(StatusCode.CANCELLED);
      expectFailure(await pending, StatusCode.UNAVAILABLE);
      expectFailure(await call(connection, PING_PATH, new Uint8Array()), StatusCode.UNAVAILABLE);
      const late = new Recorder();
      connection.open(late);
      expect((await late.ended).code).to.equal(StatusCode.UNAVAILABLE);
      expect(relay.connections).to.equal(1);
      await relay.close();
    });

    it('drops a connection that does not begin HTTP/2 in time (RPC-07)', async () => {
      await listen({ settings: { connectionTimeoutMs: 30 } });
      const kept = await open();
      const mute = await connected(listener.address);
      await closed(mute);
      // One that speaks stays.
      kept.stream.send(bytes('still here'));
      await kept.far.received(1);
    });

    it('ends a pending Ping when the connection closes', async () => {
      await listen();
      const connection = await dial();
      const pending = call(connection, PING_PATH, new Uint8Array());
      connection.close();
      expectFailure(await pending, StatusCode.CANCELLED);
    });
  });

  describe('streams', () => {
    it('ends with UNKNOWN when the initiator half-closes after an envelope (RPC-10)', async () => {
      await listen();
      const { stream, near, far } = await open();
      stream.send(bytes('conn'));
      stream.halfClose();
      expect((await near.ended).code).to.equal(StatusCode.UNKNOWN);
      expect(await far.ended).to.deep.equal({ code: StatusCode.UNKNOWN, details: 'EOF' });
      expect(far.texts).to.deep.equal(['conn']);
    });

    it('half-closes after what was sent before, and sends nothing any more', async () => {
      await listen();
      const { stream, near, far } = await open();
      stream.send(bytes('conn'));
      stream.halfClose();
      expect(stream.send(bytes('too late'))).to.equal(false);
      expect((await near.ended).code).to.equal(StatusCode.UNKNOWN);
      await far.ended;
      expect(far.texts).to.deep.equal(['conn']);
    });

    it('tells the status that a message of its own has crossed', async () => {
      await listen();
      const { stream, near, far, farStream } = await open();
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
      await listen();
      const { connection, stream, near, farStream, far } = await open();
      stream.halfClose();
      expect((await call(connection, PING_PATH, new Uint8Array())).ok).to.equal(true);
      expect(far.endings).to.deep.equal([]);
      farStream.send(bytes('still open'));
      await near.received(2);
      farStream.end({ code: StatusCode.UNKNOWN, details: 'timed out' });
      expect(await near.ended).to.deep.equal({ code: StatusCode.UNKNOWN, details: 'timed out' });
    });

    it('holds back a sender whose messages are not read, and then drops (LIFE-13, LIFE-14)', async () => {
      await listen({ settings: { sendBuffSize: 20 } });
      const { stream, near, farStream } = await open();
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
      await listen();
      const { connection, stream, far } = await open();
      const second = new Recorder();
      connection.open(second);
      await second.received(1);
      stream.send(bytes('on the first'));
      await far.received(1);
      expect(streams.map(({ stream: { remoteAddress } }) => remoteAddress)).to.have.length(2);
      connection.close();
      expect((await second.ended).code).to.equal(StatusCode.CANCELLED);
    });
  });

  describe('methods', () => {
    it('answers Ping with an Empty', async () => {
      await listen();
      expect(await call(await dial(), PING_PATH, new Uint8Array())).to.deep.equal({
        ok: true,
        response: new Uint8Array(),
      });
    });

    it('answers UNIMPLEMENTED to any other path (RPC-01)', async () => {
      await listen();
      const connection = await dial();
      expectFailure(await call(connection, '/gossip.Gossip/Nothing', bytes('x')), StatusCode.UNIMPLEMENTED);
      const near = new Recorder();
      connection.open(near, undefined, '/gossip.Gossip/NoStream');
      expect((await near.ended).code).to.equal(StatusCode.UNIMPLEMENTED);
    });

    it('tells an observer of connections and Pings, in their order', async () => {
      const seen: string[] = [];
      await listen({
        observer: {
          connected: (from) => seen.push(`connection from ${from}`),
          pinged: (from) => seen.push(`Ping from ${from}`),
        },
      });
      const { connection, farStream } = await open();
      await call(connection, PING_PATH, new Uint8Array());
      const from = farStream.remoteAddress;
      expect(seen).to.deep.equal([`connection from ${from}`, `Ping from ${from}`]);
    });

    it('answers Ping with an error for a tester', async () => {
      const ending: Ending = { code: StatusCode.INTERNAL, details: 'as the tester wants it' };
      await listen({ ping: ending });
      expect(await call(await dial(), PING_PATH, new Uint8Array())).to.deep.equal({
        ok: false,
        failure: ending,
      });
    });

    it('gives up a call at its deadline', async () => {
      await listen();
      const silent = createHttp2Server();
      const connection = await dial(await listening(silent));
      expectFailure(await call(connection, PING_PATH, new Uint8Array(), 50), StatusCode.DEADLINE_EXCEEDED);
      connection.close();
      silent.close();
    });
  });

  describe('dialling', () => {
    it('says so when the endpoint is no address', async () => {
      await listen();
      for (const endpoint of [
        'nonsense',
        '127.0.0.1',
        '127.0.0.1:',
        ':7051',
        '127.0.0.1:65536',
        '::1:7051',
      ]) {
        expect((await refused(dialer, endpoint)).details).to.contain('not an address of the form host:port');
      }
    });

    it('says so when the host name does not resolve', async () => {
      await listen();
      expect((await refused(dialer, 'no-such-host.invalid:7051')).details).to.contain('does not resolve');
    });
  });

  describe('listening', () => {
    const failed = async (options: Partial<GrpcServerOptions>): Promise<TransportError> => {
      const outcome = await GrpcListener.listen(
        { clock, address: '127.0.0.1:0', tls: undefined, ...options },
        () => new Recorder(),
      ).catch((error: unknown) => error);
      if (!(outcome instanceof TransportError)) {
        throw new Error('it listens');
      }
      return outcome;
    };

    it('says what to do when the address is taken', async () => {
      await listen();
      const error = await failed({ address: listener.address });
      expect(error.code).to.equal('ADDRESS_IN_USE');
      expect(error.message).to.contain(listener.address).and.to.contain('another port');
    });

    it('says so when the address cannot be had', async () => {
      await listen();
      // 192.0.2.0/24 is for documentation: nobody has it.
      expect((await failed({ address: '192.0.2.1:0' })).code).to.equal('ADDRESS_NOT_AVAILABLE');
      expect((await failed({ address: 'nonsense' })).code).to.equal('BAD_ADDRESS');
      expect((await failed({ address: 'no-such-host.invalid:0' })).code).to.equal('BAD_ADDRESS');
    });

    it('lets go of everything when it closes', async () => {
      await listen();
      const { near } = await open();
      const mute = await connected(listener.address);
      const gone = closed(mute);
      const { address } = listener;
      await listener.close();
      await gone;
      expect((await near.ended).code).to.equal(StatusCode.UNAVAILABLE);
      await listen({ address });
      expect(listener.address).to.equal(address);
    });

    it('breaks what does not let go by itself', async () => {
      await listen({ settings: { closeGraceMs: 30 } });
      const { stream, near, farStream } = await open();
      stream.pauseReading();
      // An ending that does not get through: the messages before it are not read.
      while (farStream.dropped === 0) {
        farStream.send(new Uint8Array(100_000));
        await new Promise(setImmediate);
      }
      await listener.close();
      stream.resumeReading();
      await near.ended;
    });
  });
});

function call(
  connection: GrpcConnection,
  path: string,
  request: Uint8Array,
  timeoutMs = 2_000,
): Promise<UnaryResult> {
  return new Promise((resolve) => {
    connection.call(path, request, timeoutMs, resolve);
  });
}

function expectFailure(result: UnaryResult, code: number): void {
  expect(result.ok ? StatusCode.OK : result.failure.code).to.equal(code);
}
