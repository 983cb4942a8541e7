import { StatusCode } from '../../src/ports/transport';
import { envelope, gossipMessage, Tag, type Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { acceptedConn, honestHandshake, refusedConn } from '../steps/handshake';
import { identityHello, signed, unsigned } from '../steps/messages';

const nothing = new Uint8Array();
const noMessage = Uint8Array.of(0xff, 0xff, 0xff);
const text = new TextEncoder();

/** Hellos of a flood, in gusts that fit into the tester's own queue. */
const GUSTS = 20;
const GUST = 12;

/** A stream whose handshake is done, and on which the peer answers. */
const goodStream = (t: CheckContext): Promise<TesterStream> =>
  t.control('a well-formed handshake is accepted', async () => {
    const stream = await t.tester.connect();
    await t.marker(stream);
    return stream;
  });

/** A Violation unless a stream that begins so is refused at once. */
async function refusedAtOnce(t: CheckContext, first: Envelope, what: string): Promise<void> {
  const stream = await t.tester.dial();
  const { atMs } = await stream.expect('conn');
  await refusedConn(t, stream, first, what);
  const waitedMs = (stream.endedAtMs ?? atMs) - atMs;
  demandInTime(
    waitedMs < t.waits.settings.connTimeoutMs / 2,
    `the end at once, since ${what}`,
    `after ${Math.round(waitedMs)} ms`,
  );
}

/** A Violation unless the peer still answers on a stream, and has said nothing that it would not have said anyway. */
async function unmoved(t: CheckContext, stream: TesterStream, what: string): Promise<void> {
  await t.marker(stream);
  await t.quiet();
  demandInTime(stream.isOpen, `a stream that stays open after ${what}`, 'it ended');
  for (const kind of ['conn', 'dataUpdate', 'memRes', 'ack', 'empty'] as const) {
    stream.expectNone(kind, `no answer to ${what}`);
  }
}

/** A payload in which four bytes of a text are no UTF-8. */
function withBrokenText(t: CheckContext): Uint8Array {
  const mark = 'ZZZZ';
  const { payload } = t.tester.aliveWithoutSecret({ endpoint: mark });
  const broken = Uint8Array.from(payload);
  broken.fill(0xff, Buffer.from(payload).indexOf(mark), Buffer.from(payload).indexOf(mark) + mark.length);
  return broken;
}

/** Streams that carry what no honest peer sends. */
export const hostileStreamChecks: readonly Check[] = [
  check('BAD-04', 'ends a stream with INTERNAL on which comes what is no Envelope', {}, async (t) => {
    const stream = await goodStream(t);
    stream.sendWrong(noMessage);
    const ending = await stream.expectEnd('the end of a stream on which came what is no Envelope');
    demand(ending.code === StatusCode.INTERNAL, 'status INTERNAL', `status ${ending.code}`);
    await t.demandAlive();
  }),

  check(
    'CONN-18',
    'waits for connTimeout though the stream was half-closed before the first message',
    {},
    async (t) => {
      await honestHandshake(t, t.tester);
      const stream = await t.tester.dial();
      const { atMs } = await stream.expect('conn');
      t.lines.halfClose(stream);
      const { connTimeoutMs } = t.waits.settings;
      const ending = await stream.expectEnd('the end of the stream', 3 * connTimeoutMs + t.waits.answerMs);
      demand(ending.code === StatusCode.UNKNOWN, 'status UNKNOWN', `status ${ending.code}`);
      const waitedMs = (stream.endedAtMs ?? atMs) - atMs;
      demandInTime(
        waitedMs > connTimeoutMs / 2,
        `connTimeout, ${connTimeoutMs} ms`,
        `${Math.round(waitedMs)} ms`,
      );
    },
  ),

  check('BAD-09', 'refuses a stream that does not begin with a ConnEstablish', {}, async (t) => {
    await honestHandshake(t, t.tester);
    const first = new Map([
      ['an empty Envelope', envelope(nothing, nothing)],
      ['a Hello', unsigned(identityHello(1n))],
      ['an alive message', t.tester.alive()],
      ['a MembershipRequest', t.tester.request(1n)],
    ]);
    for (const [what, sent] of first) await refusedAtOnce(t, sent, `it began with ${what}`);
    await t.demandAlive();
  }),

  check('BAD-10', 'refuses a stream that begins with what is no message', {}, async (t) => {
    await honestHandshake(t, t.tester);
    const sent = envelope(noMessage, t.tester.identity.sign(noMessage));
    await refusedAtOnce(t, sent, 'it began with what is no message');
    await t.demandAlive();
  }),

  check('CONN-03', 'does not look at the tag, nonce and channel of a ConnEstablish', {}, async (t) => {
    const stream = await t.tester.dial();
    const more = { tag: Tag.UNDEFINED, nonce: 7n, channel: text.encode('x') };
    await acceptedConn(t, stream, t.tester.conn(stream, {}, more));
  }),

  check('BAD-34', 'ends a stream on which a text comes that is no UTF-8', {}, async (t) => {
    const stream = await goodStream(t);
    const payload = withBrokenText(t);
    stream.sendWrong(envelope(payload, t.tester.identity.sign(payload)));
    const ending = await stream.expectEnd('the end of a stream on which a text came that is no UTF-8');
    demand(ending.code === StatusCode.UNKNOWN, 'status UNKNOWN', `status ${ending.code}`);
    await t.demandAlive();
  }),

  check('BAD-44', 'drops an Envelope without payload', {}, async (t) => {
    const stream = await goodStream(t);
    stream.sendWrong(envelope(nothing, nothing));
    stream.sendWrong(envelope(nothing, t.tester.identity.sign(nothing)));
    await unmoved(t, stream, 'an Envelope without payload');
  }),

  check('BAD-47', 'drops a message without content, whatever its tag', {}, async (t) => {
    const stream = await goodStream(t);
    for (const tag of [Tag.UNDEFINED, Tag.EMPTY, Tag.ORG_ONLY, Tag.CHAN_OR_ORG]) {
      const message = gossipMessage({ tag, nonce: 5n });
      stream.sendWrong(unsigned(message));
      stream.sendWrong(signed(t.tester.identity, message));
    }
    await unmoved(t, stream, 'a message without content');
  }),

  check('CONN-16', 'ignores every ConnEstablish after the first', {}, async (t) => {
    const stream = await goodStream(t);
    stream.sendWrong(t.tester.conn(stream));
    stream.sendWrong(t.tester.conn(stream, { probe: true }));
    stream.sendWrong(t.tester.conn(stream, { pkiId: nothing }));
    await unmoved(t, stream, 'another ConnEstablish');
  }),

  check('LIFE-14', 'answers all of a flood of Hellos', {}, async (t) => {
    const stream = await goodStream(t);
    const nonces = Array.from({ length: GUSTS * GUST }, () => t.random.uint64());
    const answered = (): number => {
      const seen = new Set(
        stream.received.flatMap((one) => (one.kind === 'dataDig' ? [one.value.nonce] : [])),
      );
      return nonces.filter((nonce) => seen.has(nonce)).length;
    };
    for (let gust = 0; gust < GUSTS; gust++) {
      for (const nonce of nonces.slice(gust * GUST, (gust + 1) * GUST)) {
        stream.send(unsigned(identityHello(nonce)));
      }
      // As fast as the tester's own queue and the peer allow.
      await t.eventually('digests for most Hellos so far', 3 * t.waits.answerMs, () => {
        return answered() >= gust * GUST;
      });
    }
    // Answers keep the order of the Hellos (LIFE-15): what has not been answered before the marker never will be.
    await t.marker(stream);
    await t.quiet();
    demandInTime(answered() === nonces.length, 'a digest for each Hello', () => {
      return `${answered()} digests for ${nonces.length} Hellos`;
    });
    demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
  }),
];
