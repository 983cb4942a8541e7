import { X509Certificate } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { SecureVersion } from 'node:tls';
import { StatusCode } from '../../src/ports/transport';
import { askServerFlight, beginTls, sayAndListen } from '../harness/bare/tls-client';
import { TLS_1_1, TLS_1_2, type ServerFlight } from '../harness/bare/tls-hello';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { tlsHash, type Tester } from '../harness/tester';
import { demand, demandInTime, Lateness } from '../harness/verdict';
import { hex, sameBytes } from '../steps/bytes';
import { verifiesClients } from '../steps/client-auth';
import { acceptedConn, honestHandshake, refusedConn } from '../steps/handshake';
import { connMessage, identityHello, signed, unsigned } from '../steps/messages';
import { unknownAuthority } from '../steps/strangers';

/** What begins an HTTP/2 connection: the preface and an empty SETTINGS frame (RFC 9113, 3.4). */
const HTTP2_PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from('000000040000000000', 'hex'),
]);

/** Whether bytes begin with a SETTINGS frame, as each answer in HTTP/2 does. */
const isHttp2 = (bytes: Uint8Array): boolean =>
  bytes.length >= 9 && bytes[3] === 4 && bytes.subarray(5, 9).every((byte) => byte === 0);

/** Ping over a connection of its own. */
const ping = (t: CheckContext): Promise<string | undefined> =>
  t.lines.ping(t.put.endpoint, t.tester.papers.tls, t.waits.answerMs);

/**
 * The CAs that the peer names in its CertificateRequest must be none, or an issuer in the tester's TLS chain among them
 * (TLS-07): a Go client shows no certificate otherwise.
 */
async function demandNamed(t: CheckContext, { papers }: Tester, whose: string): Promise<void> {
  const flight = await askServerFlight(t, t.put.endpoint, TLS_1_2, t.waits.answerMs);
  t.sign(`the first flight of TLS 1.2: ${describe(flight)}`);
  demand(flight.complete, 'the first flight of a server of TLS 1.2', describe(flight));
  demand(flight.certificateAuthorities !== undefined, 'a CertificateRequest', 'none');
  const named = flight.certificateAuthorities.map((der) => new x509.Name(der).toString());
  const chain = x509.PemConverter.decode(papers.tls?.certificateChainPem ?? '').map(
    (der) => new x509.X509Certificate(der),
  );
  demand(
    named.length === 0 || chain.some(({ issuer }) => named.includes(issuer)),
    `no CA named, or the issuer of ${whose} among them`,
    () => `only ${named.join('; ')}`,
  );
}

const describe = ({ version, alert }: ServerFlight): string => {
  if (version !== undefined) return `version ${version.toString(16)}`;
  return alert === undefined ? 'nothing' : `alert ${alert}`;
};

/** What ALPN chooses in TLS of this version; a Violation if there is no connection. */
async function alpnWith(t: CheckContext, version: SecureVersion): Promise<string | false | null> {
  const socket = await beginTls(t.put.endpoint, { shown: t.tester.papers.tls, version });
  try {
    return await new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        reject(new Lateness(`a connection with ${version}`, reason));
      };
      socket.on('secureConnect', () => {
        resolve(socket.alpnProtocol);
      });
      socket.on('error', (error: Error) => {
        fail(error.message);
      });
      socket.on('close', () => {
        fail('the connection was closed');
      });
    });
  } finally {
    socket.destroy();
  }
}

/** The peer as the one who is called. */
export const tlsChecks: readonly Check[] = [
  check('TLS-01', 'never answers in HTTP/2 to a client without TLS', { needs: ['tls'] }, async (t) => {
    await t.control('Ping with TLS is answered', async () => {
      const failure = await ping(t);
      demandInTime(failure === undefined, 'status OK', () => failure ?? '');
    });
    const heard = await sayAndListen(t.clock, t.put.endpoint, HTTP2_PREFACE, t.waits.answerMs, isHttp2);
    demand(!isHttp2(heard.bytes), 'no HTTP/2 without TLS', 'SETTINGS');
    const failure = await t.lines.ping(t.put.endpoint, t.tester.papers.tls, t.waits.answerMs, {
      plaintext: true,
    });
    demand(failure !== undefined, 'no answer to a Ping without TLS', 'status OK');
    await t.demandAlive();
  }),

  check('TLS-01', 'never answers in TLS to a client with TLS', { needs: ['tls-off'] }, async (t) => {
    await t.control('Ping without TLS is answered', async () => {
      const failure = await ping(t);
      demandInTime(failure === undefined, 'status OK', () => failure ?? '');
    });
    const flight = await askServerFlight(t, t.put.endpoint, TLS_1_2, t.waits.answerMs);
    demand(flight.version === undefined, 'no ServerHello', 'one');
    await t.demandAlive();
  }),

  check(
    'TLS-02',
    'ends a GossipStream with UNKNOWN whose client shows no certificate, before it says anything',
    { needs: ['tls'] },
    async (t) => {
      await honestHandshake(t, t.tester);
      // A peer with clientAuthRequired refuses earlier: there is no stream on which it could say anything.
      if (await verifiesClients(t)) return;
      const stream = await t.tester.dial({ clientCertificate: 'none' });
      const { identity } = t.tester;
      stream.send(signed(identity, connMessage(identity, new Uint8Array())));
      stream.send(unsigned(identityHello(t.random.uint64())));
      await t.eventually(
        'the end of a stream whose client shows no certificate',
        t.waits.answerMs,
        () => !stream.isOpen || stream.received.length > 0,
        5,
      );
      demand(stream.received.length === 0, 'nothing said to a client without a certificate', () =>
        stream.received.map(({ kind }) => kind).join(', '),
      );
      const ending = await stream.expectEnd('the end of a stream whose client shows no certificate');
      demand(ending.code === StatusCode.UNKNOWN, 'status UNKNOWN (2)', `status ${ending.code}`);
      await t.demandAlive();
    },
  ),

  check(
    'TLS-03',
    'takes a client certificate of an unknown CA, unless it verifies those of all callers',
    { needs: ['tls'] },
    async (t) => {
      await honestHandshake(t, t.tester);
      if (await verifiesClients(t)) return;
      const { tls } = await unknownAuthority(t);
      const stream = await t.tester.dial({ clientCertificate: tls });
      await acceptedConn(t, stream, t.tester.conn(stream));
    },
  ),

  check(
    'TLS-05',
    'serves TLS 1.2 and TLS 1.3 with ALPN h2, and nothing older',
    { needs: ['tls'] },
    async (t) => {
      const modern = await askServerFlight(t, t.put.endpoint, TLS_1_2, t.waits.answerMs);
      demand(modern.version === TLS_1_2, 'a ServerHello of TLS 1.2', describe(modern));
      demand(modern.alpn === 'h2', 'ALPN h2', modern.alpn ?? 'none');
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const alpn = await alpnWith(t, version);
        demand(alpn === 'h2', `ALPN h2 with ${version}`, String(alpn));
      }
      const old = await askServerFlight(t, t.put.endpoint, TLS_1_1, t.waits.answerMs);
      demand(old.version === undefined, 'no ServerHello for a client of TLS 1.1', describe(old));
      await t.demandAlive();
    },
  ),

  check(
    'TLS-07',
    'names no CAs when it asks for a certificate, or those of its peers',
    { needs: ['tls'] },
    (t) => demandNamed(t, t.tester, 'the tester’s certificate'),
  ),

  check(
    'TLS-07',
    'names no CAs, or those of other organisations’ peers too',
    { needs: ['tls'], foreign: 1 },
    (t) => demandNamed(t, t.stranger, 'a foreign tester’s certificate'),
  ),

  check(
    'TLS-08',
    'sends the SHA-256 of its leaf certificate in DER, 32 bytes',
    { needs: ['tls'] },
    async (t) => {
      const stream = await t.tester.dial();
      const { value } = await stream.expect('conn');
      const seen = stream.stream.binding.remoteCertificate;
      demand(seen !== undefined, 'a certificate of the peer', 'none');
      demand(
        sameBytes(value.tlsCertHash, tlsHash(seen)),
        `tls_cert_hash ${hex(tlsHash(seen))}`,
        hex(value.tlsCertHash),
      );
    },
  ),

  check(
    'TLS-08',
    'demands the hash of the tester’s leaf certificate in DER, not of its PEM, its key or its CA',
    { needs: ['tls'] },
    async (t) => {
      const { tls } = t.tester.papers;
      if (tls === undefined) throw new Error('a network with TLS, and a tester without');
      const leaf = new X509Certificate(tls.leafDer);
      const [ca = leaf] = tls.rootsPem.map((pem) => new X509Certificate(pem));
      // With the CA behind it, so that the leaf is not the only certificate shown.
      const chain = { ...tls, certificateChainPem: `${leaf.toString()}${ca.toString()}` };
      const dial = () => t.tester.dial({ clientCertificate: chain });
      const good = await dial();
      await acceptedConn(t, good, t.tester.conn(good, { tlsCertHash: tlsHash(tls.leafDer) }));
      await t.tester.leave(good);
      const key = leaf.publicKey.export({ type: 'spki', format: 'der' });
      const wrong = new Map<string, Uint8Array>([
        ['the certificate’s PEM', tlsHash(Buffer.from(leaf.toString()))],
        ['its public key', tlsHash(key)],
        ['its CA’s certificate', tlsHash(ca.raw)],
        ['the whole chain', tlsHash(Buffer.concat([leaf.raw, ca.raw]))],
        ['the leaf in DER, in hexadecimal', Buffer.from(hex(tlsHash(tls.leafDer)))],
      ]);
      for (const [of, tlsCertHash] of wrong) {
        const stream = await dial();
        await refusedConn(
          t,
          stream,
          t.tester.conn(stream, { tlsCertHash }),
          `tls_cert_hash is that of ${of}`,
        );
      }
      await t.demandAlive();
    },
  ),

  check(
    'TLS-09',
    'sends an empty tls_cert_hash, and ignores the one it gets',
    { needs: ['tls-off'] },
    async (t) => {
      const stream = await t.tester.dial();
      const { value } = await stream.expect('conn');
      demand(value.tlsCertHash.length === 0, 'an empty tls_cert_hash', `${value.tlsCertHash.length} bytes`);
      const random = Uint8Array.from({ length: 32 }, () => t.random.below(256));
      await acceptedConn(t, stream, t.tester.conn(stream, { tlsCertHash: random }));
      await t.tester.leave(stream);
      const empty = await t.tester.dial();
      await acceptedConn(t, empty, t.tester.conn(empty, { tlsCertHash: new Uint8Array() }));
    },
  ),

  check(
    'CONN-20',
    'takes the very ConnEstablish again, since nothing in it is fresh',
    { needs: ['tls-off'] },
    async (t) => {
      const first = await t.tester.dial();
      const conn = t.tester.conn(first);
      await t.control('a ConnEstablish is accepted', () => acceptedConn(t, first, conn));
      await t.tester.leave(first);
      await acceptedConn(t, await t.tester.dial(), conn);
    },
  ),
];
