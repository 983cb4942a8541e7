import { expect } from 'chai';
import { createServer } from 'node:net';
import { systemClock } from '../../src/node/system-clock';
import { StatusCode } from '../../src/ports/transport';
import { GrpcDialer, GrpcListener, TransportError } from '../../src/transport';
import { Recorder, refused } from './recorder';
import { listening } from './relay';
import { expectWords, secured, tlsBench } from './tls-bench';

describe('gRPC transport: TLS protocol', () => {
  const bench = tlsBench();

  it('says so when it dials a TLS server in plaintext (TLS-01)', async () => {
    await bench.listen({ keyPair: bench.made.serverPair });
    const failure = await refused(
      new GrpcDialer({ clock: systemClock, tls: undefined }),
      bench.listener.address,
    );
    expectWords(failure, 'HTTP/2 did not start', 'TLS on');
  });

  it('says so when it dials a plaintext server with TLS (TLS-01)', async () => {
    await bench.listen(undefined);
    expectWords(await refused(bench.dialer(), bench.listener.address), 'not TLS', 'TLS off');
  });

  it('says how far it got when time runs out', async () => {
    await bench.listen(undefined);
    const mute = createServer();
    const endpoint = await listening(mute);
    const failure = await refused(bench.dialer(), endpoint, 50);
    mute.close();
    expect(failure.code).to.equal(StatusCode.DEADLINE_EXCEEDED);
    expect(failure.details).to.contain('50 ms').and.to.contain('TLS handshake');
  });

  it('refuses a server that negotiates no ALPN (TLS-05)', async () => {
    await bench.listen({ keyPair: bench.made.serverPair, alpnProtocols: [] });
    expectWords(await refused(bench.dialer(), bench.listener.address), 'ALPN');
  });

  it('serves TLS 1.2, without session tickets, and 1.3, nothing older (TLS-05, TLS-10)', async () => {
    await bench.listen({ keyPair: bench.made.serverPair });
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await secured(bench.listener.address, { minVersion: version, maxVersion: version });
      expect([socket.getProtocol(), socket.alpnProtocol]).to.deep.equal([version, 'h2']);
      expect(socket.getTLSTicket()).to.equal(undefined);
      socket.destroy();
    }
    const old = secured(bench.listener.address, {
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
    await bench.listen(undefined);
    const broken = { certificate: bench.made.serverPair.certificate, key: bench.made.clientPair.key };
    expect(() => bench.dialer({ keyPair: broken })).to.throw(TransportError, 'TLS client certificate');
    const rejected = await GrpcListener.listen(
      { clock: systemClock, address: '127.0.0.1:0', tls: { keyPair: broken } },
      () => new Recorder(),
    ).catch((error: unknown) => error);
    expect(rejected).to.be.instanceOf(TransportError).with.property('code', 'BAD_CREDENTIALS');
  });
});
