import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { tlsHash, type Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import {
  acceptedConn,
  connected,
  corrupted,
  honestHandshake,
  refusedConn,
  refusedResponder,
  stillServed,
} from '../steps/handshake';
import { connMessage, flipBit, signed } from '../steps/messages';

/** A ConnEstablish with the hash of another certificate than the tester shows on this stream. */
const withOtherHash = (tester: Tester, on: TesterStream): Envelope =>
  tester.conn(on, { tlsCertHash: flipBit(tlsHash(on.stream.binding.localCertificate)) });

async function refusesForgedHashes(t: CheckContext, tester: Tester): Promise<void> {
  await honestHandshake(t, tester);
  const forgeries: readonly [string, (stream: TesterStream) => Uint8Array][] = [
    [
      'the first bit of tls_cert_hash differs',
      ({ stream }) => flipBit(tlsHash(stream.binding.localCertificate)),
    ],
    [
      'the last bit of tls_cert_hash differs',
      ({ stream }) => flipBit(tlsHash(stream.binding.localCertificate), 255),
    ],
    ['tls_cert_hash is empty', () => new Uint8Array()],
    [
      'tls_cert_hash is that of the peer’s own certificate',
      ({ stream }) => tlsHash(stream.binding.remoteCertificate),
    ],
  ];
  for (const [what, forge] of forgeries) {
    const stream = await tester.dial();
    await refusedConn(t, stream, tester.conn(stream, { tlsCertHash: forge(stream) }), what);
  }
  await t.demandAlive();
}

/** Which ConnEstablish a peer refuses, and what becomes of the stream. */
export const refusalChecks: readonly Check[] = [
  check('CONN-07', 'refuses the hash of a certificate the tester did not show', { needs: ['tls'] }, (t) =>
    refusesForgedHashes(t, t.tester),
  ),

  check(
    'CONN-07',
    'refuses such a hash of another organisation’s tester too',
    { needs: ['tls'], foreign: 1 },
    (t) => refusesForgedHashes(t, t.stranger),
  ),

  check(
    'CONN-07',
    'refuses the hash of a certificate that the tester showed on an earlier connection',
    { needs: ['tls'], own: 2 },
    async (t) => {
      const clientCertificate = t.witness.papers.tls ?? 'none';
      const earlier = await connected(t);
      const hash = tlsHash(earlier.stream.binding.localCertificate);
      await t.tester.leave(earlier);
      await t.control('the tester is served with either certificate', async () => {
        const stream = await t.tester.dial({ clientCertificate });
        await acceptedConn(t, stream, t.tester.conn(stream));
        await t.tester.leave(stream);
      });
      const stream = await t.tester.dial({ clientCertificate });
      const what = 'tls_cert_hash is that of another certificate, shown before';
      await refusedConn(t, stream, t.tester.conn(stream, { tlsCertHash: hash }), what);
      await t.demandAlive();
    },
  ),

  check(
    'CONN-07',
    'closes a connection whose responder sends the hash of a certificate it did not show',
    { lane: 'view', needs: ['tls', 'dial-back'] },
    (t) =>
      refusedResponder(
        t,
        (inbound) => withOtherHash(t.tester, inbound),
        'the responder’s tls_cert_hash is wrong',
      ),
  ),

  check(
    'CONN-07',
    'closes a connection to another organisation’s responder that does so',
    { lane: 'view', foreign: 1, needs: ['tls', 'dial-back', 'external-endpoint'] },
    (t) =>
      refusedResponder(
        t,
        (inbound) => withOtherHash(t.stranger, inbound),
        'a stranger’s tls_cert_hash is wrong',
        t.stranger,
      ),
  ),

  check(
    'CONN-08',
    'sends nothing more on a refused stream, and accepts a correct one right after',
    {},
    async (t) => {
      await honestHandshake(t, t.tester);
      const refused = await t.tester.dial();
      const sentMs = t.clock.now();
      await refusedConn(t, refused, corrupted(t.tester.conn(refused)), 'the signature is corrupted');
      const tookMs = (refused.endedAtMs ?? Infinity) - sentMs;
      demandInTime(
        tookMs < t.waits.settings.connTimeoutMs,
        'the end of the stream at once, not after the time that silence is given',
        `it came after ${Math.round(tookMs)} ms`,
      );
      const kinds = refused.received.map(({ kind }) => kind);
      demand(
        kinds.every((kind) => kind === 'conn'),
        'nothing but the peer’s ConnEstablish',
        () => kinds.join(', '),
      );
      const again = await t.tester.dial();
      await acceptedConn(t, again, t.tester.conn(again));
    },
  ),

  check(
    'CONN-08',
    'leaves alone the connection of the one whom a refused stream claims to be',
    {},
    async (t) => {
      const held = await connected(t);
      const refused = await t.tester.dial();
      await refusedConn(t, refused, corrupted(t.tester.conn(refused)), 'the signature is corrupted');
      await stillServed(t, held, 'a stream that was refused');
    },
  ),

  check(
    'CONN-08',
    'closes a connection whose responder it refuses, and dials it again later',
    { lane: 'view', needs: ['dial-back'] },
    (t) =>
      refusedResponder(
        t,
        (inbound) => ({ ...t.tester.conn(inbound), signature: new Uint8Array() }),
        'the responder’s ConnEstablish is not signed',
      ),
  ),

  check(
    'CONN-09',
    'closes a connection whose responder shows another peer’s identity',
    { lane: 'view', own: 2, needs: ['dial-back'] },
    async (t) => {
      await honestHandshake(t, t.witness);
      const forge = (inbound: TesterStream): Envelope => {
        const hash = tlsHash(inbound.stream.binding.localCertificate);
        return signed(t.tester.identity, connMessage(t.witness.identity, hash));
      };
      await refusedResponder(t, forge, 'the identity inside is not the one that signed');
    },
  ),

  check('CONN-09', 'refuses another peer’s identity signed with the tester’s key', { own: 2 }, async (t) => {
    await honestHandshake(t, t.tester);
    await honestHandshake(t, t.witness);
    const stream = await t.tester.dial();
    const hash = tlsHash(stream.stream.binding.localCertificate);
    const forged = signed(t.tester.identity, connMessage(t.witness.identity, hash));
    await refusedConn(t, stream, forged, 'the signature is not by the identity inside');
    await t.demandAlive();
  }),
];
