import { PullMsgType } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received } from '../harness/tester-stream';
import { Observer } from '../steps/membership';
import { askBlockDigest, connectOnChannel, offersExactly, push } from '../steps/blocks';
import { awaitListed, channelOf, stateInfoWith } from '../steps/snapshots';

/** Whether a Hello is one of the block pull of the target's channel. */
const isBlockHello =
  (t: CheckContext) =>
  ({ message, value }: Received<'hello'>): boolean =>
    value.msgType === PullMsgType.BLOCK_MSG && Buffer.from(message.channel).toString() === channelOf(t);

/** Members of a channel that leave it, or say little of themselves. */
export const leavingChecks: readonly Check[] = [
  check(
    'LEAVE-04',
    'serves blocks to a member that has left the channel',
    { needs: ['own-channel'] },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await connectOnChannel(t, t.tester, channel.name);
      stream.send(push(channel, 1n));
      await t.control('a block that was pushed is offered', () =>
        offersExactly(t, stream, channel.name, [1n], 'it'),
      );
      const timestamp = t.tester.nextTime();
      const properties = { ledgerHeight: 1n, leftChannel: true, chaincodes: [] };
      stream.send(stateInfoWith(t.tester, channel.name, { timestamp, properties }));
      await t.control('StateInfo of one who has left is kept', () =>
        awaitListed(t, [t.tester, stream, channel.name], t.tester, timestamp, 'it'),
      );
      await askBlockDigest(t, stream, channel.name);
    },
  ),

  check(
    'SINF-13',
    'takes StateInfo without properties for that of a member of the channel',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const timestamp = t.tester.nextTime();
      stream.sendWrong(stateInfoWith(t.tester, channelOf(t), { timestamp, properties: undefined }));
      await awaitListed(t, [t.tester, stream], t.tester, timestamp, 'a StateInfo without properties');
      await stream.expect('hello', {
        where: isBlockHello(t),
        withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
        what: 'a Hello of the block pull',
      });
    },
  ),

  check(
    'SINF-16',
    'survives StateInfo without timestamp',
    { lane: 'alone', needs: ['channel', 'disposable'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      for (const ledgerHeight of [1n, 2n, 3n]) {
        const properties = { ledgerHeight, leftChannel: false, chaincodes: [] };
        stream.sendWrong(stateInfoWith(t.tester, channelOf(t), { timestamp: undefined, properties }));
      }
      await t.marker(stream);
      const timestamp = t.tester.nextTime();
      stream.send(stateInfoWith(t.tester, channelOf(t), { timestamp }));
      await awaitListed(t, [t.tester, stream], t.tester, timestamp, 'a good StateInfo after bad ones');
      await t.demandAlive();
    },
  ),
];
