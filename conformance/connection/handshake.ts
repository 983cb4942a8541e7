import type { Millis } from '../../src/ports/clock';
import { StatusCode, type Ending } from '../../src/ports/transport';
import { envelope, Tag } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { tlsHash } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { sameBytes } from '../steps/bytes';
import { dialledBy } from '../steps/dial-back';
import { corrupted, honestHandshake, refusedConn, refusedResponder } from '../steps/handshake';
import { identityHello, unsigned } from '../steps/messages';
import { demandDuration } from '../steps/pace';

const PATIENCE = 'the peer awaits a ConnEstablish for connTimeout';

/** How long the peer awaits a ConnEstablish on a stream where it has said its own, and how that ends. */
async function patienceOn(t: CheckContext, stream: TesterStream): Promise<{ ms: Millis; ending: Ending }> {
  const { atMs } = await stream.expect('conn');
  const ending = await stream.expectEnd('the end of the stream', t.waits.settings.connTimeoutMs * 3 + 1_000);
  return { ms: (stream.endedAtMs ?? atMs) - atMs, ending };
}

export const handshakeChecks: readonly Check[] = [
  check(
    'CONN-01',
    'sends its ConnEstablish first and at once, though the tester is silent',
    {},
    async (t) => {
      const stream = await t.tester.dial();
      const first = await stream.expect('conn', {
        what: 'the peer’s ConnEstablish, unasked, before it gives up on the tester',
        // A peer that waits for the tester's ends the stream without having sent its own.
        withinMs: t.waits.settings.connTimeoutMs + t.waits.answerMs,
      });
      demand(
        stream.received[0] === first,
        'a ConnEstablish as the first envelope',
        `a ${String(stream.received[0]?.kind)}`,
      );
      stream.send(t.tester.conn(stream));
      await t.control('the handshake goes on', () => t.marker(stream));
    },
  ),

  check(
    'CONN-02',
    'sends tag EMPTY, nonce 0, no channel, its own identity, signed, without secret',
    {},
    async (t) => {
      const stream = await t.tester.dial();
      const { message, envelope: outer, value } = await stream.expect('conn');
      demand(message.tag === Tag.EMPTY, 'tag EMPTY (1)', `tag ${message.tag}`);
      demand(message.nonce === 0n, 'nonce 0', `nonce ${String(message.nonce)}`);
      demand(message.channel.length === 0, 'no channel', `a channel of ${message.channel.length} bytes`);
      demand(value.pkiId.length === 32, 'a PKI-ID of 32 bytes', `${value.pkiId.length} bytes`);
      demand(value.identity.length > 0, 'the peer’s identity', 'none');
      demand(outer.signature.length > 0, 'a signature', 'none');
      demand(outer.secretEnvelope === undefined, 'no secret envelope', 'one');
    },
  ),

  check(
    'CONN-04',
    'sends the hash of its server certificate when dialled, of its client certificate when it dials',
    { lane: 'view', needs: ['tls', 'dial-back'] },
    async (t) => {
      const inbound = await t.tester.dial();
      const answered = await inbound.expect('conn');
      demand(
        sameBytes(answered.value.tlsCertHash, tlsHash(inbound.stream.binding.remoteCertificate)),
        'as responder: the SHA-256 of the certificate that the peer serves with',
        'another hash',
      );
      await t.tester.leave(inbound);
      const { stream } = await dialledBy(t, t.tester);
      const opened = await stream.expect('conn');
      demand(
        sameBytes(opened.value.tlsCertHash, tlsHash(stream.stream.binding.remoteCertificate)),
        'as initiator: the SHA-256 of the certificate that the peer shows as a client',
        'another hash',
      );
    },
  ),

  check(
    'CONN-05',
    'ends a stream whose initiator stays silent after connTimeout, with UNKNOWN',
    {},
    async (t) => {
      await honestHandshake(t, t.tester);
      const look = async (): Promise<Millis> => {
        const { ms, ending } = await patienceOn(t, await t.tester.dial());
        demand(ending.code === StatusCode.UNKNOWN, 'status UNKNOWN', `status ${ending.code}`);
        return ms;
      };
      await demandDuration(look, t.waits.settings.connTimeoutMs, PATIENCE);
      await t.demandAlive();
    },
  ),

  check(
    'CONN-05',
    'closes a connection whose responder stays silent after connTimeout',
    { lane: 'view', needs: ['dial-back'] },
    async (t) => {
      const look = async (): Promise<Millis> => {
        const { stream } = await dialledBy(t, t.tester, { conn: () => undefined });
        return (await patienceOn(t, stream)).ms;
      };
      await demandDuration(look, t.waits.settings.connTimeoutMs, PATIENCE);
    },
  ),

  check(
    'CONN-06',
    'looks for a TLS certificate before it speaks, speaks before it reads, and reads all fields',
    { needs: ['tls'] },
    async (t) => {
      await honestHandshake(t, t.tester);
      const bare = await t.tester.dial({ clientCertificate: 'none' });
      await bare.expectEnd('the end of a stream without a TLS certificate');
      demand(
        bare.received.length === 0,
        'nothing sent to a caller without a TLS certificate',
        'a ConnEstablish',
      );

      // The peer's own ConnEstablish comes though ours is no message at all.
      const garbage = await t.tester.dial();
      await refusedConn(
        t,
        garbage,
        envelope(Uint8Array.of(0xff, 0xff, 0xff)),
        'the first payload does not decode',
      );
      demand(garbage.received[0]?.kind === 'conn', 'the peer’s ConnEstablish before the refusal', 'none');

      const other = await t.tester.dial();
      await refusedConn(t, other, unsigned(identityHello(1n)), 'the first message is no ConnEstablish');

      const nobody = await t.tester.dial();
      await refusedConn(
        t,
        nobody,
        t.tester.conn(nobody, { pkiId: new Uint8Array() }),
        'the ConnEstablish has no pki_id',
      );
      await t.demandAlive();
    },
  ),

  check(
    'CONN-06',
    'checks a responder’s ConnEstablish as it does an initiator’s',
    { lane: 'view', needs: ['dial-back'] },
    (t) =>
      refusedResponder(
        t,
        (inbound) => corrupted(t.tester.conn(inbound)),
        'the signature of the responder’s ConnEstablish is corrupted',
      ),
  ),

  check(
    'CONN-06',
    'checks that of another organisation’s responder too',
    { lane: 'view', foreign: 1, needs: ['dial-back', 'external-endpoint'] },
    (t) =>
      refusedResponder(
        t,
        (inbound) => corrupted(t.stranger.conn(inbound)),
        'the signature of a stranger’s ConnEstablish is corrupted',
        t.stranger,
      ),
  ),

  check(
    'CONN-12',
    'serves a request that comes right behind the ConnEstablish, and confirms nothing',
    { lane: 'view' },
    async (t) => {
      const stream = await t.tester.dial();
      stream.send(t.tester.conn(stream));
      await t.tester.askMembership(stream);
      await t.tester.leave(stream);
      const mute = await t.tester.connect();
      await t.quiet();
      const more = mute.received.slice(1).map(({ kind }) => kind);
      demand(
        !more.some((kind) => kind === 'conn' || kind === 'empty' || kind === 'ack'),
        'no confirmation of the handshake',
        () => more.join(', '),
      );
      await t.marker(mute);
    },
  ),
];
