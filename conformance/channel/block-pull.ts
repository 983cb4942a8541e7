import { decodeMessage, PullMsgType, Tag } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { OwnChannel } from '../harness/target';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { blockHello, enterChannel, isBlockDigestOf } from '../steps/block-pull';
import {
  askBlockDigest,
  blockRequest,
  connectOnChannel,
  idsOf,
  offeredBlocks,
  offersExactly,
  push,
  withUnknownField,
} from '../steps/blocks';
import { sameBytes } from '../steps/bytes';
import { demandChannel } from '../steps/channel-field';
import { unsigned } from '../steps/messages';
import { persist, requestTooLateMs } from '../steps/pull';

/** Far above the ledger: kept and offered, and never committed (BLOCK-06). */
const NUMBERS = [99n, 100n, 101n];

/** A part of the hundred for which a block is offered, long enough for one who forgets soon to have done so. */
const LONG_INTERVALS = 6;

/** A channel of which the peer holds three blocks, and a tester whom it knows there. */
async function withBlocks(t: CheckContext): Promise<{ channel: OwnChannel; stream: TesterStream }> {
  const channel = await t.newChannel();
  const stream = await connectOnChannel(t, t.tester, channel.name);
  for (const number of NUMBERS) stream.send(push(channel, number));
  await t.control('the peer offers blocks that were pushed', () =>
    t.eventually('three blocks offered', t.waits.answerMs, async () => {
      return (await offeredBlocks(t, stream, channel.name)).length === NUMBERS.length;
    }),
  );
  return { channel, stream };
}

/** What every message of a channel's block pull has in common (PULL-01, PULL-02, PULL-06). */
function demandBlockPull(
  { envelope, message, value }: Received<'hello' | 'dataDig' | 'dataReq' | 'dataUpdate'>,
  channel: string,
): void {
  demand(value.msgType === PullMsgType.BLOCK_MSG, 'msg_type BLOCK_MSG (1)', `${value.msgType}`);
  demand(message.tag === Tag.CHAN_AND_ORG, 'tag CHAN_AND_ORG (4)', `tag ${message.tag}`);
  demandChannel({ message }, channel);
  demand(message.nonce === 0n, 'nonce 0 outside the content', `nonce ${message.nonce}`);
  demand(envelope.signature.length === 0, 'no signature', `${envelope.signature.length} bytes of one`);
}

/** Hello, digest, request for `ids`; the update, a Violation if none comes. */
const pullBlocks = (
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  ids: readonly string[],
): Promise<Received<'dataUpdate'>> =>
  persist(async () => {
    const { value } = await askBlockDigest(t, stream, channel);
    stream.send(blockRequest(channel, value.nonce, ids));
    return stream.expect('dataUpdate', {
      where: ({ value: update }) => update.nonce === value.nonce,
      withinMs: t.waits.answerMs / 5,
      what: 'an update with the nonce of the request',
    });
  });

export const blockPullChecks: readonly Check[] = [
  check(
    'BLOCK-07',
    'answers block pull of one whose state info it has, and of nobody else of its organisation',
    { own: 2, needs: ['own-channel'] },
    async (t) => {
      const { channel, stream } = await withBlocks(t);
      const other = await t.control('another tester shakes hands', async () => {
        const opened = await t.witness.connect();
        await t.marker(opened);
        return opened;
      });
      const nonce = t.random.uint64();
      other.send(blockHello(channel.name, nonce));
      await t.marker(other);
      // A nonce serves anybody who may pull (PULL-05), and nobody else.
      const { value } = await askBlockDigest(t, stream, channel.name);
      other.send(blockRequest(channel.name, value.nonce, ['99', '100']));
      await t.marker(other);
      await t.quiet();
      other.expectNone('dataDig', 'no digest before state info', isBlockDigestOf([nonce]));
      other.expectNone('dataUpdate', 'no update before state info');
      await enterChannel(t.witness, other, channel.name);
      const digest = await askBlockDigest(t, other, channel.name, t.witness);
      demand(idsOf(digest).includes('100'), 'a digest after state info', idsOf(digest).join(' '));
    },
  ),

  check(
    'BLOCK-07',
    'answers no block pull of another organisation, state info or not',
    { foreign: 1, needs: ['own-channel'] },
    async (t) => {
      const { channel, stream } = await withBlocks(t);
      const foreign = await connectOnChannel(t, t.stranger, channel.name);
      const nonce = t.random.uint64();
      foreign.send(blockHello(channel.name, nonce));
      const { value } = await askBlockDigest(t, stream, channel.name);
      foreign.send(blockRequest(channel.name, value.nonce, ['99', '100']));
      await t.control('a foreign tester’s messages are read', () =>
        enterChannel(t.stranger, foreign, channel.name),
      );
      await t.quiet();
      foreign.expectNone('dataDig', 'no digest for another organisation', isBlockDigestOf([nonce]));
      foreign.expectNone('dataUpdate', 'no update for another organisation');
    },
  ),

  check('BLOCK-08', 'names blocks by their numbers in decimal', { needs: ['own-channel'] }, async (t) => {
    const { channel, stream } = await withBlocks(t);
    const ids = [...idsOf(await askBlockDigest(t, stream, channel.name))].sort();
    demand(ids.join(' ') === '100 101 99', 'digests 99, 100 and 101 in ASCII', ids.join(', '));
    // And is asked by them.
    const { value } = await pullBlocks(t, stream, channel.name, ['099', '0x64', '101']);
    demand(value.data.length === 1, 'the one block that was asked for by its digest', `${value.data.length}`);
  }),

  check(
    'TAG-01',
    'drops messages of the block pull with another tag than CHAN_AND_ORG',
    { needs: ['own-channel'] },
    async (t) => {
      const { channel, stream } = await withBlocks(t);
      const { value } = await askBlockDigest(t, stream, channel.name);
      const nonces: bigint[] = [];
      for (const tag of Object.values(Tag).filter((one) => one !== Tag.CHAN_AND_ORG)) {
        const nonce = t.random.uint64();
        nonces.push(nonce);
        for (const { payload } of [
          blockHello(channel.name, nonce),
          blockRequest(channel.name, value.nonce, ['100']),
        ]) {
          stream.sendWrong(unsigned({ ...decodeMessage(payload), tag }));
        }
      }
      await t.marker(stream);
      await t.quiet();
      stream.expectNone('dataDig', 'no digest for a Hello with another tag', isBlockDigestOf(nonces));
      stream.expectNone('dataUpdate', 'no update for a request with another tag');
      await t.control('a request with the right tag is answered', () =>
        pullBlocks(t, stream, channel.name, ['100']),
      );
    },
  ),

  check(
    'PULL-02',
    'answers a block Hello with a digest of the channel, and lists each block once',
    { needs: ['own-channel'] },
    async (t) => {
      const { channel, stream } = await withBlocks(t);
      const digest = await askBlockDigest(t, stream, channel.name);
      demandBlockPull(digest, channel.name);
      demand(idsOf(digest).length === NUMBERS.length, 'each of three blocks once', idsOf(digest).join(' '));
      await t.marker(stream);
      stream.expectNone('dataDig', 'one digest for each Hello', isBlockDigestOf([digest.value.nonce]));
    },
  ),

  check(
    'PULL-03',
    'answers no block Hello on a channel without blocks',
    { needs: ['own-channel'] },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await connectOnChannel(t, t.tester, channel.name);
      const nonces = [t.random.uint64(), t.random.uint64(), 1n];
      for (const nonce of nonces) stream.send(blockHello(channel.name, nonce));
      await t.marker(stream);
      await t.quiet();
      stream.expectNone('dataDig', 'no digest where there is nothing to offer', isBlockDigestOf(nonces));
    },
  ),

  check(
    'PULL-04',
    'answers no request for blocks whose nonce no Hello had, or too late a one',
    { needs: ['own-channel'] },
    async (t) => {
      const { channel, stream } = await withBlocks(t);
      const isAnswered = (nonce: bigint): boolean =>
        stream.has('dataUpdate', ({ value }) => value.nonce === nonce);
      const unknown = t.random.uint64();
      stream.send(blockRequest(channel.name, unknown, ['100']));
      await persist(async () => {
        const { value, atMs } = await askBlockDigest(t, stream, channel.name);
        await pause(t.clock, atMs + requestTooLateMs(t) - t.clock.now());
        stream.send(blockRequest(channel.name, value.nonce, ['100']));
        await t.marker(stream);
        await t.quiet();
        demand(!isAnswered(unknown), 'no update for a nonce that no Hello had', 'one');
        demandInTime(!isAnswered(value.nonce), 'no update for the nonce of an old Hello', 'one');
      }, 3);
      await t.control('a request in time is answered', () => pullBlocks(t, stream, channel.name, ['100']));
    },
  ),

  check(
    'PULL-06',
    'answers a request for blocks with those that it holds, in one update',
    { needs: ['own-channel'] },
    async (t) => {
      const { channel, stream } = await withBlocks(t);
      const update = await pullBlocks(t, stream, channel.name, ['101', '7', 'x', '99']);
      demandBlockPull(update, channel.name);
      for (const number of [99n, 101n]) {
        const item = push(channel, number);
        demand(
          update.value.data.some(({ payload }) => sameBytes(payload, item.payload)),
          `block ${number}, which was asked for`,
          'an update without it',
        );
      }
      demand(update.value.data.length === 2, 'two blocks', `${update.value.data.length}`);
      const { value } = await askBlockDigest(t, stream, channel.name);
      stream.send(blockRequest(channel.name, value.nonce, ['7', 'x']));
      await t.marker(stream);
      await t.quiet();
      stream.expectNone('dataUpdate', 'no update where nothing that was asked for is held');
    },
  ),

  check(
    'PULL-06',
    'answers a request for many blocks with all of them, in one update',
    { needs: ['own-channel'] },
    async (t) => {
      const { channel, stream } = await withBlocks(t);
      const more = Array.from({ length: 8 }, (_, i) => 91n + BigInt(i));
      for (const number of more) stream.send(push(channel, number));
      const held = [...more, ...NUMBERS];
      await t.control('the peer offers blocks that were pushed', () =>
        offersExactly(t, stream, channel.name, held, 'eleven blocks'),
      );
      const update = await pullBlocks(t, stream, channel.name, held.map(String));
      const { length } = update.value.data;
      demand(length === held.length, `${held.length} blocks that were asked for`, `${length}`);
    },
  ),

  check('PULL-08', 'hands blocks on byte for byte as they came', { needs: ['own-channel'] }, async (t) => {
    const { channel, stream } = await withBlocks(t);
    const sent = withUnknownField(push(channel, 102n));
    stream.sendWrong(sent);
    await t.control('the peer offers it', () =>
      offersExactly(t, stream, channel.name, [...NUMBERS, 102n], 'blocks that were pushed'),
    );
    const { value } = await pullBlocks(t, stream, channel.name, ['102']);
    const [item] = value.data;
    demandInTime(item !== undefined, 'block 102', 'an update without it');
    demand(sameBytes(item.payload, sent.payload), 'the very bytes that were pushed', 'others');
  }),

  check(
    'BLOCK-13',
    'offers the newest eleven blocks and no others, and goes on to do so',
    { needs: ['own-channel'], long: true },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await connectOnChannel(t, t.tester, channel.name);
      for (let number = 1n; number <= 20n; number++) stream.send(push(channel, number));
      const newest = Array.from({ length: 11 }, (_, i) => 10n + BigInt(i));
      await offersExactly(t, stream, channel.name, newest, 'the newest eleven of twenty');
      const { value } = await pullBlocks(t, stream, channel.name, ['1', '9', '20']);
      demand(
        value.data.length === 1,
        'nothing handed out of what is not offered',
        `${value.data.length} blocks`,
      );
      await t.quiet(LONG_INTERVALS * t.waits.settings.pullIntervalMs);
      await offersExactly(t, stream, channel.name, newest, `the same after ${LONG_INTERVALS} pullIntervals`);
    },
  ),
];
