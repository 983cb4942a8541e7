import { common } from '@hyperledger/fabric-protos';
import { Tag } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { isPushOf, joinOnChannel, offeredBlocks } from '../steps/blocks';
import { demandChannel } from '../steps/channel-field';

/** Longer than an organisation may be without a leader who fetches blocks. */
const DELIVERY_MS = 20_000;

/** Has a block ordered; its number. */
const orderBlock = async (t: CheckContext): Promise<bigint> => BigInt(await t.addBlock()) - 1n;

const awaitPush = (stream: TesterStream, number: bigint): Promise<Received<'dataMsg'>> =>
  stream.expect('dataMsg', {
    where: isPushOf(number),
    withinMs: DELIVERY_MS,
    what: `block ${number}, which was just ordered, pushed`,
  });

/** Blocks that an orderer delivers, on the channel of the network. */
export const orderedBlockChecks: readonly Check[] = [
  check(
    'BLOCK-01',
    'pushes a new block as the orderer made it, with tag and channel, unsigned',
    { lane: 'view', needs: ['add-block', 'block-gossip'] },
    async (t) => {
      const channel = t.channel ?? '';
      const stream = await joinOnChannel(t, t.tester, channel);
      const number = await orderBlock(t);
      const { envelope, message, value } = await awaitPush(stream, number);
      demand(message.tag === Tag.CHAN_AND_ORG, 'tag CHAN_AND_ORG (4)', `tag ${message.tag}`);
      demandChannel({ message }, channel);
      demand(message.nonce === 0n, 'nonce 0', `nonce ${message.nonce}`);
      demand(envelope.signature.length === 0, 'no signature', `${envelope.signature.length} bytes of one`);
      demand(value.payload?.privateData.length === 0, 'no private data', 'some');
      const block = common.Block.deserializeBinary(value.payload.data);
      demand(
        BigInt(block.getHeader()?.getNumber() ?? -1) === number,
        `a common.Block with number ${number}`,
        `${block.getHeader()?.getNumber() ?? 'no header'}`,
      );
      const flags = block.getMetadata()?.getMetadataList_asU8()[
        common.BlockMetadataIndex.TRANSACTIONS_FILTER
      ];
      demand((flags?.length ?? 0) === 0, 'no validation flags yet', `${flags?.length ?? 0}`);
    },
  ),

  check(
    'BLOCK-02',
    'offers for pull what the orderer delivers',
    { lane: 'view', needs: ['add-block', 'block-gossip'] },
    async (t) => {
      const channel = t.channel ?? '';
      const stream = await joinOnChannel(t, t.tester, channel);
      const number = await orderBlock(t);
      await t.control('the block is delivered', () => awaitPush(stream, number));
      await t.eventually(`block ${number}, which was just ordered, offered`, t.waits.answerMs, async () =>
        (await offeredBlocks(t, stream, channel)).includes(`${number}`),
      );
    },
  ),

  check(
    'BLOCK-03',
    'pushes new blocks to no member of another organisation',
    { lane: 'view', foreign: 1, needs: ['add-block', 'block-gossip'] },
    async (t) => {
      const channel = t.channel ?? '';
      const [stream, foreign] = await Promise.all(
        [t.tester, t.stranger].map((tester) => joinOnChannel(t, tester, channel)),
      );
      if (stream === undefined || foreign === undefined) throw new Error('two testers join');
      const number = await orderBlock(t);
      await t.control('the block is pushed inside the organisation', () => awaitPush(stream, number));
      await t.quiet(t.waits.relayMs);
      foreign.expectNone('dataMsg', 'no block for a member of another organisation');
    },
  ),
];
