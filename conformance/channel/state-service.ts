import { common } from '@hyperledger/fabric-protos';
import { Tag, type Payload } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { OwnChannel } from '../harness/target';
import type { TesterStream } from '../harness/tester-stream';
import { demand, Inconclusive } from '../harness/verdict';
import { connectOnChannel, push, toldHeight } from '../steps/blocks';
import { sameBytes } from '../steps/bytes';
import { connected } from '../steps/handshake';
import { channelOf } from '../steps/snapshots';
import {
  askBlocks,
  demandStateResponse,
  numbersOf,
  reachesServed,
  stateRequest,
  unansweredBlocks,
} from '../steps/state-transfer';

function openBlock({ data }: Payload): common.Block {
  try {
    return common.Block.deserializeBinary(data);
  } catch (error) {
    demand(false, 'a common.Block', error instanceof Error ? error.message : String(error));
  }
}

/** The flags that a committer leaves, one for each transaction. */
const flagsOf = (block: common.Block): Uint8Array =>
  block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ??
  new Uint8Array();

const TOGETHER = 10n;

/** A channel of which the peer has committed the blocks 1 to `last`, and a tester on it. */
async function committed(
  t: CheckContext,
  last: bigint,
): Promise<{ channel: OwnChannel; stream: TesterStream }> {
  const channel = await t.newChannel();
  const stream = await connectOnChannel(t, t.tester, channel.name);
  // A peer looks at several pushes at once, and refuses what lies more than ten below one that it has (STORE-02).
  for (let first = 1n; first <= last; first += TOGETHER) {
    const end = first + TOGETHER - 1n < last ? first + TOGETHER - 1n : last;
    for (let number = first; number <= end; number++) stream.send(push(channel, number));
    await t.control('the peer commits pushed blocks', () => reachesServed(t, stream, channel.name, end));
  }
  return { channel, stream };
}

/** A Violation unless the peer serves a channel's first block, and only that, to who asks for it on `stream`. */
async function demandFirstBlock(t: CheckContext, stream: TesterStream): Promise<void> {
  const numbers = numbersOf(await askBlocks(t, stream, channelOf(t), [0n, 0n]));
  demand(numbers.join() === '0', 'block 0', `blocks ${numbers.join()}`);
}

export const stateServiceChecks: readonly Check[] = [
  check(
    'STATE-02',
    'serves one who has told neither that it is alive nor state info',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      await demandFirstBlock(t, stream);
    },
  ),

  check(
    'STATE-02',
    'serves a peer of another organisation of the channel',
    { foreign: 1, needs: ['channel'] },
    async (t) => {
      const stream = await t.control('a foreign tester shakes hands', () => t.stranger.connect());
      await demandFirstBlock(t, stream);
    },
  ),

  check(
    'STATE-03',
    'serves a request with any tag, of its own channel alone',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const channel = channelOf(t);
      for (const tag of [...Object.values(Tag), 6]) {
        const response = await askBlocks(t, stream, channel, [0n, 0n], { tag });
        demandStateResponse(response, channel);
      }
      const asking =
        (name: string) =>
        (nonce: bigint): ReturnType<typeof stateRequest> =>
          stateRequest(name, [0n, 0n], nonce);
      await unansweredBlocks(
        t,
        stream,
        channel,
        new Map([
          ['a request without channel', asking('')],
          ['a request of a channel that there is not', asking(`${channel}x`)],
          ['a request of a channel of which it has the beginning alone', asking(channel.slice(0, -1))],
        ]),
      );
    },
  ),

  check(
    'STATE-04',
    'answers ranges of one block and of eleven, and of none that there is',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const channel = channelOf(t);
      const height = (await toldHeight(t, t.tester, stream, channel)) ?? 1n;
      for (const range of [
        [0n, 10n],
        [1n, 11n],
        [0n, 0n],
        [height, height + 10n],
      ] as const) {
        demandStateResponse(await askBlocks(t, stream, channel, range), channel);
      }
    },
  ),

  check(
    'STATE-04',
    'answers no range of more than eleven blocks, or upside down',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const channel = channelOf(t);
      const height = (await toldHeight(t, t.tester, stream, channel)) ?? 1n;
      const ranges: readonly (readonly [bigint, bigint])[] = [
        [0n, 11n],
        [1n, 12n],
        [0n, 12n],
        [0n, 100n],
        [5n, 1n],
        [1n, 0n],
        [height, height - 1n],
        [height, height + 11n],
        [0n, MAX],
        [MAX, 0n],
      ];
      await unansweredBlocks(
        t,
        stream,
        channel,
        new Map(
          ranges.map((range) => [
            `a request for blocks ${range.join(' to ')}`,
            (nonce: bigint) => stateRequest(channel, range, nonce),
          ]),
        ),
      );
    },
  ),

  check(
    'STATE-05',
    'answers each request once, by its nonce, with the blocks that it has, in their order',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const channel = channelOf(t);
      const height = (await toldHeight(t, t.tester, stream, channel)) ?? 1n;
      const whole = await askBlocks(t, stream, channel, [0n, 10n]);
      demandStateResponse(whole, channel);
      const had = numbersOf(whole);
      demand(had[0] === 0n, 'blocks from 0 on', `blocks ${had.join()}`);
      demand(
        had.every((number, i) => number === BigInt(i)),
        'every block from 0 on, in order',
        `blocks ${had.join()}`,
      );
      // A height that is told may be older than the answer (SINF-06).
      const least = height < 11n ? height : 11n;
      demand(BigInt(had.length) >= least, `${least} blocks at least`, `${had.length}`);
      for (const payload of whole.value.payloads) {
        const header = openBlock(payload).getHeader();
        demand(
          BigInt(header?.getNumber() ?? -1) === payload.seqNum,
          `block ${payload.seqNum} under that number`,
          `block ${header?.getNumber() ?? 'without header'}`,
        );
      }
      const beyond = await askBlocks(t, stream, channel, [height + 1_000_000n, height + 1_000_005n]);
      demandStateResponse(beyond, channel);
      demand(beyond.value.payloads.length === 0, 'no blocks beyond the ledger', numbersOf(beyond).join());
      const last = BigInt(had.length) - 1n;
      const partial = numbersOf(await askBlocks(t, stream, channel, [last, last + 10n]));
      demand(partial[0] === last, `block ${last} and what follows it`, `blocks ${partial.join()}`);
      for (const nonce of [0n, MAX]) {
        stream.send(stateRequest(channel, [0n, 0n], nonce));
        await stream.expect('stateResponse', {
          where: ({ message }) => message.nonce === nonce,
          what: `a response with nonce ${nonce}`,
        });
      }
      await t.marker(stream);
      stream.expectNone('stateResponse', 'one response to each request');
    },
  ),

  check(
    'STATE-05',
    'answers with what lies in the range, both ends of it, and nothing else',
    { needs: ['own-channel'] },
    async (t) => {
      const { channel, stream } = await committed(t, 14n);
      const cases: readonly (readonly [bigint, bigint, readonly bigint[]])[] = [
        [3n, 5n, [3n, 4n, 5n]],
        [2n, 12n, [2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n, 12n]],
        [7n, 7n, [7n]],
        [13n, 20n, [13n, 14n]],
        [15n, 20n, []],
      ];
      for (const [start, end, wanted] of cases) {
        const response = await askBlocks(t, stream, channel.name, [start, end]);
        demandStateResponse(response, channel.name);
        const had = numbersOf(response).join(' ');
        demand(had === wanted.join(' '), `blocks ${wanted.join(' ') || 'none'}`, had || 'none');
      }
    },
  ),

  check(
    'STATE-06',
    'serves blocks as they were committed, with a flag for each transaction',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const { value } = await askBlocks(t, stream, channelOf(t), [0n, 10n]);
      for (const payload of value.payloads) {
        const block = openBlock(payload);
        const transactions = block.getData()?.getDataList().length ?? 0;
        const flags = flagsOf(block).length;
        demand(
          flags === transactions,
          `${transactions} validation flags in block ${payload.seqNum}`,
          `${flags}`,
        );
      }
      if (value.payloads.length === 0) throw new Inconclusive('the peer serves no block');
    },
  ),

  check(
    'STATE-06',
    'serves a block that was gossiped with the same header and data, and flags besides',
    { needs: ['own-channel'] },
    async (t) => {
      const { channel, stream } = await committed(t, 1n);
      const { value } = await askBlocks(t, stream, channel.name, [1n, 1n]);
      const [payload] = value.payloads;
      demand(payload !== undefined, 'block 1', 'none');
      const [served, gossiped] = [openBlock(payload), common.Block.deserializeBinary(channel.block(1n))];
      for (const part of [
        (block: common.Block) => block.getHeader()?.serializeBinary(),
        (block: common.Block) => block.getData()?.serializeBinary(),
        (block: common.Block) => block.getMetadata()?.getMetadataList_asU8()[0],
      ]) {
        demand(sameBytes(part(served), part(gossiped)), 'header, data and signatures unchanged', 'others');
      }
      demand(
        flagsOf(gossiped).length === 0 && flagsOf(served).length === 1,
        'a validation flag that the gossiped block lacks',
        `${flagsOf(served).length} flags`,
      );
    },
  ),

  check(
    'STATE-08',
    'serves blocks though it asks nobody for any',
    { recruit: { stateTransfer: false }, needs: ['own-channel'] },
    async (t) => {
      await t.recruit.start({});
      const channel = (await t.newChannel()).name;
      const stream = await t.control('a tester shakes hands', () => t.tester.connect());
      const response = await askBlocks(t, stream, channel, [0n, 0n]);
      demand(numbersOf(response).join() === '0', 'block 0', `blocks ${numbersOf(response).join()}`);
    },
  ),

  check('STATE-07', 'adds no private data where there is none', { needs: ['channel'] }, async (t) => {
    const stream = await connected(t);
    const { value } = await askBlocks(t, stream, channelOf(t), [0n, 0n]);
    const [payload] = value.payloads;
    demand(payload?.privateData.length === 0, 'no private data with the first block', 'some');
  }),
];

const MAX = 0xffff_ffff_ffff_ffffn;
