import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { expiration, listOf } from '../steps/death';
import { connected } from '../steps/handshake';
import { Observer, quietMember } from '../steps/membership';
import { askListed, awaitListed, channelOf, isBy, stateInfoWith } from '../steps/snapshots';

/** Time between two sweeps: so many times pullInterval (SINF-14). */
const SWEEP_PULLS = 5;
/** Between two looks: a peer that forgets too much may be told it again soon. */
const LOOK_MS = 100;

/** A member who asks for snapshots of a channel. */
type Asker = readonly [Tester, TesterStream, string];

/** Tells the peer a StateInfo of an author and awaits it in what it tells. */
async function enter(t: CheckContext, asker: Asker, author: Tester, on: TesterStream): Promise<void> {
  const timestamp = author.nextTime();
  on.send(stateInfoWith(author, asker[2], { timestamp }));
  await t.control('StateInfo of a tester is kept', () =>
    awaitListed(t, asker, author, timestamp, 'a StateInfo of a tester'),
  );
}

/** A Violation unless the StateInfo of one who is no member goes at the next sweep, and that of these stays. */
async function sweepsAlone(
  t: CheckContext,
  asker: Asker,
  kept: ReadonlyMap<string, Tester>,
  withinMs = t.waits.tickMs(SWEEP_PULLS * t.waits.settings.pullIntervalMs),
): Promise<void> {
  const loner = await t.issue();
  await enter(t, asker, loner, await connected(t, loner));
  const deadline = t.clock.now() + withinMs;
  for (;;) {
    const listed = await askListed(t, ...asker);
    for (const [who, { pkiId }] of kept) {
      demand(listed.some(isBy(pkiId)), `StateInfo of ${who} kept`, 'it is gone');
    }
    if (!listed.some(isBy(loner.pkiId))) return;
    demandInTime(t.clock.now() < deadline, 'StateInfo of no member gone at the next sweep', 'still there');
    await t.quiet(LOOK_MS);
  }
}

/** Whose StateInfo is forgotten, and whose is not. */
export const sweptStateInfoChecks: readonly Check[] = [
  check(
    'SINF-14',
    'forgets StateInfo of one who is no member, alive or dead, every five pullIntervals',
    { lane: 'view', long: true, needs: ['channel', 'fresh'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const asker: Asker = [t.tester, stream, channelOf(t)];
      await enter(t, asker, t.tester, stream);
      const intervalMs = SWEEP_PULLS * t.waits.settings.pullIntervalMs;
      const kept = new Map([['a member', t.tester]]);
      await sweepsAlone(t, asker, kept);
      const sweptMs = t.clock.now();
      await sweepsAlone(t, asker, kept, 1.4 * intervalMs);
      const gapMs = Math.round(t.clock.now() - sweptMs);
      demandInTime(gapMs >= 0.6 * intervalMs, `a sweep every ${intervalMs} ms`, `one after ${gapMs} ms`);
    },
  ),

  check(
    'SINF-14',
    'keeps StateInfo of a dead member',
    { lane: 'view', long: true, own: 2, needs: ['own-channel', 'fresh'] },
    async (t) => {
      // Nobody else is on this channel who would tell it again.
      const { name } = await t.newChannel();
      const observer = await Observer.join(t, t.tester);
      const asker: Asker = [t.tester, observer.stream, name];
      const dying = await quietMember(t, t.witness);
      await enter(t, asker, t.witness, dying);
      await t.witness.leave(dying);
      await t.control('a member dies', () =>
        t.eventually('it is dead', 2 * expiration(t) + 1_000, async () => {
          return (await listOf(observer, t.witness)) === 'dead';
        }),
      );
      await sweepsAlone(t, asker, new Map([['a dead member', t.witness]]));
    },
  ),
];
