import { expect } from 'chai';
import { systemClock } from '../../src/node/system-clock';
import { StatusCode } from '../../src/ports/transport';
import { GrpcListener, type GrpcServerOptions, PING_PATH, TransportError } from '../../src/transport';
import { call, expectFailure, GrpcBench } from './grpc-bench';
import { bytes, Recorder, refused } from './recorder';
import { closed, connected, Relay } from './relay';

describe('gRPC transport: connections', () => {
  let bench: GrpcBench;

  beforeEach(() => {
    bench = new GrpcBench();
  });

  afterEach(async () => {
    await bench.close();
  });

  describe('connections', () => {
    it('makes one TCP connection for each dial (RPC-08)', async () => {
      await bench.listen();
      const relay = await Relay.start(bench.listener.address);
      const [one, other] = [await bench.open(relay.endpoint), await bench.open(relay.endpoint)];
      expect(relay.connections).to.equal(2);
      expect(one.farStream.remoteAddress).to.not.equal(other.farStream.remoteAddress);
      await relay.close();
    });

    it('tells both sides when the connection breaks, and does not make another', async () => {
      await bench.listen();
      const relay = await Relay.start(bench.listener.address);
      const { connection, stream, near, far } = await bench.open(relay.endpoint);
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
      await bench.listen({ settings: { connectionTimeoutMs: 30 } });
      const kept = await bench.open();
      const mute = await connected(bench.listener.address);
      await closed(mute);
      // One that speaks stays.
      kept.stream.send(bytes('still here'));
      await kept.far.received(1);
    });

    it('ends a pending Ping when the connection closes', async () => {
      await bench.listen();
      const connection = await bench.dial();
      const pending = call(connection, PING_PATH, new Uint8Array());
      connection.close();
      expectFailure(await pending, StatusCode.CANCELLED);
    });
  });

  describe('dialling', () => {
    it('says so when the endpoint is no address', async () => {
      await bench.listen();
      for (const endpoint of [
        'nonsense',
        '127.0.0.1',
        '127.0.0.1:',
        ':7051',
        '127.0.0.1:65536',
        '::1:7051',
      ]) {
        expect((await refused(bench.dialer, endpoint)).details).to.contain(
          'not an address of the form host:port',
        );
      }
    });

    it('says so when the host name does not resolve', async () => {
      await bench.listen();
      expect((await refused(bench.dialer, 'no-such-host.invalid:7051')).details).to.contain(
        'does not resolve',
      );
    });
  });

  describe('listening', () => {
    const failed = async (options: Partial<GrpcServerOptions>): Promise<TransportError> => {
      const outcome = await GrpcListener.listen(
        { clock: systemClock, address: '127.0.0.1:0', tls: undefined, ...options },
        () => new Recorder(),
      ).catch((error: unknown) => error);
      if (!(outcome instanceof TransportError)) {
        throw new Error('it listens');
      }
      return outcome;
    };

    it('says what to do when the address is taken', async () => {
      await bench.listen();
      const error = await failed({ address: bench.listener.address });
      expect(error.code).to.equal('ADDRESS_IN_USE');
      expect(error.message).to.contain(bench.listener.address).and.to.contain('another port');
    });

    it('says so when the address cannot be had', async () => {
      await bench.listen();
      // 192.0.2.0/24 is for documentation: nobody has it.
      expect((await failed({ address: '192.0.2.1:0' })).code).to.equal('ADDRESS_NOT_AVAILABLE');
      expect((await failed({ address: 'nonsense' })).code).to.equal('BAD_ADDRESS');
      expect((await failed({ address: 'no-such-host.invalid:0' })).code).to.equal('BAD_ADDRESS');
    });

    it('lets go of everything when it closes', async () => {
      await bench.listen();
      const { near } = await bench.open();
      const mute = await connected(bench.listener.address);
      const gone = closed(mute);
      const { address } = bench.listener;
      await bench.listener.close();
      await gone;
      expect((await near.ended).code).to.equal(StatusCode.UNAVAILABLE);
      await bench.listen({ address });
      expect(bench.listener.address).to.equal(address);
    });

    it('breaks what does not let go by itself', async () => {
      await bench.listen({ settings: { closeGraceMs: 30 } });
      const { stream, near, farStream } = await bench.open();
      stream.pauseReading();
      // An ending that does not get through: the messages before it are not read.
      while (farStream.dropped === 0) {
        farStream.send(new Uint8Array(100_000));
        await new Promise(setImmediate);
      }
      await bench.listener.close();
      stream.resumeReading();
      await near.ended;
    });
  });
});
