import { StatusCode } from '../../src/ports/transport';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { sameEnvelope } from '../steps/alive';
import { diesThough, expiration, listOf } from '../steps/death';
import { entriesAbout, Observer, quietMember } from '../steps/membership';
import { identityHello, membershipResponse, unsigned } from '../steps/messages';
import { PUSHES, relayedTo } from '../steps/relay';

/** What members are sent, and nobody else. */
const ADDRESSED = ['aliveMsg', 'memReq', 'hello'] as const;
/** How often what was sent before may come in between. */
const MAX_LOOKS = 3;

/** How long until a member that left is surely dead: it cannot be reached, or else it expires. */
const diesWithinMs = (t: CheckContext): number => 2 * expiration(t) + 1_000;

/**
 * Makes a tester a member and then a dead one; returns its last alive message, which it pushed, or put into a request.
 */
async function makeDead(
  t: CheckContext,
  observer: Observer,
  tester: Tester,
  how: 'push' | 'request' = 'push',
): Promise<Envelope> {
  const stream = await quietMember(t, tester);
  const last = tester.alive();
  stream.send(how === 'push' ? last : tester.request(3n, last));
  await t.control('it is a member', () => observer.sees(last, 'an alive message', 'alive'));
  await tester.leave(stream);
  await t.control('it dies', () =>
    t.eventually('it is dead', diesWithinMs(t), async () => (await listOf(observer, tester)) === 'dead'),
  );
  return last;
}

/** A Violation if a dead member is raised by what is known of it, in a request of its own and in a response of another. */
async function staysDeadOn(
  t: CheckContext,
  observer: Observer,
  stream: TesterStream,
  known: readonly Envelope[],
): Promise<void> {
  for (const one of known) stream.send(t.tester.request(1n, one));
  observer.stream.send(unsigned(membershipResponse(0n, known)));
  await t.marker(stream);
  await t.marker(observer.stream);
  await t.quiet();
  const list = await listOf(observer, t.tester);
  demand(list === 'dead', 'a member that stays dead on old news', `listed as ${String(list)}`);
}

/** A stream of a tester that says nothing of itself. */
const connectMute = (t: CheckContext, tester: Tester): Promise<TesterStream> =>
  t.control('a dead member connects', async () => {
    const stream = await tester.connect();
    await t.marker(stream);
    return stream;
  });

/**
 * Somebody tells its last alive message on a stream, and then nothing newer: `chatter` is what it says instead. The peer
 * must take it for dead, in time and not before, and close its connection.
 */
async function diesOfSilence(
  t: CheckContext,
  [observer, watcher, mute]: readonly [Observer, Tester, Tester],
  stream: TesterStream,
  tell: (stream: TesterStream, last: Envelope) => void,
  chatter: (last: Envelope) => readonly Envelope[],
): Promise<void> {
  const last = mute.alive();
  tell(stream, last);
  const since = t.clock.now();
  await t.control('it is a member', () => observer.sees(last, 'an alive message', 'alive'));
  // None of this is life: replays, and questions.
  const said = [...chatter(last), unsigned(membershipResponse(0n, [last])), unsigned(identityHello(1n))];
  const limitMs = 1.2 * expiration(t) + 1_000;
  while (stream.isOpen && t.clock.now() - since < limitMs) {
    for (const one of said) stream.send(one);
    observer.stream.send(unsigned(membershipResponse(0n, [last])));
    await pause(t.clock, expiration(t) / 20);
  }
  const ending = await stream.expectEnd('the end of the stream of a member that expired', 0);
  demand(ending.code === StatusCode.OK, 'status OK', `status ${ending.code}`);
  const afterMs = (stream.endedAtMs ?? since) - since;
  demandInTime(
    afterMs >= 0.98 * expiration(t),
    `a life of aliveExpirationTimeout, ${Math.round(expiration(t))} ms`,
    `${Math.round(afterMs)} ms`,
  );
  const { envelope } = await observer.sees(last, 'a member that expired', 'dead');
  demand(sameEnvelope(envelope, last), 'its last alive message', 'another');
  demandInTime(
    observer.stream.isOpen && (await listOf(observer, watcher)) === 'alive',
    'a member that keeps saying it is alive, alive',
    'it is dead as well',
  );
}

/** The same of one who pushed it. */
const silentOnceItPushed = async (
  t: CheckContext,
  cast: readonly [Observer, Tester, Tester],
): Promise<void> =>
  diesOfSilence(
    t,
    cast,
    await quietMember(t, cast[2]),
    (stream, last) => {
      stream.send(last);
    },
    (last) => [last, cast[2].request(1n, last)],
  );

export const deathChecks: readonly Check[] = [
  check(
    'DEAD-01',
    'takes a member for dead that tells nothing newer for aliveExpirationTimeout, whatever else it says',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await silentOnceItPushed(t, [observer, t.witness, t.tester]);
    },
  ),

  check(
    'DEAD-01',
    'takes a silent member of another organisation for dead too',
    { lane: 'view', foreign: 2, needs: ['external-endpoint'] },
    async (t) => {
      const [mute, watcher] = t.foreign;
      if (mute === undefined || watcher === undefined)
        throw new Error('the check asks for two foreign testers');
      await silentOnceItPushed(t, [await Observer.join(t, watcher), watcher, mute]);
    },
  ),

  check(
    'DEAD-01',
    'takes a member for dead that introduces itself over and over again with the same alive message, and once more',
    { lane: 'view', long: true, own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      // The second time its last alive message is what brings it back from the dead.
      for (const enter of [quietMember, connectMute]) {
        // It was never pushed: what a peer remembers of pushes does not help it here.
        await diesOfSilence(
          t,
          [observer, t.witness, t.tester],
          await enter(t, t.tester),
          (stream, last) => {
            stream.send(t.tester.request(1n, last));
          },
          (last) => [t.tester.request(1n, last)],
        );
      }
    },
  ),

  check('DEAD-02', 'sends a dead member nothing', { lane: 'view', long: true, own: 2 }, async (t) => {
    const observer = await Observer.join(t, t.witness);
    await makeDead(t, observer, t.tester);
    const stream = await connectMute(t, t.tester);
    const saidSince = (ms: number): readonly string[] =>
      ADDRESSED.filter((kind) => stream.has(kind, ({ atMs }) => atMs > ms));
    // What was sent to it before it died, and waits for one dial after the other to fail, comes on the new stream.
    for (let looks = MAX_LOOKS; looks > 0; looks--) {
      const from = t.clock.now();
      await t.quiet(t.waits.settings.dialTimeoutMs + t.waits.relayMs);
      if (saidSince(from).length === 0) break;
    }
    const since = t.clock.now();
    for (let i = 0; i < PUSHES; i++) observer.stream.send(t.witness.alive());
    await t.quiet(3 * Math.max(t.waits.settings.pullIntervalMs, t.waits.settings.aliveTimeIntervalMs));
    const said = saidSince(since);
    // Where the whole machine stands still, what waited may come later still.
    demandInTime(said.length === 0, 'nothing that members are sent to a dead one', said.join(', '));
    demand((await listOf(observer, t.tester)) === 'dead', 'an entry among the dead', 'none');
    const newer = t.tester.alive();
    stream.send(newer);
    await t.control('alive again, it is sent what members are', async () => {
      await observer.sees(newer, 'a newer alive message', 'alive');
      await relayedTo(t, stream, () => {
        stream.send(t.tester.alive());
        const alive = t.witness.alive();
        observer.stream.send(alive);
        return alive;
      });
    });
  }),

  check('DEAD-03', 'takes a member for dead that cannot be reached', { lane: 'view', own: 2 }, async (t) => {
    const observer = await Observer.join(t, t.witness);
    const stream = await quietMember(t, t.tester);
    await t.tester.leave(stream);
    await diesThough(t, observer, t.tester, 'a member at an endpoint where nobody listens');
  }),

  check(
    'DEAD-04',
    'brings a dead member back on a newer alive message, however it comes, and on no other',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const older = t.tester.alive();
      const last = await makeDead(t, observer, t.tester);
      const stream = await connectMute(t, t.tester);
      stream.send(last);
      stream.send(older);
      await staysDeadOn(t, observer, stream, [last, older]);
      const pushed = t.tester.alive();
      stream.send(pushed);
      await observer.sees(pushed, 'a dead member that pushes a newer alive message', 'alive');
      const entries = entriesAbout(await observer.entries(), t.tester.pkiId);
      demand(entries.length === 1, 'one entry of a member that has come back', `${entries.length}`);
      demandInTime(stream.isOpen, 'its stream stays open', 'it ended');
      await t.tester.leave(stream);

      const introduced = await makeDead(t, observer, t.tester, 'request');
      const again = await connectMute(t, t.tester);
      // It was never pushed: what a peer remembers of pushes does not help it here.
      await staysDeadOn(t, observer, again, [introduced]);
      const asked = t.tester.alive();
      again.send(t.tester.request(2n, asked));
      await observer.sees(asked, 'a dead member that sends a request', 'alive');
      await t.tester.leave(again);

      await makeDead(t, observer, t.tester);
      const third = await connectMute(t, t.tester);
      const told = t.tester.alive();
      observer.stream.send(unsigned(membershipResponse(0n, [told])));
      await observer.sees(told, 'a dead member of whom a response tells a newer alive message', 'alive');
      await t.tester.leave(third);
    },
  ),
];
