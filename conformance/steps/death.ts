/** Members that a peer takes for dead. */
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterServer } from '../harness/tester-server';
import type { TesterStream } from '../harness/tester-stream';
import { Inconclusive } from '../harness/verdict';
import { dialledBy } from './dial-back';
import { entriesAbout, type Entry, type Observer } from './membership';

/** aliveExpirationTimeout, in milliseconds. */
export const expiration = (t: CheckContext): number => t.waits.settings.aliveExpirationTimeoutMs;

/** Under which list the peer tells of a member; undefined: under none. */
export const listOf = async (observer: Observer, of: Tester): Promise<Entry['list'] | undefined> =>
  entriesAbout(await observer.entries(), of.pkiId)[0]?.list;

/**
 * Waits until a member is dead that others say is alive: it can only be so because a send to it failed. It has no
 * stream of its own any more.
 */
export async function diesThough(
  t: CheckContext,
  observer: Observer,
  tester: Tester,
  what: string,
): Promise<void> {
  const { pullIntervalMs, aliveTimeIntervalMs, dialTimeoutMs, connTimeoutMs } = t.waits.settings;
  const withinMs =
    t.waits.chosenMs(Math.min(pullIntervalMs, aliveTimeIntervalMs)) + dialTimeoutMs + connTimeoutMs;
  // Said to be alive at the first look already: its last alive message may be of long ago.
  let refreshedAt = -Infinity;
  await t.eventually(
    `${what}: dead at once, though others say it is alive`,
    withinMs,
    async () => {
      if (t.clock.now() - refreshedAt > expiration(t) / 3) {
        observer.stream.send(tester.alive());
        refreshedAt = t.clock.now();
      }
      const isDead = (await listOf(observer, tester)) === 'dead';
      if (isDead && t.clock.now() - refreshedAt > 0.9 * expiration(t)) {
        throw new Inconclusive('it was not said to be alive often enough to tell why it is dead');
      }
      return isDead;
    },
    10,
  );
}

/** A member that the peer has dialled, and that tells nobody any more that it is alive. */
export function dialledAndSilent(t: CheckContext): Promise<{ server: TesterServer; stream: TesterStream }> {
  t.tester.manners.answersRequests = false;
  t.tester.manners.beatsItsHeart = false;
  return dialledBy(t, t.tester);
}
