import { channelMac } from '../../src/identity';
import type { Millis } from '../../src/ports/clock';
import { check, type Check } from '../harness/check';
import { joinOnChannel, push } from '../steps/blocks';
import { sameBytes } from '../steps/bytes';
import { demandPace } from '../steps/pace';

/** Between how many ticks the time is taken. */
const TICKS = 5;

const options = { lane: 'view', long: true, needs: ['own-channel'] } as const;

/** How often a peer tells and asks who is on a channel. */
export const stateInfoPaceChecks: readonly Check[] = [
  check(
    'SINF-05',
    'tells a new height at the next publishStateInfoInterval',
    { ...options, floor: { of: 'StateInfos of the peer', atLeast: TICKS + 1 } },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await joinOnChannel(t, t.tester, channel.name);
      const mac = channelMac(t.put.pkiId, channel.name);
      const times: Millis[] = [];
      // Each block comes right after a tick, so that it is told at the next.
      for (let number = 1n; times.length <= TICKS; number++) {
        stream.send(push(channel, number));
        const { atMs } = await stream.expect('stateInfo', {
          where: ({ value }) =>
            sameBytes(value.channelMac, mac) && value.properties?.ledgerHeight === number + 1n,
          withinMs: t.waits.heightMs,
          what: `a StateInfo of the peer with height ${number + 1n}`,
        });
        times.push(atMs);
      }
      t.saw(times.length);
      demandPace(times, t.waits.settings.publishStateInfoIntervalMs, 'a StateInfo that tells a new height');
    },
  ),

  check(
    'SINF-08',
    'asks at each requestStateInfoInterval',
    { ...options, floor: { of: 'requests for StateInfo', atLeast: TICKS + 1 } },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await joinOnChannel(t, t.tester, channel.name);
      const mac = channelMac(t.put.pkiId, channel.name);
      const times: Millis[] = [];
      const { requestStateInfoIntervalMs: intervalMs } = t.waits.settings;
      while (times.length <= TICKS) {
        const { atMs } = await stream.expect('stateInfoPullReq', {
          where: ({ value }) => sameBytes(value.channelMac, mac),
          withinMs: t.waits.chosenMs(intervalMs),
          what: 'a StateInfoPullRequest of the peer to a member',
        });
        times.push(atMs);
      }
      t.saw(times.length);
      demandPace(times, intervalMs, 'a request for StateInfo');
    },
  ),
];
