import type { Millis } from '../../src/ports/clock';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { Received, TesterStream } from '../harness/tester-stream';
import { Inconclusive } from '../harness/verdict';
import { hellosOn, nextHello } from './pull';

/** Two Hellos of one round: they leave together, and the next round is a whole pullInterval away. */
const sameRound = (t: CheckContext, one: Received<'hello'>, two: Received<'hello'>): boolean =>
  Math.abs(one.atMs - two.atMs) < t.waits.settings.pullIntervalMs / 4;

/** Waits for a round in which the peer says Hello to both; Inconclusive where chance does not bring one. */
export async function commonRound(
  t: CheckContext,
  streams: readonly [TesterStream, TesterStream],
): Promise<readonly [Received<'hello'>, Received<'hello'>]> {
  const deadline = t.clock.now() + t.waits.chosenMs(t.waits.settings.pullIntervalMs);
  while (t.clock.now() < deadline) {
    const one = await t.control('the peer says Hello to a member', () => nextHello(t, streams[0]));
    await pause(t.clock, Math.min(100, t.waits.settings.digestWaitTimeMs / 3));
    const two = hellosOn(streams[1]).find((each) => sameRound(t, one, each));
    if (two !== undefined) return [one, two];
  }
  throw new Inconclusive('no round came in which the peer said Hello to both testers');
}

/** One Hello may wait for the dial of another, and each dial takes its time to be given up. */
const STALE_DIALS = 2;

/**
 * The Hellos that came as their rounds began. To a member that it knows from before, a peer with a Hello dials in
 * vain for as long as dialTimeout, finds the stream that the member has opened meanwhile, and says on it what is no
 * news any more.
 */
export function timelyHellosOn(t: CheckContext, stream: TesterStream): readonly Received<'hello'>[] {
  const openedMs = stream.received[0]?.atMs ?? 0;
  const staleMs = STALE_DIALS * t.waits.settings.dialTimeoutMs;
  return hellosOn(stream).filter(({ atMs }) => atMs - openedMs > staleMs);
}

/** When the rounds began of which a tester saw a Hello. */
export function roundsOn(t: CheckContext, streams: readonly TesterStream[]): readonly Millis[] {
  const hellos = streams.flatMap((stream) => timelyHellosOn(t, stream)).sort((a, b) => a.atMs - b.atMs);
  const first = hellos.filter((hello, i) => {
    const before = hellos[i - 1];
    return before === undefined || !sameRound(t, before, hello);
  });
  return first.map(({ atMs }) => atMs);
}
