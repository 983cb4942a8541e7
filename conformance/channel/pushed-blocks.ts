import { decodeMessage, Tag } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { OwnChannel } from '../harness/target';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import {
  blockMessage,
  connectOnChannel,
  isPushOf,
  joinOnChannel,
  offeredBlocks,
  offersExactly,
  payloadOf,
  push,
  reachesHeight,
  toldHeight,
  withUnknownField,
} from '../steps/blocks';
import { sameBytes } from '../steps/bytes';
import { isOn } from '../steps/channel-field';
import { forgeriesOf, renumbered } from '../steps/forged-blocks';
import { markerBehind } from '../steps/membership';
import { unsigned } from '../steps/messages';
import { askBlocks } from '../steps/state-transfer';

/** A block so far above the peer's ledger that it is passed on, and never committed (BLOCK-06). */
const FAR = 40n;

/** Every tag but that of a block, CHAN_AND_ORG (TAG-01). */
const otherTags = [Tag.UNDEFINED, Tag.EMPTY, Tag.ORG_ONLY, Tag.CHAN_ONLY, Tag.CHAN_OR_ORG];

/**
 * Answers to a marker and to the tester's own requests, what a peer asks of everybody, and what it passes on to a
 * tester it still takes for a member.
 */
const SENT_ANYWAY: readonly string[] = [
  'dataDig',
  'hello',
  'dataReq',
  'memReq',
  'stateInfoPullReq',
  'stateSnapshot',
  'aliveMsg',
  'stateInfo',
  'leadershipMsg',
];

interface Audience {
  readonly channel: OwnChannel;
  /** Who pushes. */
  readonly stream: TesterStream;
  /** Another member of the peer's organisation, on the channel. */
  readonly watcher: TesterStream;
}

/** A channel of its own with two members besides the peer. */
async function audience(t: CheckContext): Promise<Audience> {
  const channel = await t.newChannel();
  const [stream, watcher] = await Promise.all(
    [t.tester, t.witness].map((tester) => joinOnChannel(t, tester, channel.name)),
  );
  if (stream === undefined || watcher === undefined) throw new Error('two testers join');
  return { channel, stream, watcher };
}

/** A Violation unless the watcher is pushed a block. */
const expectPushed = (watcher: TesterStream, number: bigint, what: string): Promise<Received<'dataMsg'>> =>
  watcher.expect('dataMsg', { where: isPushOf(number), what });

/** What the peer has taken in of what came before; then the time that passing it on would take. */
async function settled(t: CheckContext, stream: TesterStream): Promise<void> {
  await markerBehind(t, stream);
  await t.quiet(t.waits.relayMs);
}

export const pushedBlockChecks: readonly Check[] = [
  check(
    'BLOCK-04',
    'refuses pushed blocks that are forged in one thing, and takes the genuine one',
    { lane: 'view', own: 2, needs: ['own-channel'] },
    async (t) => {
      const { channel, stream, watcher } = await audience(t);
      const forgeries = forgeriesOf(channel, FAR, t.tester.identity, t.channel);
      for (const payload of forgeries.values()) stream.send(blockMessage(channel.name, payload));
      const genuine = decodeMessage(push(channel, FAR).payload);
      for (const tag of otherTags) stream.sendWrong(unsigned({ ...genuine, tag }));
      await settled(t, stream);
      watcher.expectNone('dataMsg', 'a genuine block with another tag, not passed on', isPushOf(FAR));
      for (const [what, { data }] of forgeries) {
        watcher.expectNone('dataMsg', `${what}, not passed on`, ({ value }) =>
          sameBytes(value.payload?.data, data),
        );
      }
      const offered = await offeredBlocks(t, stream, channel.name);
      demand(offered.length === 0, 'no forged block offered', `block ${offered.join(' ')}`);
      // It was not there when the forgeries came, and so is news.
      stream.send(push(channel, FAR));
      await offersExactly(t, stream, channel.name, [FAR], 'the block that the orderer signed');
      await t.control('the genuine block is passed on', () =>
        expectPushed(watcher, FAR, 'the block that the orderer signed, pushed on'),
      );
      await t.demandAlive();
    },
  ),

  check(
    'BLOCK-04',
    'refuses blocks that nobody has signed, made of the first block of the network’s channel',
    { lane: 'view', own: 2, needs: ['channel'] },
    async (t) => {
      const channel = t.channel ?? '';
      const [stream, watcher] = await Promise.all([
        joinOnChannel(t, t.tester, channel),
        joinOnChannel(t, t.witness, channel),
      ]);
      const [first] = (
        await t.control('the first block is served', () => askBlocks(t, stream, channel, [0n, 0n]))
      ).value.payloads;
      if (first === undefined) throw new Inconclusive('the peer does not serve its first block');
      const height = (await toldHeight(t, t.tester, stream, channel)) ?? 1n;
      // So far above the ledger that a peer which takes it does not commit it.
      const number = height + FAR;
      const forgeries = [payloadOf(number, renumbered(first.data, number)), payloadOf(number, first.data)];
      for (const payload of forgeries) stream.send(blockMessage(channel, payload));
      await settled(t, stream);
      watcher.expectNone('dataMsg', 'no block that nobody has signed, passed on', isPushOf(number));
      const offered = await offeredBlocks(t, stream, channel);
      demand(!offered.includes(`${number}`), 'no block that nobody has signed, offered', `block ${number}`);
      if (!watcher.isOpen) throw new Inconclusive('the peer took the watcher for dead, and told it nothing');
      await t.demandAlive();
    },
  ),

  check(
    'BLOCK-04',
    'takes blocks of a foreign member of the channel, and of one that has told no state info',
    { lane: 'view', own: 2, foreign: 1, needs: ['own-channel'] },
    async (t) => {
      const channel = await t.newChannel();
      const watcher = await joinOnChannel(t, t.witness, channel.name);
      const [stream, foreign] = await t.control('testers shake hands', () =>
        Promise.all([t.tester.connect(), t.stranger.connect()]),
      );
      stream.send(push(channel, FAR));
      await expectPushed(watcher, FAR, 'the block of one without state info, passed on');
      foreign.send(push(channel, FAR + 1n));
      await expectPushed(watcher, FAR + 1n, 'the block of a foreign member, passed on');
    },
  ),

  check(
    'BLOCK-05',
    'passes a pushed block on once, as it came, and not back',
    { lane: 'view', own: 2, needs: ['own-channel'] },
    async (t) => {
      const { channel, stream, watcher } = await audience(t);
      const sent = withUnknownField(push(channel, FAR));
      stream.sendWrong(sent);
      const received = await expectPushed(watcher, FAR, 'a pushed block, passed on');
      demand(
        sameBytes(received.envelope.payload, sent.payload),
        'the very bytes that were pushed',
        'others of that block',
      );
      stream.send(push(channel, FAR + 1n));
      await expectPushed(watcher, FAR + 1n, 'the next block, passed on as well');
      // Again by the same, and by another.
      stream.send(push(channel, FAR));
      watcher.send(push(channel, FAR));
      await Promise.all([settled(t, stream), t.marker(watcher)]);
      for (const each of [stream, watcher]) {
        each.expectNone('dataMsg', 'a block passed on once, and not back', isPushOf(FAR));
        demandInTime(each.isOpen, 'a stream that stays open', 'it ended');
      }
    },
  ),

  check(
    'BLOCK-05',
    'offers a pushed block to others, and commits it',
    { lane: 'view', own: 1, needs: ['own-channel'] },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await joinOnChannel(t, t.tester, channel.name);
      stream.send(push(channel, 1n));
      await offersExactly(t, stream, channel.name, [1n], 'a block that was pushed');
      await reachesHeight(t, t.tester, stream, channel.name, 2n);
    },
  ),

  check(
    'BLOCK-05',
    'answers nothing to a block that it refuses, and keeps the stream',
    { needs: ['own-channel'] },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await connectOnChannel(t, t.tester, channel.name);
      const before = stream.received.length;
      for (const payload of forgeriesOf(channel, FAR, t.tester.identity, t.channel).values()) {
        stream.send(blockMessage(channel.name, payload));
      }
      await settled(t, stream);
      const answer = stream.received
        .slice(before)
        .find(
          (one) =>
            (one.message.channel.length === 0 || isOn(channel.name)(one)) && !SENT_ANYWAY.includes(one.kind),
        );
      demand(answer === undefined, 'no answer to a block that is refused', answer?.kind ?? '');
      demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
    },
  ),

  check(
    'BLOCK-14',
    'drops a pushed data message without a block',
    { lane: 'view', own: 2, needs: ['own-channel'] },
    async (t) => {
      const { channel, stream, watcher } = await audience(t);
      stream.sendWrong(blockMessage(channel.name, undefined));
      await settled(t, stream);
      watcher.expectNone('dataMsg', 'no data message without a block, passed on', isOn(channel.name));
      demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
      stream.send(push(channel, FAR));
      await t.control('a block is passed on', () => expectPushed(watcher, FAR, 'a block, passed on'));
      await t.demandAlive();
    },
  ),

  check(
    'BLOCK-03',
    'passes blocks on to members of its organisation that have told state info, and nobody else',
    { lane: 'view', own: 3, foreign: 1, needs: ['own-channel'] },
    async (t) => {
      const { channel, stream, watcher } = await audience(t);
      const [silent, foreign] = await Promise.all([
        t.control('a member without state info joins', async () => (await t.third.join()).stream),
        joinOnChannel(t, t.stranger, channel.name),
      ]);
      const numbers = [0n, 1n, 2n, 3n, 4n].map((offset) => FAR + offset);
      for (const number of numbers) stream.send(push(channel, number));
      for (const number of numbers) {
        await expectPushed(watcher, number, 'a block to a member of the channel');
      }
      await settled(t, stream);
      silent.expectNone('dataMsg', 'no block for a member that has told no state info', isOn(channel.name));
      foreign.expectNone('dataMsg', 'no block for a member of another organisation');
    },
  ),

  check(
    'STORE-02',
    'holds at most eleven blocks: refuses what it has, and what lies more than ten below',
    { lane: 'view', own: 2, needs: ['own-channel'] },
    async (t) => {
      const { channel, stream, watcher } = await audience(t);
      const last = FAR + 11n;
      stream.send(push(channel, FAR));
      await expectPushed(watcher, FAR, 'a new block, passed on');
      for (let number = FAR + 1n; number <= last; number++) stream.send(push(channel, number));
      const held = Array.from({ length: 11 }, (_, i) => FAR + 1n + BigInt(i));
      await offersExactly(t, stream, channel.name, held, 'the eleven newest of twelve');
      for (const number of held) {
        await expectPushed(watcher, number, 'each of eleven newer blocks, passed on');
      }
      // One more than ten below; one that it has, and another of that number.
      stream.send(push(channel, FAR));
      stream.send(push(channel, last));
      const another = payloadOf(last, channel.wrongBlock(last, {}));
      stream.send(blockMessage(channel.name, another));
      await settled(t, stream);
      watcher.expectNone('dataMsg', 'no block more than ten below the newest, passed on', isPushOf(FAR));
      watcher.expectNone('dataMsg', 'no block that it holds, passed on', isPushOf(last));
      // Ten above the lowest: that one stays; and ten below the newest is taken.
      const leap = last + 10n;
      stream.send(push(channel, leap));
      await offersExactly(
        t,
        stream,
        channel.name,
        [last, leap],
        'what is not more than ten below the newest',
      );
      stream.send(push(channel, last + 1n));
      await expectPushed(watcher, last + 1n, 'a block nine below the newest, passed on');
    },
  ),
];
