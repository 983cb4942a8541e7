import type { Millis } from '../../src/ports/clock';
import { median } from '../../src/statistics';
import { check, type Check } from '../harness/check';
import type { RecruitSettings } from '../harness/recruit';
import { demandInTime } from '../harness/verdict';
import { expiration } from '../steps/death';
import { unmet } from '../steps/identities';
import { entriesAbout, Observer } from '../steps/membership';
import { membershipResponse, unsigned } from '../steps/messages';

/** A peer that turns to nobody for a while: nobody dies but of silence. */
const AT_REST: RecruitSettings = {
  timing: { aliveTimeIntervalMs: 20_000, aliveExpirationTimeoutMs: 3_000, pullIntervalMs: 20_000 },
};
/** Members, and of aliveExpirationTimeout the time between two of them: together, more than half of it. */
const MEMBERS = 8;
const APART = 0.065;
/** Of it, how long after it most members may be found silent: half of a tenth is usual, and a busy machine adds to it. */
const TOLERANCE = 0.16;
const LOOK_MS = 40;

/** How soon a peer finds members silent. */
export const silentMemberChecks: readonly Check[] = [
  check(
    'DEAD-01',
    'looks for silent members at each tenth of aliveExpirationTimeout',
    { recruit: AT_REST, long: true, floor: { of: 'silent members', atLeast: MEMBERS } },
    async (t) => {
      await t.recruit.start({});
      // It is heard of by its requests; what it pushed would be passed on to members that cannot be reached.
      t.tester.manners.beatsItsHeart = false;
      const observer = await Observer.join(t, t.tester);
      const heardAt = new Map<Uint8Array, Millis>();
      const foundAfter = new Map<Uint8Array, Millis>();
      const look = async (): Promise<void> => {
        const entries = await observer.entries();
        for (const [pkiId, atMs] of heardAt) {
          const isDead = entriesAbout(entries, pkiId)[0]?.list === 'dead';
          if (isDead && !foundAfter.has(pkiId)) foundAfter.set(pkiId, t.clock.now() - atMs);
        }
      };
      for (let i = 0; i < MEMBERS; i++) {
        const member = t.as(t.tester, unmet(t.tester.identity, t.random));
        observer.stream.send(unsigned(membershipResponse(t.random.uint64(), [member.alive()])));
        heardAt.set(member.pkiId, t.clock.now());
        await look();
        await t.quiet(APART * expiration(t));
      }
      await t.eventually(
        `${MEMBERS} silent members, dead`,
        2 * expiration(t) + 1_000,
        async () => {
          await look();
          return foundAfter.size === MEMBERS;
        },
        LOOK_MS,
      );
      t.saw(foundAfter.size);
      const after = [...foundAfter.values()];
      const told = after.map(Math.round).join(', ');
      demandInTime(Math.min(...after) >= 0.98 * expiration(t), `a life of ${expiration(t)} ms`, `${told} ms`);
      demandInTime(
        median(after) < (1 + TOLERANCE) * expiration(t),
        `most found silent within a tenth of ${expiration(t)} ms`,
        `after ${told} ms`,
      );
    },
  ),
];
