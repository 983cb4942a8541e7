import { expect } from 'chai';
import { createServer } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { systemClock } from '../../src/node/system-clock';
import { type Connection, type Ending, StatusCode } from '../../src/ports/transport';
import {
  type ClientTls,
  GrpcDialer,
  GrpcListener,
  GrpcTransport,
  type GrpcStream,
  type ServerTls,
  TransportError,
} from '../../src/transport';
import { namedCas } from './certificate-request';
import { type Issued, selfSigned, TestCa } from './certificates';
import { dialed, pinged, Recorder, refused } from './recorder';
import { listening, Relay } from './relay';

const clock = systemClock;

describe('gRPC transport: TLS', () => {
  let ca: TestCa;
  let otherCa: TestCa;
  let serverPair: Issued;
  let clientPair: Issued;
  let listener: GrpcListener;
  let streams: GrpcStream[];

  const listen = async (tls: ServerTls | undefined): Promise<GrpcListener> => {
    listener = await GrpcListener.listen({ clock, address: '127.0.0.1:0', tls }, (stream) => {
      streams.push(stream);
      return new Recorder();
    });
    return listener;
  };

  const dialer = (tls: Partial<ClientTls> = {}): GrpcDialer =>
    new GrpcDialer({ clock, tls: { keyPair: clientPair, roots: [ca.root], ...tls } });

  /** Opens a stream and gives what the responder sees of it. */
  const seenByResponder = async (connection: Connection): Promise<GrpcStream> => {
    const events = new Recorder();
    const stream = connection.open(events);
    stream.send(new Uint8Array([1]));
    expect(await pinged(connection)).to.equal(undefined);
    connection.close();
    const [seen] = streams;
    if (seen === undefined) {
      throw new Error('no stream came');
    }
    return seen;
  };

  before(async () => {
    [ca, otherCa] = await Promise.all([TestCa.create('tlsca.org1'), TestCa.create('tlsca.org2')]);
    [serverPair, clientPair] = await Promise.all([
      ca.issue('peer0', ['127.0.0.1', 'peer0.org1.example']),
      ca.issue('client', []),
    ]);
  });

  beforeEach(() => {
    streams = [];
  });

  afterEach(async () => {
    await listener.close();
  });

  it('dials where an endpoint is routed to, and wants the certificate of the endpoint', async () => {
    const { address } = await listen({ keyPair: serverPair });
    const routed = new GrpcDialer({
      clock,
      tls: { keyPair: clientPair, roots: [ca.root] },
      routeOf: () => address,
    });
    const connection = await dialed(routed, 'peer0.org1.example:7051');
    expect(connection.endpoint).to.equal('peer0.org1.example:7051');
    expect(await pinged(connection)).to.be.undefined;
    connection.close();
    const { details } = await refused(routed, 'peer1.org1.example:7051');
    expect(details).to.match(/^peer1\.org1\.example:7051: .*peer0\.org1\.example/);
  });

  describe('certificates', () => {
    it('shows the leaf of each side to the other (TLS-08)', async () => {
      await listen({ keyPair: serverPair });
      const connection = await dialed(dialer(), listener.address);
      expect(connection.binding).to.deep.equal({
        tls: true,
        localCertificate: clientPair.der,
        remoteCertificate: serverPair.der,
      });
      expect((await seenByResponder(connection)).binding).to.deep.equal({
        tls: true,
        localCertificate: serverPair.der,
        remoteCertificate: clientPair.der,
      });
    });

    it('asks for a client certificate and takes one that nobody vouches for (TLS-03)', async () => {
      await listen({ keyPair: serverPair });
      const keyPair = await selfSigned('nobody');
      const connection = await dialed(dialer({ keyPair }), listener.address);
      expect((await seenByResponder(connection)).binding.remoteCertificate).to.deep.equal(keyPair.der);
    });

    it('serves Ping to a client without a certificate, and says that a stream has none (RPC-02)', async () => {
      await listen({ keyPair: serverPair });
      const connection = await dialed(dialer({ keyPair: undefined }), listener.address);
      expect(connection.binding.localCertificate).to.equal(undefined);
      expect(await pinged(connection)).to.equal(undefined);
      expect((await seenByResponder(connection)).binding).to.deep.equal({
        tls: true,
        localCertificate: serverPair.der,
        remoteCertificate: undefined,
      });
    });

    it('names no CAs in the CertificateRequest (TLS-07)', async () => {
      await listen({ keyPair: serverPair });
      expect(await namedInRequest(listener.address)).to.deep.equal([]);
    });

    it('names them where a tester wants it', async () => {
      await listen({ keyPair: serverPair, namedCas: [otherCa.root] });
      const named = await namedInRequest(listener.address);
      expect(named?.map((name) => name.includes('tlsca.org2'))).to.deep.equal([true]);
      // Still, any certificate passes.
      expect(await pinged(await open(dialer()))).to.equal(undefined);
    });
  });

  describe('verifying the server', () => {
    it('refuses a chain that leads to none of the roots (TLS-04)', async () => {
      await listen({ keyPair: serverPair });
      for (const roots of [[otherCa.root], []]) {
        const failure = await refused(dialer({ roots }), listener.address);
        expectWords(failure, 'not trusted', listener.address);
      }
    });

    it('refuses a certificate for another host (TLS-04)', async () => {
      await listen({ keyPair: await ca.issue('peer9', ['peer9.org1.example', '127.0.0.9']) });
      expectWords(await refused(dialer(), listener.address), 'name mismatch', 'peer9.org1.example');
    });

    it('does not take the common name for a SAN, as Go does not', async () => {
      await listen({ keyPair: await ca.issue('localhost', ['127.0.0.9']) });
      const failure = await refused(dialer(), listener.address.replace('127.0.0.1', 'localhost'));
      expectWords(failure, 'name mismatch', '127.0.0.9');
    });

    it('resolves a host name and checks that name', async () => {
      await listen({ keyPair: await ca.issue('peer0', ['localhost']) });
      const connection = await dialed(dialer(), listener.address.replace('127.0.0.1', 'localhost'));
      expect(await pinged(connection)).to.equal(undefined);
      connection.close();
    });

    it('collects any certificate for a tester that does not verify', async () => {
      const keyPair = await selfSigned('nobody');
      await listen({ keyPair });
      const connection = await open(dialer({ roots: [], verifyServer: false }));
      expect(connection.binding.remoteCertificate).to.deep.equal(keyPair.der);
    });

    it('trusts roots that come later, and no longer those that went', async () => {
      await listen({ keyPair: serverPair });
      const transport = new GrpcTransport({
        clock,
        listenAddress: '127.0.0.1:0',
        tls: { server: clientPair, serverRoots: [otherCa.root] },
      });
      expectWords(await refused(transport, listener.address), 'not trusted');
      transport.setRoots({ serverRoots: [otherCa.root, ca.root], clientRoots: [] });
      (await dialed(transport, listener.address)).close();
      transport.setRoots({ serverRoots: [otherCa.root], clientRoots: [] });
      expectWords(await refused(transport, listener.address), 'not trusted');
    });
  });

  describe('clientAuthRequired', () => {
    it('lets in who leads to the client roots, and nobody else (TLS-03)', async () => {
      await listen({ keyPair: serverPair, clientAuthRequired: true, clientRoots: [ca.root] });
      expect(await pinged(await open(dialer()))).to.equal(undefined);
      for (const keyPair of [undefined, await selfSigned('nobody'), await otherCa.issue('stranger', [])]) {
        expectWords(await refused(dialer({ keyPair }), listener.address), 'client certificate');
      }
    });

    it('lets in by roots that come later', async () => {
      const transport = new GrpcTransport({
        clock,
        listenAddress: '127.0.0.1:0',
        tls: { server: serverPair, serverRoots: [], clientAuthRequired: true, clientRoots: [otherCa.root] },
      });
      const port = await transport.listen(() => new Recorder());
      expectWords(await refused(dialer(), port.address), 'client certificate');
      transport.setRoots({ serverRoots: [], clientRoots: [ca.root] });
      expect(await pinged(await dialed(dialer(), port.address))).to.equal(undefined);
      await port.close();
    });
  });

  describe('protocol', () => {
    it('says so when it dials a TLS server in plaintext (TLS-01)', async () => {
      await listen({ keyPair: serverPair });
      const failure = await refused(new GrpcDialer({ clock, tls: undefined }), listener.address);
      expectWords(failure, 'HTTP/2 did not start', 'TLS on');
    });

    it('says so when it dials a plaintext server with TLS (TLS-01)', async () => {
      await listen(undefined);
      expectWords(await refused(dialer(), listener.address), 'not TLS', 'TLS off');
    });

    it('says how far it got when time runs out', async () => {
      await listen(undefined);
      const mute = createServer();
      const endpoint = await listening(mute);
      const failure = await refused(dialer(), endpoint, 50);
      mute.close();
      expect(failure.code).to.equal(StatusCode.DEADLINE_EXCEEDED);
      expect(failure.details).to.contain('50 ms').and.to.contain('TLS handshake');
    });

    it('refuses a server that negotiates no ALPN (TLS-05)', async () => {
      await listen({ keyPair: serverPair, alpnProtocols: [] });
      expectWords(await refused(dialer(), listener.address), 'ALPN');
    });

    it('serves TLS 1.2, without session tickets, and 1.3, nothing older (TLS-05, TLS-10)', async () => {
      await listen({ keyPair: serverPair });
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const socket = await secured(listener.address, { minVersion: version, maxVersion: version });
        expect([socket.getProtocol(), socket.alpnProtocol]).to.deep.equal([version, 'h2']);
        expect(socket.getTLSTicket()).to.equal(undefined);
        socket.destroy();
      }
      const old = secured(listener.address, {
        minVersion: 'TLSv1.1',
        maxVersion: 'TLSv1.1',
        ciphers: 'ALL:@SECLEVEL=0',
      });
      expect(
        await old.then(
          () => 'connected',
          () => 'refused',
        ),
      ).to.equal('refused');
    });

    it('rejects credentials that cannot be used', async () => {
      await listen(undefined);
      const broken = { certificate: serverPair.certificate, key: clientPair.key };
      expect(() => dialer({ keyPair: broken })).to.throw(TransportError, 'TLS client certificate');
      const rejected = await GrpcListener.listen(
        { clock, address: '127.0.0.1:0', tls: { keyPair: broken } },
        () => new Recorder(),
      ).catch((error: unknown) => error);
      expect(rejected).to.be.instanceOf(TransportError).with.property('code', 'BAD_CREDENTIALS');
    });
  });

  /** A connection that the listener's close ends. */
  const open = (from: GrpcDialer): Promise<Connection> => dialed(from, listener.address);
});

function expectWords(failure: Ending, ...words: readonly string[]): void {
  expect(failure.code, failure.details).to.equal(StatusCode.UNAVAILABLE);
  for (const word of words) {
    expect(failure.details).to.contain(word);
  }
}

/** The names in the server's CertificateRequest, read off the wire. */
async function namedInRequest(endpoint: string): Promise<Buffer[] | undefined> {
  const relay = await Relay.start(endpoint);
  (await secured(relay.endpoint, { maxVersion: 'TLSv1.2' })).destroy();
  await relay.close();
  return namedCas(Buffer.concat(relay.fromServer));
}

function secured(endpoint: string, options: ConnectionOptions): Promise<TLSSocket> {
  const [host, port] = endpoint.split(':');
  return new Promise((resolve, reject) => {
    const socket = connectTls(
      {
        host: String(host),
        port: Number(port),
        ALPNProtocols: ['h2'],
        rejectUnauthorized: false,
        ...options,
      },
      () => {
        resolve(socket);
      },
    );
    socket.once('error', reject);
  });
}
