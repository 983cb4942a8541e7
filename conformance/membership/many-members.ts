import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { AT_REST, inPortions, manyUnmet, tellAlive } from '../steps/many-members';
import { entriesAbout, Observer } from '../steps/membership';
import { MANY_ITEMS } from '../steps/pull';

/** Tells a peer of its own of many members whom it has not met, by responses with so many entries each. */
async function listsAll(t: CheckContext, perResponse: number, what: string): Promise<void> {
  await t.recruit.start({});
  // What it pushed would be passed on to members that cannot be reached.
  t.tester.manners.beatsItsHeart = false;
  const observer = await Observer.join(t, t.tester);
  const members = manyUnmet(t);
  inPortions(members, perResponse, (some) => {
    tellAlive(t, observer.stream, some);
  });
  await t.marker(observer.stream);
  await t.eventually(`${members.length} ${what}`, t.waits.answerMs / 2, async () => {
    const alive = (await observer.entries()).filter(({ list }) => list === 'alive');
    return [...members, t.tester].every(({ pkiId }) => entriesAbout(alive, pkiId).length === 1);
  });
}

/** A peer with more members than fit where somebody lists or reads no more than so many. */
export const manyMemberChecks: readonly Check[] = [
  check('MEMB-06', 'lists all its members, however many they are', { recruit: AT_REST }, (t) =>
    listsAll(t, 1, 'members, told one by one, in one response'),
  ),

  check('MEMB-15', 'reads a response to its end, however long that is', { recruit: AT_REST }, (t) =>
    listsAll(t, MANY_ITEMS, 'alive entries of one response, learned'),
  ),
];
