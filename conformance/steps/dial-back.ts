import type { Millis } from '../../src/ports/clock';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { ServeOptions, TesterServer } from '../harness/tester-server';
import type { TesterStream } from '../harness/tester-stream';
import { sameBytes } from './bytes';

/**
 * Makes the peer dial a tester: the tester joins with an endpoint where it listens, then leaves its own stream, so
 * that the peer's next send to this member has to dial (LIFE-07). Needs `dial-back`.
 */
export async function provokeDial(
  t: CheckContext,
  tester: Tester,
  options: ServeOptions = {},
): Promise<TesterServer> {
  const server = await tester.listen(options);
  await t.control('the tester joins', async () => {
    const { stream } = await tester.join();
    await tester.leave(stream);
  });
  return server;
}

/** How long the peer may take to dial a member that it has no connection to: its next heartbeat, request or Hello. */
export const dialWithinMs = (t: CheckContext): number =>
  t.waits.turnMs(Math.min(t.waits.settings.pullIntervalMs, t.waits.settings.aliveTimeIntervalMs));

/** How long the peer may take to try the dead again: until it looks for them next, and one dial (DEAD-05). */
export const retriesWithinMs = ({ waits }: CheckContext): Millis =>
  waits.tickMs(waits.settings.reconnectIntervalMs) + waits.settings.dialTimeoutMs;

/** Whether it was the peer under test that opened this stream, and not another of its network. */
export const isOfPeer = (t: CheckContext, { received }: TesterStream): boolean =>
  received.some((one) => one.kind === 'conn' && sameBytes(one.value.pkiId, t.put.pkiId));

/**
 * The next stream that the peer under test opens. Others of its network, who know the tester from it by now, may dial
 * as well; their ConnEstablish tells them apart. It is left to be expected.
 */
export async function expectStreamOfPeer(
  t: CheckContext,
  server: TesterServer,
  what: string,
  withinMs: Millis,
): Promise<TesterStream> {
  const deadline = t.clock.now() + withinMs;
  for (;;) {
    const stream = await server.expectStream(what, Math.max(0, deadline - t.clock.now()));
    const isSaid = (): boolean => stream.has('conn') || !stream.isOpen;
    await t.eventually('a ConnEstablish on a stream that was opened', t.waits.answerMs, isSaid, 5);
    if (isOfPeer(t, stream)) return stream;
  }
}

/** As `provokeDial`, and awaits the stream that the peer opens. */
export async function dialledBy(
  t: CheckContext,
  tester: Tester,
  options: ServeOptions = {},
): Promise<{ server: TesterServer; stream: TesterStream }> {
  const server = await provokeDial(t, tester, options);
  const stream = await t.control('the peer dials a member whose stream is gone', () =>
    expectStreamOfPeer(t, server, 'a GossipStream opened by the peer', dialWithinMs(t)),
  );
  return { server, stream };
}
