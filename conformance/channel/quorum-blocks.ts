import { check, type Check } from '../harness/check';
import { demand } from '../harness/verdict';
import { blockMessage, connectOnChannel, offeredBlocks, payloadOf, push } from '../steps/blocks';
import { reachesServed } from '../steps/state-transfer';

/** Blocks of a channel whose orderers agree by BFT. */
export const quorumBlockChecks: readonly Check[] = [
  check(
    'BLOCK-15',
    'takes a block that a quorum of the orderers has signed, each by its number, and none that fewer have',
    { needs: ['own-channel', 'bft'] },
    async (t) => {
      const channel = await t.newChannel({ isBft: true });
      const stream = await connectOnChannel(t, t.tester, channel.name);
      const short = channel.wrongBlock(1n, { isShort: true });
      stream.send(blockMessage(channel.name, payloadOf(1n, short)));
      const offered = await offeredBlocks(t, stream, channel.name);
      demand(!offered.includes('1'), 'no block that one orderer too few has signed', 'it is offered');
      stream.send(push(channel, 1n));
      await reachesServed(t, stream, channel.name, 1n);
    },
  ),
];
