import { check, type Check } from '../harness/check';
import { demandInTime } from '../harness/verdict';
import { enterChannel } from '../steps/block-pull';
import { connectOnChannel, isPushOf, joinOnChannel, push } from '../steps/blocks';
import { isOn } from '../steps/channel-field';
import { expiration, listOf } from '../steps/death';
import { Observer } from '../steps/membership';

/** A block so far above the peer's ledger that it is passed on, and never committed (BLOCK-06). */
const FAR = 40n;

/** What becomes of a channel's members that die. */
export const deadChannelMemberChecks: readonly Check[] = [
  check(
    'DEAD-10',
    'passes on no block to a dead member of the channel, and does again when that is back',
    { lane: 'view', own: 3, needs: ['own-channel'] },
    async (t) => {
      const channel = await t.newChannel();
      const observer = await Observer.join(t, t.witness);
      await t.control('a member is on the channel', () =>
        enterChannel(t.witness, observer.stream, channel.name),
      );
      const dying = await joinOnChannel(t, t.third, channel.name);
      t.third.manners.answersRequests = false;
      t.third.manners.beatsItsHeart = false;
      await t.third.leave(dying);
      await t.control('it dies', () =>
        t.eventually('it is dead', 2 * expiration(t) + 1_000, async () => {
          return (await listOf(observer, t.third)) === 'dead';
        }),
      );
      const mute = await t.control('a dead member connects', async () => {
        const stream = await t.third.connect();
        await t.marker(stream);
        return stream;
      });
      const author = await connectOnChannel(t, t.tester, channel.name);
      for (const number of [FAR, FAR + 1n, FAR + 2n]) {
        author.send(push(channel, number));
        await t.control('a block is passed on', () =>
          observer.stream.expect('dataMsg', { where: isPushOf(number) }),
        );
      }
      await t.quiet(t.waits.relayMs);
      mute.expectNone('dataMsg', 'no block for a dead member of the channel', isOn(channel.name));
      const newer = t.third.alive();
      mute.send(newer);
      await t.control('it is alive again', () => observer.sees(newer, 'a newer alive message', 'alive'));
      author.send(push(channel, FAR + 3n));
      await mute.expect('dataMsg', {
        where: isPushOf(FAR + 3n),
        what: 'a block for a member that is back, since its StateInfo was kept',
      });
      demandInTime(mute.isOpen, 'a stream that stays open', 'it ended');
    },
  ),
];
