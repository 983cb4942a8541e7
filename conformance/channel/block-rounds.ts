import { envelope, PullMsgType, Tag, type Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { OwnChannel } from '../harness/target';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import {
  advertise,
  blockDigest,
  blockMessage,
  blockUpdate,
  idsOf,
  isHelloOf,
  isPushOf,
  joinOnChannel,
  nextBlockHello,
  offeredBlocks,
  offersExactly,
  payloadOf,
  push,
  toldHeight,
  type Asked,
} from '../steps/blocks';
import { channelIn, isOn } from '../steps/channel-field';
import { forgeriesOf } from '../steps/forged-blocks';
import { persist } from '../steps/pull';
import { channelOf } from '../steps/snapshots';
import { reachesServed, serves } from '../steps/state-transfer';

const MAX = 0xffff_ffff_ffff_ffffn;

/** Gives the peer what it says Hello for, once: the round in which it asked. */
async function feed(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  ids: readonly string[],
  updates: readonly (readonly Envelope[])[],
): Promise<Asked> {
  const round = await t.control('the peer asks for blocks that are advertised', () =>
    persist(() => advertise(t, stream, channel, ids)),
  );
  for (const items of updates) stream.send(blockUpdate(channel, round.hello.value.nonce, items));
  return round;
}

/** Updates of which one item is bad, each with what is wrong with it; the others are genuine. */
function badUpdates(t: CheckContext, channel: OwnChannel): readonly (readonly Envelope[])[] {
  const good = push(channel, 1n);
  // Genuine in all but that it is of another channel, which the peer is on.
  const other = t.channel ?? '';
  const forged = [...forgeriesOf(channel, 2n, t.tester.identity, t.channel).values()].map((payload) =>
    blockMessage(channel.name, payload),
  );
  const bad = [
    envelope(Uint8Array.of(0xff, 0xff, 0xff)),
    blockMessage(`${channel.name}x`, payloadOf(2n, channel.block(2n))),
    blockMessage(other, payloadOf(2n, channel.wrongBlock(2n, { channel: other }))),
    blockMessage('', payloadOf(2n, channel.block(2n))),
    ...forged,
  ];
  return bad.flatMap((item) => [
    [good, item],
    [item, good],
  ]);
}

/** So many rounds in which a block is asked for may turn to another member that has it. */
const ROUNDS = 10;

export const blockRoundChecks: readonly Check[] = [
  check(
    'BLOCK-09',
    'says block Hello to members of its organisation that have told state info, and nobody else',
    { lane: 'view', own: 1, foreign: 1, needs: ['channel', 'fresh'], long: true },
    async (t) => {
      const channel = channelOf(t);
      // One whose state info no peer may hold from an earlier check.
      const newcomer = await t.issue();
      const [stream, foreign, silent] = await Promise.all([
        joinOnChannel(t, t.tester, channel),
        joinOnChannel(t, t.stranger, channel),
        t.control('a member without state info joins', async () => (await newcomer.join()).stream),
      ]);
      for (let rounds = 3; rounds > 0; rounds--) {
        await stream.expect('hello', {
          where: isHelloOf(channel),
          withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
          what: 'a block Hello to a member that has told state info',
        });
      }
      await t.quiet();
      silent.expectNone('hello', 'no block Hello to a member without state info', isHelloOf(channel));
      foreign.expectNone('hello', 'no block Hello to another organisation', isHelloOf(channel));
      for (const each of [silent, foreign]) {
        if (!each.isOpen) throw new Inconclusive('the peer took a member for dead, and told it nothing');
      }
    },
  ),

  check(
    'PULL-01',
    'says block Hello with the channel, a nonce of its own each time, and no metadata',
    { lane: 'view', own: 1, needs: ['channel'], long: true },
    async (t) => {
      const channel = channelOf(t);
      const stream = await joinOnChannel(t, t.tester, channel);
      const nonces = new Set<bigint>();
      for (let rounds = 3; rounds > 0; rounds--) {
        const {
          envelope: outer,
          message,
          value,
        } = await stream.expect('hello', {
          where: ({ value: hello }) => hello.msgType === PullMsgType.BLOCK_MSG,
          withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
          what: 'a block Hello',
        });
        demand(message.tag === Tag.CHAN_AND_ORG, 'tag CHAN_AND_ORG (4)', `tag ${message.tag}`);
        demand(message.channel.length > 0, 'a channel', 'none');
        demand(message.nonce === 0n, 'nonce 0 outside the content', `nonce ${message.nonce}`);
        demand(value.metadata.length === 0, 'no metadata', `${value.metadata.length} bytes`);
        demand(outer.signature.length === 0, 'no signature', 'one');
        demand(!nonces.has(value.nonce), 'a nonce that no other Hello had', `${value.nonce} again`);
        nonces.add(value.nonce);
      }
      const least = [...nonces].reduce((small, nonce) => (nonce < small ? nonce : small));
      demand(
        [...nonces].some((nonce) => nonce > 0xffff_ffffn) && least > 1_000n,
        'random 64-bit nonces',
        [...nonces].join(', '),
      );
    },
  ),

  check(
    'BLOCK-10',
    'asks for advertised numbers from its height on, by the very strings',
    { lane: 'view', own: 1, needs: ['channel'] },
    async (t) => {
      const channel = channelOf(t);
      const stream = await joinOnChannel(t, t.tester, channel);
      const height = (await toldHeight(t, t.tester, stream, channel)) ?? 1n;
      // Numbers that nobody else advertises meanwhile.
      const far = height + 1_000n + (t.random.uint64() >> 8n);
      const wanted = [`00${far}`, `${far + 1n}`, `${MAX - (far >> 8n)}`];
      const unwanted = [
        'abc',
        '',
        '0',
        '00',
        `${height - 1n}`,
        `-${far}`,
        `+${far}`,
        ` ${far + 2n}`,
        `${far + 2n}.0`,
        '0xffff',
        '18446744073709551616',
      ];
      const [first = '', ...others] = wanted;
      const { request } = await persist(() => advertise(t, stream, channel, [first, ...unwanted, ...others]));
      const asked = [...idsOf(request)].sort().join(' ');
      demand(
        asked === [...wanted].sort().join(' '),
        `a request for ${wanted.join(', ')}, of all that was advertised`,
        idsOf(request)
          .map((id) => `"${id}"`)
          .join(', '),
      );
      const name = channelIn(request);
      demand(name === channel, `channel ${channel}`, name);
      demand(request.message.tag === Tag.CHAN_AND_ORG, 'tag CHAN_AND_ORG (4)', `tag ${request.message.tag}`);
    },
  ),

  check(
    'BLOCK-10',
    'asks for the very next block, and for none that it has',
    { lane: 'view', own: 1, needs: ['channel'] },
    async (t) => {
      const channel = channelOf(t);
      const stream = await joinOnChannel(t, t.tester, channel);
      await persist(async () => {
        const height = await toldHeight(t, t.tester, stream, channel);
        if (height === undefined) throw new Inconclusive('the peer tells no height of its own');
        const [last, next, far] = [`${height - 1n}`, `${height}`, `${height + 1_000_000n}`];
        const { request } = await advertise(t, stream, channel, [last, next, far]);
        const asked = idsOf(request);
        demand(!asked.includes(last), `no request for block ${last}, the height being ${next}`, 'one');
        if (asked.includes(next)) return;
        // A block may have come meanwhile, or another member may have it, and be asked instead.
        await t.quiet();
        if ((await toldHeight(t, t.tester, stream, channel)) !== height) {
          throw new Inconclusive('the channel grew meanwhile');
        }
        demandInTime(false, `a request for block ${next}, the height being ${next}`, asked.join(', '));
      }, ROUNDS);
    },
  ),

  check(
    'PULL-10',
    'asks for no block of a digest with a nonce that it does not await, or that comes late',
    { lane: 'view', own: 1, needs: ['channel'], long: true },
    async (t) => {
      const channel = channelOf(t);
      const stream = await joinOnChannel(t, t.tester, channel);
      // Numbers that nobody else advertises.
      const some = (): string => `${t.random.uint64() >> 2n}`;
      const asksFor = (id: string): boolean =>
        stream.received.some(
          (one) =>
            one.kind === 'dataReq' && one.value.msgType === PullMsgType.BLOCK_MSG && idsOf(one).includes(id),
        );
      const [unasked, lateMs] = [some(), 1.2 * t.waits.settings.digestWaitTimeMs + 80];
      await persist(async () => {
        const late = some();
        const hello = await t.control('the peer says Hello', () => nextBlockHello(t, stream, channel));
        stream.send(blockDigest(channel, t.random.uint64(), [unasked]));
        await pause(t.clock, hello.atMs + lateMs - t.clock.now());
        stream.send(blockDigest(channel, hello.value.nonce, [late]));
        await t.control('it asks for what is advertised in time', () =>
          persist(() => advertise(t, stream, channel, [some()])),
        );
        demand(!asksFor(unasked), 'no request for what an unasked digest advertises', 'one');
        demandInTime(!asksFor(late), 'no request for what a late digest advertises', 'one');
      }, 3);
    },
  ),

  check(
    'BLOCK-11',
    'drops an update of blocks whole if one is bad',
    { lane: 'view', own: 1, needs: ['own-channel'], long: true },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await joinOnChannel(t, t.tester, channel.name);
      await feed(t, stream, channel.name, ['1', '2'], badUpdates(t, channel));
      await t.marker(stream);
      await t.quiet();
      const offered = await offeredBlocks(t, stream, channel.name);
      demand(offered.length === 0, 'no block of an update that is bad in one, offered', offered.join(' '));
      const committed = await t.control('it serves blocks', () => serves(t, stream, channel.name, 1n));
      demand(!committed, 'no block of an update that is bad in one, committed', 'block 1');
      await feed(t, stream, channel.name, ['1', '2'], [[push(channel, 1n), push(channel, 2n)]]);
      await t.control('blocks of a good update are committed', () =>
        reachesServed(t, stream, channel.name, 2n),
      );
      await t.demandAlive();
    },
  ),

  check(
    'BLOCK-11',
    'skips blocks of an update that it has, and takes the others',
    { lane: 'view', own: 1, needs: ['own-channel'], long: true },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await joinOnChannel(t, t.tester, channel.name);
      stream.send(push(channel, 1n));
      await t.control('a block is pushed', () => reachesServed(t, stream, channel.name, 1n));
      const items = [push(channel, 1n), push(channel, 2n), push(channel, 1n)];
      await feed(t, stream, channel.name, ['2'], [items]);
      await reachesServed(t, stream, channel.name, 2n);
    },
  ),

  check(
    'BLOCK-12',
    'offers and commits pulled blocks, and pushes none of them',
    { lane: 'view', own: 2, needs: ['own-channel'], long: true },
    async (t) => {
      const channel = await t.newChannel();
      const [stream, watcher] = await Promise.all([
        joinOnChannel(t, t.tester, channel.name),
        joinOnChannel(t, t.witness, channel.name),
      ]);
      await feed(t, stream, channel.name, ['1', '2'], [[push(channel, 1n), push(channel, 2n)]]);
      await offersExactly(t, watcher, channel.name, [1n, 2n], 'pulled blocks', t.witness);
      await reachesServed(t, stream, channel.name, 2n);
      await t.quiet(t.waits.relayMs);
      watcher.expectNone('dataMsg', 'no pulled block, pushed on', isOn(channel.name));
      stream.send(push(channel, 3n));
      await t.control('a pushed block is passed on', () =>
        watcher.expect('dataMsg', { where: isPushOf(3n) }),
      );
      demandInTime(watcher.isOpen, 'a stream that stays open', 'it ended');
    },
  ),
];
