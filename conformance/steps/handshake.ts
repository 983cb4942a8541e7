import { StatusCode } from '../../src/ports/transport';
import type { Envelope } from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { identityHello, unsigned } from './messages';

/** The control of every refused handshake: the very tester that is about to differ in one thing is accepted. */
export const honestHandshake = (t: CheckContext, tester: Tester): Promise<void> =>
  t.control('a well-formed handshake is accepted', async () => {
    const stream = await tester.connect();
    await t.marker(stream);
    await tester.leave(stream);
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
  stream.send(conn);
  stream.send(unsigned(identityHello(t.random.uint64())));
  const ending = await stream.expectEnd(`the end of the stream, since ${what}`);
  demand(ending.code === StatusCode.UNKNOWN, `status UNKNOWN, since ${what}`, `status ${ending.code}`);
  stream.expectNone('dataDig', `no answer on a stream that is refused, since ${what}`);
}

/** Sends a ConnEstablish that must be accepted: an identity Hello behind it is answered. */
export async function acceptedConn(
  t: CheckContext,
  stream: TesterStream,
  conn: Envelope | Uint8Array,
): Promise<void> {
  stream.send(conn);
  await t.marker(stream);
}
