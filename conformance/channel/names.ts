import { channelMac } from '../../src/identity';
import { gossipMessage, Tag, type GossipMessage } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { channelIn } from '../steps/channel-field';
import { connected } from '../steps/handshake';
import { Observer } from '../steps/membership';
import { unsigned } from '../steps/messages';
import { askPrivate, hasNonce, privatePayload, pushPrivate } from '../steps/private-data';
import {
  askListed,
  askSnapshot,
  awaitListed,
  channelOf,
  isBy,
  listedIn,
  lists,
  snapshot,
  stateInfoWith,
} from '../steps/snapshots';

/** Asks for the first block. */
const firstBlock = (
  t: CheckContext,
  nonce: bigint,
  more: Partial<GossipMessage> = {},
): Parameters<TesterStream['send']>[0] =>
  unsigned(
    gossipMessage({
      nonce,
      channel: Buffer.from(channelOf(t)),
      tag: Tag.CHAN_OR_ORG,
      content: { kind: 'stateRequest', value: { startSeqNum: 0n, endSeqNum: 0n } },
      ...more,
    }),
  );

async function askFirstBlock(
  t: CheckContext,
  stream: TesterStream,
  more: Partial<GossipMessage> = {},
): Promise<Received<'stateResponse'>> {
  const nonce = t.random.uint64();
  stream.sendWrong(firstBlock(t, nonce, more));
  return stream.expect('stateResponse', { where: hasNonce(nonce), what: 'an answer to a state request' });
}

/** Names that are not that of a channel, but nearly. */
const nearly = (name: string): readonly string[] => [
  '',
  name.slice(0, -1),
  `${name}x`,
  `${name}\0`,
  name.toUpperCase(),
];

/** Every tag that there is, and one that there is not. */
const everyTag = [0, 1, 2, 3, 4, 5, 6];

/** The channel name and the tag of a channel's messages. */
export const channelNameChecks: readonly Check[] = [
  check(
    'TAG-01',
    'drops StateInfo, requests for it and snapshots of it with another tag than CHAN_OR_ORG',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const name = channelOf(t);
      const wrongTags = everyTag.filter((tag) => tag !== Tag.CHAN_OR_ORG);
      const value = { channelMac: channelMac(t.tester.pkiId, name) };
      for (const tag of wrongTags) {
        stream.sendWrong(unsigned(gossipMessage({ tag, content: { kind: 'stateInfoPullReq', value } })));
      }
      await t.marker(stream);
      await t.quiet();
      stream.expectNone('stateSnapshot', 'no snapshot for a request with another tag');
      const wrong = wrongTags.flatMap((tag) => {
        const [pushed, told] = [t.tester.nextTime(), t.tester.nextTime()];
        stream.sendWrong(stateInfoWith(t.tester, name, { timestamp: pushed }, { tag }));
        const elements = [stateInfoWith(t.tester, name, { timestamp: told })];
        const content = { kind: 'stateSnapshot', value: { elements } } as const;
        stream.sendWrong(unsigned(gossipMessage({ channel: Buffer.from(name), tag, content })));
        return [
          [`a StateInfo with tag ${tag}`, pushed],
          [`a snapshot with tag ${tag}`, told],
        ] as const;
      });
      await t.marker(stream);
      await t.quiet();
      const listed = await askListed(t, t.tester, stream);
      for (const [what, time] of wrong) {
        demand(!lists(listed, t.tester, time), `no effect of ${what}`, 'the peer lists it');
      }
      const timestamp = t.tester.nextTime();
      stream.send(stateInfoWith(t.tester, name, { timestamp }));
      await t.control('a StateInfo with the right tag is kept', () =>
        awaitListed(t, [t.tester, stream], t.tester, timestamp, 'it'),
      );
    },
  ),

  check(
    'TAG-03',
    'takes state requests and private data under any tag',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      for (const tag of everyTag) {
        await askFirstBlock(t, stream, { tag });
        await askPrivate(t, stream, [], { tag });
        await pushPrivate(t, stream, privatePayload(t), { tag });
      }
    },
  ),

  check(
    'TAG-03',
    'does not look at the tag of a StateInfo in a snapshot',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const timestamp = t.tester.nextTime();
      const element = stateInfoWith(t.tester, channelOf(t), { timestamp }, { tag: Tag.EMPTY });
      const content = { kind: 'stateSnapshot', value: { elements: [element] } } as const;
      const channel = Buffer.from(channelOf(t));
      stream.send(unsigned(gossipMessage({ channel, tag: Tag.CHAN_OR_ORG, content })));
      await awaitListed(t, [t.tester, stream], t.tester, timestamp, 'an element with another tag');
    },
  ),

  check(
    'TAG-05',
    'names the channel in all that it says of it, but for StateInfo and requests for it',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const named = [
        await askSnapshot(t, t.tester, stream),
        await askFirstBlock(t, stream),
        await askPrivate(t, stream, []),
      ];
      for (const one of named) {
        demand(
          channelIn(one) === channelOf(t),
          `channel ${channelOf(t)} in a ${one.kind}`,
          `“${channelIn(one)}”`,
        );
      }
      const own = listedIn(await askSnapshot(t, t.tester, stream)).find(isBy(t.put.pkiId));
      const length = own?.message.channel.length ?? 0;
      demand(length === 0, 'an empty channel field in its StateInfo', `${length} bytes`);
      const request = await stream.expect('stateInfoPullReq', {
        withinMs: t.waits.chosenMs(t.waits.settings.requestStateInfoIntervalMs),
        what: 'a StateInfoPullRequest of the peer to a member',
      });
      demand(
        channelIn(request) === '',
        'an empty channel field in its request for StateInfo',
        channelIn(request),
      );
    },
  ),

  check(
    'TAG-05',
    'ignores the channel field of StateInfo and of requests for it',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const more = { channel: Buffer.from('no-such-channel') };
      const value = { channelMac: channelMac(t.tester.pkiId, channelOf(t)) };
      const content = { kind: 'stateInfoPullReq', value } as const;
      stream.sendWrong(unsigned(gossipMessage({ ...more, tag: Tag.CHAN_OR_ORG, content })));
      await stream.expect('stateSnapshot', { what: 'a snapshot for a request that names another channel' });
      const timestamp = t.tester.nextTime();
      stream.sendWrong(stateInfoWith(t.tester, channelOf(t), { timestamp }, more));
      await awaitListed(t, [t.tester, stream], t.tester, timestamp, 'a StateInfo that names another channel');
    },
  ),

  check(
    'TAG-06',
    'reads no snapshot of a channel whose name is nearly that of its own',
    { lane: 'view', needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const name = channelOf(t);
      const told = nearly(name).map((other) => {
        const timestamp = t.tester.nextTime();
        stream.sendWrong(snapshot(other, [stateInfoWith(t.tester, name, { timestamp })]));
        return { other, timestamp };
      });
      await t.marker(stream);
      await t.quiet();
      const listed = await askListed(t, t.tester, stream);
      for (const { other, timestamp } of told) {
        demand(!lists(listed, t.tester, timestamp), `no snapshot read of channel “${other}”`, 'one is');
      }
      const timestamp = t.tester.nextTime();
      stream.send(snapshot(name, [stateInfoWith(t.tester, name, { timestamp })]));
      await t.control('a snapshot of its channel is read', () =>
        awaitListed(t, [t.tester, stream], t.tester, timestamp, 'its element'),
      );
    },
  ),

  check('TAG-05', 'goes by the exact name of a channel', { needs: ['channel'] }, async (t) => {
    const stream = await connected(t);
    const name = channelOf(t);
    const others = [...nearly(name).map((other) => Buffer.from(other)), channelMac(t.tester.pkiId, name)];
    const sent = others.map((channel) => {
      const nonce = t.random.uint64();
      stream.sendWrong(firstBlock(t, nonce, { channel }));
      return nonce;
    });
    await t.control('a request for the right channel is answered', () => askFirstBlock(t, stream));
    await t.quiet();
    for (const nonce of sent) {
      stream.expectNone('stateResponse', 'no answer for another name', hasNonce(nonce));
    }
  }),
];
