import { expect } from 'chai';
import { systemClock } from '../../src/node/system-clock';
import type { Connection } from '../../src/ports/transport';
import { GrpcDialer, GrpcTransport, type GrpcStream } from '../../src/transport';
import { namedCas } from './certificate-request';
import { selfSigned } from './certificates';
import { dialed, pinged, Recorder, refused } from './recorder';
import { Relay } from './relay';
import { expectWords, secured, tlsBench } from './tls-bench';

describe('gRPC transport: TLS certificates', () => {
  const bench = tlsBench();

  /** Opens a stream and gives what the responder sees of it. */
  const seenByResponder = async (connection: Connection): Promise<GrpcStream> => {
    const events = new Recorder();
    const stream = connection.open(events);
    stream.send(new Uint8Array([1]));
    expect(await pinged(connection)).to.equal(undefined);
    connection.close();
    const [seen] = bench.streams;
    if (seen === undefined) {
      throw new Error('no stream came');
    }
    return seen;
  };

  it('dials where an endpoint is routed to, and wants the certificate of the endpoint', async () => {
    const { address } = await bench.listen({ keyPair: bench.made.serverPair });
    const routed = new GrpcDialer({
      clock: systemClock,
      tls: { keyPair: bench.made.clientPair, roots: [bench.made.ca.root] },
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
      await bench.listen({ keyPair: bench.made.serverPair });
      const connection = await dialed(bench.dialer(), bench.listener.address);
      expect(connection.binding).to.deep.equal({
        tls: true,
        localCertificate: bench.made.clientPair.der,
        remoteCertificate: bench.made.serverPair.der,
      });
      expect((await seenByResponder(connection)).binding).to.deep.equal({
        tls: true,
        localCertificate: bench.made.serverPair.der,
        remoteCertificate: bench.made.clientPair.der,
      });
    });

    it('asks for a client certificate and takes one that nobody vouches for (TLS-03)', async () => {
      await bench.listen({ keyPair: bench.made.serverPair });
      const keyPair = await selfSigned('nobody');
      const connection = await dialed(bench.dialer({ keyPair }), bench.listener.address);
      expect((await seenByResponder(connection)).binding.remoteCertificate).to.deep.equal(keyPair.der);
    });

    it('serves Ping to a client without a certificate, and says that a stream has none (RPC-02)', async () => {
      await bench.listen({ keyPair: bench.made.serverPair });
      const connection = await dialed(bench.dialer({ keyPair: undefined }), bench.listener.address);
      expect(connection.binding.localCertificate).to.equal(undefined);
      expect(await pinged(connection)).to.equal(undefined);
      expect((await seenByResponder(connection)).binding).to.deep.equal({
        tls: true,
        localCertificate: bench.made.serverPair.der,
        remoteCertificate: undefined,
      });
    });

    it('names no CAs in the CertificateRequest (TLS-07)', async () => {
      await bench.listen({ keyPair: bench.made.serverPair });
      expect(await namedInRequest(bench.listener.address)).to.deep.equal([]);
    });

    it('names them where a tester wants it', async () => {
      await bench.listen({ keyPair: bench.made.serverPair, namedCas: [bench.made.otherCa.root] });
      const named = await namedInRequest(bench.listener.address);
      expect(named?.map((name) => name.includes('tlsca.org2'))).to.deep.equal([true]);
      // Still, any certificate passes.
      expect(await pinged(await bench.open(bench.dialer()))).to.equal(undefined);
    });
  });

  describe('verifying the server', () => {
    it('refuses a chain that leads to none of the roots (TLS-04)', async () => {
      await bench.listen({ keyPair: bench.made.serverPair });
      for (const roots of [[bench.made.otherCa.root], []]) {
        const failure = await refused(bench.dialer({ roots }), bench.listener.address);
        expectWords(failure, 'not trusted', bench.listener.address);
      }
    });

    it('refuses a certificate for another host (TLS-04)', async () => {
      await bench.listen({
        keyPair: await bench.made.ca.issue('peer9', ['peer9.org1.example', '127.0.0.9']),
      });
      expectWords(
        await refused(bench.dialer(), bench.listener.address),
        'name mismatch',
        'peer9.org1.example',
      );
    });

    it('does not take the common name for a SAN, as Go does not', async () => {
      await bench.listen({ keyPair: await bench.made.ca.issue('localhost', ['127.0.0.9']) });
      const failure = await refused(bench.dialer(), bench.listener.address.replace('127.0.0.1', 'localhost'));
      expectWords(failure, 'name mismatch', '127.0.0.9');
    });

    it('resolves a host name and checks that name', async () => {
      await bench.listen({ keyPair: await bench.made.ca.issue('peer0', ['localhost']) });
      const connection = await dialed(
        bench.dialer(),
        bench.listener.address.replace('127.0.0.1', 'localhost'),
      );
      expect(await pinged(connection)).to.equal(undefined);
      connection.close();
    });

    it('collects any certificate for a tester that does not verify', async () => {
      const keyPair = await selfSigned('nobody');
      await bench.listen({ keyPair });
      const connection = await bench.open(bench.dialer({ roots: [], verifyServer: false }));
      expect(connection.binding.remoteCertificate).to.deep.equal(keyPair.der);
    });

    it('trusts roots that come later, and no longer those that went', async () => {
      await bench.listen({ keyPair: bench.made.serverPair });
      const transport = new GrpcTransport({
        clock: systemClock,
        listenAddress: '127.0.0.1:0',
        tls: { server: bench.made.clientPair, serverRoots: [bench.made.otherCa.root] },
      });
      expectWords(await refused(transport, bench.listener.address), 'not trusted');
      transport.setRoots({ serverRoots: [bench.made.otherCa.root, bench.made.ca.root], clientRoots: [] });
      (await dialed(transport, bench.listener.address)).close();
      transport.setRoots({ serverRoots: [bench.made.otherCa.root], clientRoots: [] });
      expectWords(await refused(transport, bench.listener.address), 'not trusted');
    });
  });

  describe('clientAuthRequired', () => {
    it('lets in who leads to the client roots, and nobody else (TLS-03)', async () => {
      await bench.listen({
        keyPair: bench.made.serverPair,
        clientAuthRequired: true,
        clientRoots: [bench.made.ca.root],
      });
      expect(await pinged(await bench.open(bench.dialer()))).to.equal(undefined);
      for (const keyPair of [
        undefined,
        await selfSigned('nobody'),
        await bench.made.otherCa.issue('stranger', []),
      ]) {
        expectWords(await refused(bench.dialer({ keyPair }), bench.listener.address), 'client certificate');
      }
    });

    it('lets in by roots that come later', async () => {
      const transport = new GrpcTransport({
        clock: systemClock,
        listenAddress: '127.0.0.1:0',
        tls: {
          server: bench.made.serverPair,
          serverRoots: [],
          clientAuthRequired: true,
          clientRoots: [bench.made.otherCa.root],
        },
      });
      const port = await transport.listen(() => new Recorder());
      expectWords(await refused(bench.dialer(), port.address), 'client certificate');
      transport.setRoots({ serverRoots: [], clientRoots: [bench.made.ca.root] });
      expect(await pinged(await dialed(bench.dialer(), port.address))).to.equal(undefined);
      await port.close();
    });
  });
});

/** The names in the server's CertificateRequest, read off the wire. */
async function namedInRequest(endpoint: string): Promise<Buffer[] | undefined> {
  const relay = await Relay.start(endpoint);
  (await secured(relay.endpoint, { maxVersion: 'TLSv1.2' })).destroy();
  await relay.close();
  return namedCas(Buffer.concat(relay.fromServer));
}
