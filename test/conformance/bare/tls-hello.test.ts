import { createHash, X509Certificate } from 'node:crypto';
import { createServer, type TlsOptions } from 'node:tls';
import { expect } from 'chai';
import { askServerFlight } from '../../../conformance/harness/bare/tls-client';
import { clientHello, readServerFlight, TLS_1_1, TLS_1_2 } from '../../../conformance/harness/bare/tls-hello';
import { issueOrganisation, type IssuedIdentity } from '../../../src/identity';
import { systemClock, systemRandom } from '../../../src/node';
import { wallMs } from '../../../src/ports/clock';

const WITHIN_MS = 4_000;

describe('the first flight of TLS 1.2 by hand', () => {
  let papers: IssuedIdentity;

  before(async () => {
    const organisation = await issueOrganisation({
      mspId: 'Org1MSP',
      domain: 'org1.example.com',
      nowMs: wallMs(systemClock),
    });
    papers = await organisation.issue({ name: 'peer0', role: 'peer', sans: ['127.0.0.1'] });
  });

  async function flightOf(options: TlsOptions, version = TLS_1_2) {
    const server = createServer({
      cert: papers.tls.certificateChainPem,
      key: papers.tls.privateKeyPem,
      ALPNProtocols: ['h2'],
      ...options,
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = bound !== null && typeof bound !== 'string' ? bound.port : 0;
    try {
      const tools = { clock: systemClock, random: systemRandom };
      return await askServerFlight(tools, `127.0.0.1:${port}`, version, WITHIN_MS);
    } finally {
      server.close();
    }
  }

  it('shows version, ALPN and certificate', async () => {
    const flight = await flightOf({});
    expect(flight).to.include({ version: TLS_1_2, alpn: 'h2', complete: true, alert: undefined });
    const hash = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
    expect(hash(flight.certificate ?? new Uint8Array())).to.equal(hash(papers.tls.leafDer));
    expect(flight.certificateAuthorities).to.equal(undefined);
  });

  it('shows a CertificateRequest that names nobody', async () => {
    const flight = await flightOf({ requestCert: true, rejectUnauthorized: false, ca: [] });
    expect(flight.certificateAuthorities).to.deep.equal([]);
  });

  it('shows the CAs that a CertificateRequest names', async () => {
    const [ca = ''] = papers.tls.rootsPem;
    const flight = await flightOf({ requestCert: true, rejectUnauthorized: false, ca: [ca] });
    const [named, ...others] = flight.certificateAuthorities ?? [];
    expect(others).to.deep.equal([]);
    const { raw } = new X509Certificate(ca);
    expect(raw.includes(Buffer.from(named ?? [])), 'the subject of the CA, in DER').to.equal(true);
  });

  it('shows the alert of a server that speaks nothing so old', async () => {
    const flight = await flightOf({ minVersion: 'TLSv1.2' }, TLS_1_1);
    expect(flight.version).to.equal(undefined);
    expect(flight.alert).to.equal(70);
  });

  it('reads any bytes, cut off or not', () => {
    const hello = clientHello(TLS_1_2, new Uint8Array(32));
    for (let end = 0; end <= hello.length; end++) {
      expect(readServerFlight(hello.subarray(0, end)).complete).to.equal(false);
    }
    const broken = Uint8Array.of(22, 3, 3, 0, 4, 2, 0, 0, 0, 22, 3, 3, 0, 8, 13, 0, 0, 4, 255, 0, 0, 0);
    expect(readServerFlight(broken).certificateAuthorities).to.deep.equal([]);
  });
});
