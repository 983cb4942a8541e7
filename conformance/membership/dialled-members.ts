import { StatusCode } from '../../src/ports/transport';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { ServeOptions, TesterServer } from '../harness/tester-server';
import { demandInTime, Inconclusive } from '../harness/verdict';
import { dialWithinMs } from '../steps/dial-back';
import { dialledAndSilent, diesThough, expiration, listOf } from '../steps/death';
import { Observer, quietMember } from '../steps/membership';
import { isPushOf } from '../steps/relay';

/**
 * How often a peer may give up a connection that it has just opened, for another, or call once more where it had
 * begun to.
 */
const TRIES = 3;

/** A member whose server does not serve: the peer dials it, since its own stream is gone. */
async function unservedMember(t: CheckContext, options: ServeOptions): Promise<TesterServer> {
  const server = await t.tester.listen(options);
  const stream = await quietMember(t, t.tester);
  await t.tester.leave(stream);
  return server;
}

/** How many have called by the time when no call comes any more that was under way before. */
async function pingsWhenSettled(t: CheckContext, { pings }: TesterServer): Promise<number> {
  for (let tries = TRIES; ; tries--) {
    const { length } = pings;
    await t.quiet(t.waits.settings.dialTimeoutMs + t.waits.quietMs);
    if (pings.length === length) return length;
    if (tries === 0) throw new Inconclusive('the peer goes on calling where a member was');
  }
}

/** How members die whom the peer has dialled. */
export const dialledMemberChecks: readonly Check[] = [
  check(
    'DEAD-01',
    'closes the connection that it had opened to a member which tells nothing newer',
    { lane: 'view', own: 2, needs: ['dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      for (let tries = TRIES; tries > 0; tries--) {
        const { stream } = await dialledAndSilent(t);
        // On that very connection: one that was opened to a dead member is not closed when that does not live again.
        const last = t.tester.alive();
        stream.send(last);
        const sinceMs = t.clock.now();
        await t.control('it is a member', () => observer.sees(last, 'an alive message', 'alive'));
        await stream.expectEnd(
          'the end of a connection to a member that expired',
          1.2 * expiration(t) + 1_000,
        );
        const afterMs = (stream.endedAtMs ?? sinceMs) - sinceMs;
        if (afterMs >= 0.98 * expiration(t)) return;
      }
      throw new Inconclusive('the peer gave up each of its connections before the member could expire');
    },
  ),

  check(
    'DEAD-04',
    'passes on what brings a member back, and dials it where that says',
    {
      own: 2,
      needs: ['dial-back'],
      // It sends heartbeats to its members, and hardly anything else.
      recruit: { timing: { aliveTimeIntervalMs: 200, pullIntervalMs: 20_000 } },
    },
    async (t) => {
      await t.recruit.start({});
      const observer = await Observer.join(t, t.witness);
      const before = await unservedMember(t, { ping: 'error' });
      await t.control('a member dies that does not answer Ping', () =>
        t.eventually('it is dead', 2 * expiration(t) + 1_000, async () => {
          return (await listOf(observer, t.tester)) === 'dead';
        }),
      );
      const after = await t.tester.listen();
      const stream = await t.control('a dead member connects', () => t.tester.connect());
      const newer = t.tester.alive();
      stream.send(newer);
      await observer.stream.expect('aliveMsg', {
        where: (one) => isPushOf(one, newer),
        what: 'the alive message that brings a member back, relayed',
      });
      await t.control('it is alive again', () => observer.sees(newer, 'a newer alive message', 'alive'));
      const pings = await pingsWhenSettled(t, before);
      await t.tester.leave(stream);
      await t.eventually(
        'a call of a member that is back',
        dialWithinMs(t),
        () => after.streams.length > 0 || before.pings.length > pings,
      );
      demandInTime(before.pings.length === pings, 'it called where it is now', 'a Ping where it was before');
    },
  ),

  check(
    'LIFE-08',
    'takes a member for dead that ended the stream which the peer had opened',
    { lane: 'view', own: 2, needs: ['dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await dialledAndSilent(t);
      await t.control('the stream is in use', () => t.marker(stream));
      stream.end({ code: StatusCode.OK, details: '' });
      await diesThough(t, observer, t.tester, 'a member that ended the stream to it');
    },
  ),

  check(
    'LIFE-09',
    'takes a member for dead whose Ping or handshake fails',
    { lane: 'view', own: 2, needs: ['dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const failures: readonly (readonly [string, ServeOptions])[] = [
        ['a member that answers no Ping', { ping: 'error' }],
        ['a member that is silent in the handshake', { conn: () => undefined }],
      ];
      for (const [what, options] of failures) {
        const server = await unservedMember(t, options);
        await diesThough(t, observer, t.tester, what);
        await t.control('the peer has called', () =>
          server.expectPing('a Ping', dialWithinMs(t) + t.waits.settings.dialTimeoutMs),
        );
      }
    },
  ),

  check(
    'LIFE-09',
    'takes a member for dead at the first handshake with it that fails',
    // Nobody dies of silence meanwhile.
    { own: 2, needs: ['dial-back'], recruit: { timing: { aliveExpirationTimeoutMs: 30_000 } } },
    async (t) => {
      await t.recruit.start({});
      const observer = await Observer.join(t, t.witness);
      const server = await unservedMember(t, { conn: () => undefined });
      const { connTimeoutMs } = t.waits.settings;
      const withinMs = dialWithinMs(t) + connTimeoutMs;
      await server.expectStream('a stream to a member whose own is gone', dialWithinMs(t));
      await t.eventually('a member that is silent in the handshake, dead', withinMs, async () => {
        return (await listOf(observer, t.tester)) === 'dead';
      });
      const [first] = server.streams;
      const survivedMs = t.clock.now() - (first?.endedAtMs ?? Infinity);
      demandInTime(
        survivedMs < connTimeoutMs,
        'a member that is dead when a handshake has failed',
        () => `it was alive for ${Math.round(survivedMs)} ms after that`,
      );
    },
  ),
];
