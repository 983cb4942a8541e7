import { StatusCode } from '../../src/ports/transport';
import type { Envelope } from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { dialledBy } from './dial-back';
import { flipBit, identityHello, unsigned } from './messages';

/** The control of every refused handshake: the very tester that is about to differ in one thing is accepted. */
export const honestHandshake = (t: CheckContext, tester: Tester): Promise<void> =>
  t.control('a well-formed handshake is accepted', async () => {
    await tester.leave(await markedStream(t, tester));
  });

/**
 * Sends a ConnEstablish that must be refused: the stream ends with UNKNOWN, and after the peer's own ConnEstablish
 * nothing more came (CONN-08). An identity Hello goes right behind it, which a peer that accepts would answer.
 */
export async function refusedConn(
  t: CheckContext,
  stream: TesterStream,
  conn: Envelope | Uint8Array,
  what: string,
): Promise<void> {
  stream.sendWrong(conn);
  stream.send(unsigned(identityHello(t.random.uint64())));
  const ending = await stream.expectEnd(`the end of the stream, since ${what}`);
  demand(ending.code === StatusCode.UNKNOWN, `status UNKNOWN, since ${what}`, `status ${ending.code}`);
  stream.expectNone('dataDig', `no answer on a stream that is refused, since ${what}`);
}

/** A stream of the tester's that the peer serves. */
async function markedStream(t: CheckContext, tester = t.tester): Promise<TesterStream> {
  const stream = await tester.connect();
  await t.marker(stream);
  return stream;
}

/** The same, as the control of what follows. */
export const connected = (t: CheckContext, tester = t.tester): Promise<TesterStream> =>
  t.control('a well-formed handshake is accepted', () => markedStream(t, tester));

/** The tester's stream outlives whatever else came under its PKI-ID. */
export async function stillServed(t: CheckContext, held: TesterStream, other: string): Promise<void> {
  await t.quiet();
  demandInTime(held.isOpen, `${other} leaves the connection of the same PKI-ID alone`, 'it ended');
  await t.marker(held);
}

/** Sends a ConnEstablish that must be accepted: an identity Hello behind it is answered. */
export async function acceptedConn(
  t: CheckContext,
  stream: TesterStream,
  conn: Envelope | Uint8Array,
): Promise<void> {
  stream.sendWrong(conn);
  await t.marker(stream);
}

/** The same envelope, but for the last bit of its signature. */
export const corrupted = (envelope: Envelope): Envelope => ({
  ...envelope,
  signature: flipBit(envelope.signature, 8 * envelope.signature.length - 1),
});

/**
 * A responder whose ConnEstablish must be refused: a peer that dialled it says nothing but its own ConnEstablish and
 * closes the connection; it bans nobody, so that it dials again, and the same responder, honest, is served (CONN-08).
 */
export async function refusedResponder(
  t: CheckContext,
  forge: (inbound: TesterStream) => Envelope,
  what: string,
  tester = t.tester,
): Promise<void> {
  const { connTimeoutMs, reconnectIntervalMs } = t.waits.settings;
  let forging = true;
  const honest = new Set<TesterStream>();
  const { server, stream } = await dialledBy(t, tester, {
    conn: (inbound) => {
      if (forging) return forge(inbound);
      honest.add(inbound);
      return tester.conn(inbound);
    },
  });
  await stream.expectEnd(`the end of the connection, since ${what}`);
  const others = stream.received.filter(({ kind }) => kind !== 'conn').map(({ kind }) => kind);
  demand(others.length === 0, `nothing said to a responder that is refused, since ${what}`, () =>
    others.join(', '),
  );
  forging = false;
  const withinMs = t.waits.tickMs(reconnectIntervalMs) + connTimeoutMs;
  await server.expectStream('another attempt, since a refusal bans nobody', withinMs);
  // An attempt that was under way when the responder turned honest is refused like the first, and of two at a time one is
  // given up.
  await t.eventually(
    'a MembershipRequest to a member that is honest again',
    withinMs + t.waits.answerMs,
    () => [...honest].some((inbound) => inbound.has('memReq')),
  );
}
