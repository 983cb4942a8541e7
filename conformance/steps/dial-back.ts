import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { ServeOptions, TesterServer } from '../harness/tester-server';
import type { TesterStream } from '../harness/tester-stream';

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

/** As `provokeDial`, and awaits the stream that the peer opens. */
export async function dialledBy(
  t: CheckContext,
  tester: Tester,
  options: ServeOptions = {},
): Promise<{ server: TesterServer; stream: TesterStream }> {
  const server = await provokeDial(t, tester, options);
  const stream = await t.control('the peer dials a member whose stream is gone', () =>
    server.expectStream('a GossipStream opened by the peer', dialWithinMs(t)),
  );
  return { server, stream };
}
