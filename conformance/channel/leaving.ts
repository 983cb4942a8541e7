import { PullMsgType } from '../../src/wire';
import { check, type Check } from '../harness/check';
import { Observer } from '../steps/membership';
import { awaitListed, channelOf, stateInfoWith } from '../steps/snapshots';

/** Members of a channel that leave it, or say little of themselves. */
export const leavingChecks: readonly Check[] = [
  check(
    'LEAVE-04',
    'says Hello of the block pull to a member that has left the channel',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const timestamp = t.tester.nextTime();
      const properties = { ledgerHeight: 1n, leftChannel: true, chaincodes: [] };
      stream.send(stateInfoWith(t.tester, channelOf(t), { timestamp, properties }));
      await t.control('StateInfo of one who has left is kept', () =>
        awaitListed(t, [t.tester, stream], t.tester, timestamp, 'it'),
      );
      await stream.expect('hello', {
        where: ({ value }) => value.msgType === PullMsgType.BLOCK_MSG,
        withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
        what: 'a Hello of the block pull',
      });
    },
  ),

  check(
    'SINF-13',
    'takes StateInfo without properties for that of a member of the channel',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const timestamp = t.tester.nextTime();
      stream.send(stateInfoWith(t.tester, channelOf(t), { timestamp, properties: undefined }));
      await awaitListed(t, [t.tester, stream], t.tester, timestamp, 'a StateInfo without properties');
      await stream.expect('hello', {
        where: ({ value }) => value.msgType === PullMsgType.BLOCK_MSG,
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
        stream.send(stateInfoWith(t.tester, channelOf(t), { timestamp: undefined, properties }));
      }
      await t.marker(stream);
      const timestamp = t.tester.nextTime();
      stream.send(stateInfoWith(t.tester, channelOf(t), { timestamp }));
      await awaitListed(t, [t.tester, stream], t.tester, timestamp, 'a good StateInfo after bad ones');
      await t.demandAlive();
    },
  ),
];
