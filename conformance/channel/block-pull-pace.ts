import type { Millis } from '../../src/ports/clock';
import { check, type Check } from '../harness/check';
import { joinOnChannel, nextBlockHello } from '../steps/blocks';
import { demandPace } from '../steps/pace';

/** Between how many Hellos the time is taken. */
const ROUNDS = 5;

/** How often a peer pulls the blocks of a channel. */
export const blockPullPaceChecks: readonly Check[] = [
  check(
    'PULL-09',
    'says Hello on a channel that it has joined later at each pullInterval',
    {
      lane: 'view',
      long: true,
      needs: ['own-channel'],
      floor: { of: 'Hellos of the block pull', atLeast: ROUNDS + 1 },
    },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await joinOnChannel(t, t.tester, channel.name);
      const times: Millis[] = [];
      while (times.length <= ROUNDS) times.push((await nextBlockHello(t, stream, channel.name)).atMs);
      t.saw(times.length);
      demandPace(times, t.waits.settings.pullIntervalMs, 'a Hello of the block pull');
    },
  ),
];
