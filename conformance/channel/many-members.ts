import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { AT_REST, inPortions, manyUnmet, tellAlive } from '../steps/many-members';
import { Observer } from '../steps/membership';
import { MANY_ITEMS } from '../steps/pull';
import { askListed, isBy, snapshot, stateInfoWith } from '../steps/snapshots';

/** Tells a peer of its own of many members of a channel, by snapshots with so many elements each. */
async function listsAll(t: CheckContext, perSnapshot: number, what: string): Promise<void> {
  await t.recruit.start({});
  const { name: channel } = await t.newChannel();
  const { stream } = await Observer.join(t, t.tester);
  const members = manyUnmet(t);
  tellAlive(t, stream, members);
  await t.marker(stream);
  inPortions(members, perSnapshot, (some) => {
    const elements = some.map((one) => stateInfoWith(one, channel, { timestamp: one.nextTime() }));
    stream.send(snapshot(channel, elements));
  });
  await t.eventually(`${members.length} ${what}`, t.waits.answerMs / 2, async () => {
    const listed = await askListed(t, t.tester, stream, channel);
    return members.every(({ pkiId }) => listed.some(isBy(pkiId)));
  });
}

const options = { recruit: AT_REST, needs: ['own-channel'] } as const;

/** A channel with more members than fit where somebody lists or reads no more than so many. */
export const manyChannelMemberChecks: readonly Check[] = [
  check('SINF-11', 'lists all members of a channel, however many they are', options, (t) =>
    listsAll(t, 1, 'members, told one by one, in one snapshot'),
  ),

  check('SINF-12', 'reads a snapshot to its end, however long that is', options, (t) =>
    listsAll(t, MANY_ITEMS, 'elements of one snapshot, kept'),
  ),
];
