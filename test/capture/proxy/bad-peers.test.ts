import { expect } from 'chai';
import { once, type EventEmitter } from 'node:events';
import {
  constants,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ClientHttp2Session,
} from 'node:http2';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Organisation } from '../../../src/identity';
import { StatusCode, type Ending } from '../../../src/ports/transport';
import { GOSSIP_STREAM_PATH, parseEndpoint, PING_PATH } from '../../../src/transport';
import { bytes, dialed } from '../../transport/recorder';
import { closed, connected, listening } from '../../transport/relay';
import { issueOrganisations } from './support/fronted';
import { Pair } from './support/pair';

describe('recording proxy among bad peers', function () {
  this.timeout(20_000);
  let organisations: Organisation[];
  let pair: Pair;
  before(async () => {
    organisations = await issueOrganisations();
  });
  afterEach(() => pair[Symbol.asyncDispose]());

  const open = async (tls: boolean): Promise<void> => {
    pair = await Pair.open(organisations, tls);
  };
  /** Good peers are served as ever. */
  const expectService = async (): Promise<void> => {
    const connection = await dialed(pair.dialler, pair.front);
    const failure = await new Promise<Ending | undefined>((resolve) => {
      connection.ping(2_000, resolve);
    });
    expect(failure).to.equal(undefined);
    connection.close();
  };
  /** Puts somebody else where the peer is, until it is disposed of. */
  const impostor = async (speak: (socket: Socket) => void): Promise<AsyncDisposable> => {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      speak(socket);
    });
    const [before, address] = [pair.service, await listening(server)];
    pair.service = address;
    return {
      [Symbol.asyncDispose]: async () => {
        pair.service = before;
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      },
    };
  };
  const dialFails = (): Promise<Ending | undefined> =>
    new Promise((resolve) => {
      pair.dialler.dial(pair.front, 2_000, (result) => {
        if (result.ok) result.connection.close();
        resolve(result.ok ? undefined : result.failure);
      });
    });
  const over = (call: EventEmitter): Promise<void> =>
    new Promise((resolve) => {
      call.once('close', resolve);
    });
  const portOf = (endpoint: string): number => parseEndpoint(endpoint)?.port ?? 0;

  for (const tls of [true, false]) {
    it(`survives diallers who talk nonsense, TLS ${tls ? 'on' : 'off'}`, async () => {
      await open(tls);
      for (const nonsense of ['GET / HTTP/1.1\r\n\r\n', '\0'.repeat(50_000)]) {
        const socket = await connected(pair.front);
        socket.on('error', () => undefined);
        socket.write(nonsense, 'latin1');
        await closed(socket);
      }
      const quitter = await connected(pair.front);
      quitter.resetAndDestroy();
      await expectService();
    });

    it(`survives peers that talk nonsense, refuse or hang up, TLS ${tls ? 'on' : 'off'}`, async () => {
      await open(tls);
      for (const speak of [
        (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
        (socket: Socket) => socket.destroy(),
        (socket: Socket) => socket.resetAndDestroy(),
        (socket: Socket) => socket.write(Buffer.alloc(100_000, 7)),
      ]) {
        const undo = await impostor(speak);
        expect((await dialFails())?.code).to.equal(StatusCode.UNAVAILABLE);
        await undo[Symbol.asyncDispose]();
      }
      await expectService();
    });
  }

  it('does not pass on to a peer that shows another certificate than its own', async () => {
    await open(true);
    const other = await Pair.open(organisations, true);
    const own = pair.service;
    pair.service = other.service;
    expect((await dialFails())?.code).to.equal(StatusCode.UNAVAILABLE);
    expect(pair.proxy.happenings.at(-1)).to.include({
      reason: 'the peer shows another certificate than its own',
    });
    await other[Symbol.asyncDispose]();
    pair.service = own;
    await expectService();
  });

  it('passes strangers on without a certificate', async () => {
    await open(true);
    const socket = connectTls({
      port: portOf(pair.front),
      host: '127.0.0.1',
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
    });
    const session = connectHttp2('https://peer', { createConnection: () => socket });
    const call = session.request({
      ':method': 'POST',
      ':path': PING_PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    call.end(Buffer.alloc(5));
    const [trailers] = (await once(call.resume(), 'trailers')) as [Record<string, unknown>];
    expect(trailers['grpc-status']).to.equal('0');
    session.destroy();
    expect(pair.proxy.happenings[0]?.link.initiator).to.equal(undefined);
  });

  describe('within HTTP/2', () => {
    let session: ClientHttp2Session;
    beforeEach(async () => {
      await open(false);
      session = connectHttp2(`http://${pair.front}`);
      session.on('error', () => undefined);
    });
    afterEach(() => {
      session.destroy();
    });
    const gossip = {
      ':method': 'POST',
      ':path': GOSSIP_STREAM_PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
    };

    it('passes on a message that is too large to be held, without holding it, and says so', async () => {
      const call = session.request(gossip, { endStream: false });
      call.on('error', () => undefined);
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(0xffff_fff0, 1);
      call.write(prefix);
      call.write(Buffer.alloc(1_000));
      const [trailers] = (await once(call.resume(), 'response')) as [Record<string, unknown>];
      expect(trailers['grpc-status']).to.equal('8');
      call.destroy();
      expect(pair.proxy.happenings.filter(({ kind }) => kind === 'unreadable')).not.to.deep.equal([]);
      expect(pair.proxy.envelopes).to.deep.equal([]);
      await expectService();
    });

    it('passes on bytes that are no envelope', async () => {
      const { heardThere } = await pair.connect(bytes('no envelope'));
      await heardThere.received(1);
      expect(heardThere.texts).to.deep.equal(['no envelope']);
    });

    it('passes on resets and calls of no service', async () => {
      const none = session.request({ ...gossip, ':path': '/no.Such/Method' }, { endStream: true });
      const [headers] = (await once(none.resume(), 'response')) as [Record<string, unknown>];
      expect(headers['grpc-status']).to.equal('12');
      const call = session.request(gossip, { endStream: false });
      call.on('error', () => undefined);
      call.close(constants.NGHTTP2_INTERNAL_ERROR);
      await over(call);
      await expectService();
    });

    it('passes on GOAWAY with its words', async () => {
      const server = createHttp2Server();
      server.on('stream', (stream) => {
        stream.on('error', () => undefined);
        stream.session?.on('error', () => undefined);
        stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
      });
      pair.service = await listening(server);
      const angry = connectHttp2(`http://${pair.front}`);
      angry.on('error', () => undefined);
      angry.request(gossip, { endStream: false }).on('error', () => undefined);
      const [code, , words] = (await once(angry, 'goaway')) as [number, number, Buffer];
      expect([code, words.toString()]).to.deep.equal([constants.NGHTTP2_ENHANCE_YOUR_CALM, 'too_many_pings']);
      angry.destroy();
      server.close();
    });

    it('takes no more connections than it can keep', async () => {
      const sockets = Array.from({ length: 300 }, () => connect(portOf(pair.front), '127.0.0.1'));
      let ended = 0;
      await new Promise<void>((resolve) => {
        for (const socket of sockets) {
          socket.on('error', () => undefined);
          socket.on('close', () => {
            ended += 1;
            if (ended === 44) resolve();
          });
          socket.resume();
        }
      });
      for (const socket of sockets) socket.destroy();
    });
  });
});
