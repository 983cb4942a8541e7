import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { channelOf } from '../steps/snapshots';
import { askBlocks, stateRequest } from '../steps/state-transfer';

/** Requests of one who is no reader. */
const REQUESTS = 3;

/** A Violation if the peer gives a block to one who proved to be no reader of the channel. */
async function givesNone(t: CheckContext, theirs: TesterStream, why: string): Promise<void> {
  for (let i = 0; i < REQUESTS; i++) {
    theirs.send(stateRequest(channelOf(t), [0n, 0n], t.random.uint64()));
  }
  await t.marker(theirs);
  await t.quiet();
  theirs.expectNone('stateResponse', `no blocks ${why}`);
}

export const readerProofChecks: readonly Check[] = [
  check(
    'STATE-02',
    'gives no blocks to one who is no reader of the channel',
    { needs: ['channel', 'fresh', 'non-reader'] },
    async (t) => {
      const reader = await t.control('a reader shakes hands', () => t.tester.connect());
      await t.control('a reader is given blocks', () => askBlocks(t, reader, channelOf(t), [0n, 0n]));
      const orderer = await t.issue({ role: 'orderer' });
      const theirs = await t.control('one who is no reader shakes hands', () => orderer.connect());
      await givesNone(t, theirs, 'for one who is no reader of the channel');
    },
  ),

  check(
    'CONN-17',
    'goes by what was proved in the handshake of a stream, and by nothing that is said on it later',
    { needs: ['channel', 'fresh', 'non-reader'] },
    async (t) => {
      const channel = channelOf(t);
      const stream = await t.control('a reader shakes hands', () => t.tester.connect());
      const orderer = await t.issue({ role: 'orderer' });
      const theirs = await t.control('an orderer of the peer’s organisation shakes hands', async () => {
        const opened = await orderer.connect();
        await t.marker(opened);
        return opened;
      });
      await t.control('a reader is given blocks', () => askBlocks(t, stream, channel, [0n, 0n]));
      await givesNone(t, theirs, 'for one who is no reader of the channel');
      // Whatever is said of somebody on a stream does not change who opened it.
      theirs.send(t.tester.conn(theirs));
      await givesNone(t, theirs, 'for one who says a reader’s ConnEstablish later');
      stream.send(orderer.conn(stream));
      await askBlocks(t, stream, channel, [0n, 0n]);
    },
  ),
];
