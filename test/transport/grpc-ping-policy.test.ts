import { expect } from 'chai';
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { systemClock } from '../../src/node/system-clock';
import { GrpcListener, type GrpcSettings, type GrpcStream } from '../../src/transport';
import { Recorder } from './recorder';

describe('pings of clients (RPC-05)', () => {
  let listener: GrpcListener;
  let session: ClientHttp2Session;
  let streams: GrpcStream[];

  const connectTo = async (settings: Partial<GrpcSettings>): Promise<void> => {
    streams = [];
    listener = await GrpcListener.listen(
      { clock: systemClock, address: '127.0.0.1:0', tls: undefined, settings },
      (stream) => {
        streams.push(stream);
        return new Recorder();
      },
    );
    session = connect(`http://${listener.address}`);
    session.on('error', () => undefined);
    await once(session, 'connect');
  };

  /** Whether the ping was answered. */
  const ping = (): Promise<boolean> =>
    new Promise((resolve) => {
      const isSent = session.ping((error) => {
        resolve(error === null);
      });
      if (!isSent) resolve(false);
    });

  afterEach(async () => {
    session.destroy();
    await listener.close();
  });

  it('are answered three times in a row; the fourth is one too many', async () => {
    await connectTo({});
    const goAway = new Promise<readonly [number, Uint8Array | undefined]>((resolve) => {
      session.on('goaway', (code, _, words) => {
        resolve([code, words]);
      });
    });
    const closed = new Promise((resolve) => session.on('close', resolve));
    expect([await ping(), await ping(), await ping()]).to.deep.equal([true, true, true]);
    await ping();
    const [code, words] = await goAway;
    expect(code).to.equal(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(Buffer.from(words ?? []).toString()).to.equal('too_many_pings');
    await closed;
  });

  it('are all answered where they are not too early', async () => {
    await connectTo({ serverKeepaliveMinIntervalMs: 0 });
    for (let i = 0; i < 10; i++) expect(await ping()).to.equal(true);
  });

  it('are forgiven when a message goes to the client', async () => {
    await connectTo({});
    const call = session.request({
      ':method': 'POST',
      ':path': '/gossip.Gossip/GossipStream',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    call.on('error', () => undefined);
    call.write(Buffer.from([0, 0, 0, 0, 0]));
    call.resume();
    while (streams.length === 0) await new Promise(setImmediate);
    for (let i = 0; i < 10; i++) {
      streams[0]?.send(Uint8Array.of(1));
      expect(await ping()).to.equal(true);
    }
  });
});
