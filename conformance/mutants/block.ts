import { fabricRules, type Rules } from '../../src/node';
import {
  decodeEnvelope,
  encodeEnvelope,
  encodeMessage,
  PullMsgType,
  type ContentOf,
  type GossipMessage,
} from '../../src/wire';
import type { ClauseId } from '../clauses';
import type { Deviation } from '../harness/targets/embedded';
import { hearing, heedingPartnersAlone, messageOf, mutant, saying, sending, withRules } from './mutant';

type Fault = Parameters<Rules['heedsFault']>[0];

/** It takes blocks with this fault. */
const taking = (
  name: string,
  what: string,
  fault: Fault,
  more: readonly ClauseId[] = [],
): ReturnType<typeof mutant> =>
  mutant(
    `block-${name}`,
    `it takes blocks ${what}`,
    ['BLOCK-04', ...more],
    withRules({ heedsFault: (found) => found !== fault }),
  );

type Compare = Rules['compareBlocks'];

/** Compares blocks as Fabric does, except for some. */
const comparing = (
  change: (...compared: Parameters<Compare>) => ReturnType<Compare> | undefined,
): Deviation =>
  withRules({
    compareBlocks: (...compared) => change(...compared) ?? fabricRules.compareBlocks(...compared),
  });

/** Changes what it says in the block pull; identities are pulled as they should be. */
const sayingOfBlocks = <K extends 'hello' | 'dataDig' | 'dataReq' | 'dataUpdate'>(
  kind: K,
  change: (message: GossipMessage, value: ContentOf<K>) => Partial<GossipMessage>,
): Deviation =>
  saying(kind, (message, value) => (value.msgType === PullMsgType.BLOCK_MSG ? change(message, value) : {}));

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

export const blockMutants = [
  mutant(
    'block-with-private-data',
    'it pushes blocks with private data',
    ['BLOCK-01'],
    saying('dataMsg', (_, { payload }) => ({
      content: {
        kind: 'dataMsg',
        value: { payload: payload && { ...payload, privateData: [Uint8Array.of(8, 0)] } },
      },
    })),
  ),
  mutant(
    'block-push-nonce',
    'its pushes of blocks carry a nonce',
    ['BLOCK-01'],
    saying('dataMsg', () => ({ nonce: 7n })),
  ),
  mutant(
    'block-to-the-unknown',
    'it shares blocks with members that have told no state info',
    ['BLOCK-03', 'BLOCK-07', 'BLOCK-09'],
    withRules({ sharesBlocks: (partner) => fabricRules.sharesBlocks({ ...partner, hasStateInfo: true }) }),
  ),
  mutant(
    'block-abroad',
    'it shares blocks with other organisations',
    ['BLOCK-03', 'BLOCK-07', 'BLOCK-09'],
    withRules({ sharesBlocks: ({ hasStateInfo }) => hasStateInfo }),
  ),
  taking('unsigned', 'that no orderer has signed', 'not-signed', ['BLOCK-11', 'BLOCK-15', 'STATE-12']),
  taking('wrong-hash', 'whose data hash is wrong', 'wrong-hash'),
  taking('wrong-number', 'under another number than theirs', 'wrong-number', ['STATE-12']),
  taking('wrong-channel', 'of other channels', 'wrong-channel'),
  taking('malformed', 'that are malformed', 'malformed'),
  mutant(
    'block-from-partners-alone',
    'it takes pushed blocks from those alone who have told state info',
    ['BLOCK-04'],
    heedingPartnersAlone('dataMsg'),
  ),
  mutant(
    'block-stays',
    'it passes no block on',
    ['BLOCK-05'],
    withRules({ relays: (kind) => kind !== 'dataMsg' && fabricRules.relays(kind) }),
  ),
  mutant(
    'block-odd-ones-stay',
    'it passes on blocks of even numbers alone',
    ['BLOCK-03', 'BLOCK-05'],
    sending('dataMsg', (envelope, _, { payload }) =>
      (payload?.seqNum ?? 0n) % 2n === 0n ? [{ envelope }] : [],
    ),
  ),
  mutant(
    'block-of-any-tag',
    'it does not look at the tags of blocks',
    ['BLOCK-04'],
    withRules({
      tagAccepted: (message) => message.content?.kind === 'dataMsg' || fabricRules.tagAccepted(message),
    }),
  ),
  mutant(
    'block-echoes',
    'it passes messages back to their sender',
    ['BLOCK-05'],
    withRules({ sparesSender: () => false }),
  ),
  mutant(
    'block-encoded-anew',
    'it encodes the blocks anew that it passes on',
    ['BLOCK-05'],
    sending('dataMsg', (envelope, message) => [
      { envelope: { ...envelope, payload: encodeMessage({ ...message, unknownFields: [] }) } },
    ]),
  ),
  mutant(
    'block-not-offered',
    'it keeps to itself which blocks it has',
    ['BLOCK-05', 'BLOCK-02'],
    sending('dataDig', (envelope, _, { msgType }) =>
      msgType === PullMsgType.BLOCK_MSG ? [] : [{ envelope }],
    ),
  ),
  mutant(
    'block-not-committed',
    'it commits no gossiped block',
    ['BLOCK-05'],
    withRules({ queuesBlock: () => false }),
  ),
  mutant(
    'block-short-queue',
    'it keeps blocks for commit up to nine above its height',
    ['BLOCK-06'],
    withRules({ queuesBlock: (number, height, size) => fabricRules.queuesBlock(number, height, size / 2n) }),
  ),
  mutant(
    'block-endless-queue',
    'it keeps blocks for commit however high they are',
    ['BLOCK-06'],
    withRules({ queuesBlock: (number, height) => number >= height }),
  ),
  mutant(
    'block-padded-digests',
    'it names blocks by numbers of eight digits',
    ['BLOCK-08'],
    sayingOfBlocks('dataDig', (_, value) => ({
      content: {
        kind: 'dataDig',
        value: { ...value, digests: value.digests.map((id) => Buffer.from(text(id).padStart(8, '0'))) },
      },
    })),
  ),
  mutant(
    'block-asks-for-all',
    'it asks for every number that is advertised',
    ['BLOCK-10'],
    withRules({ wantsBlock: () => true }),
  ),
  mutant(
    'block-skips-the-next',
    'it asks for numbers above that of the next block',
    ['BLOCK-10'],
    withRules({ wantsBlock: (number, height) => number > height }),
  ),
  mutant(
    'block-asks-in-its-words',
    'it asks for blocks without the leading zeros of what was advertised',
    ['BLOCK-10'],
    sayingOfBlocks('dataReq', (_, value) => ({
      content: {
        kind: 'dataReq',
        value: { ...value, digests: value.digests.map((id) => Buffer.from(String(BigInt(text(id))))) },
      },
    })),
  ),
  mutant(
    'block-skips-the-bad',
    'it takes the good blocks of an update with a bad one',
    ['BLOCK-11'],
    withRules({ oneBadBlockVoidsUpdate: () => false }),
  ),
  mutant(
    'block-passes-pulled-on',
    'it pushes the blocks that it has pulled',
    ['BLOCK-12'],
    withRules({ relaysPulled: () => true }),
  ),
  mutant(
    'block-keeps-more',
    'it keeps five blocks more',
    ['STORE-02', 'BLOCK-13'],
    withRules({ compareBlocks: (number, held, most) => fabricRules.compareBlocks(number, held, most + 5n) }),
  ),
  mutant(
    'block-keeps-all',
    'it keeps all blocks',
    ['STORE-02', 'BLOCK-13'],
    comparing((number, held) => (number > held ? 'beside' : undefined)),
  ),
  mutant(
    'block-takes-old',
    'it takes blocks however far they lie below others',
    ['STORE-02'],
    comparing((number, held) => (number < held ? 'beside' : undefined)),
  ),
  mutant(
    'block-takes-twice',
    'it takes a block that it holds for news',
    ['STORE-02', 'BLOCK-05'],
    comparing((number, held) => (number === held ? 'beside' : undefined)),
  ),
  mutant(
    'block-absent-ends',
    'it ends the stream of one that pushes a data message without a block',
    ['BLOCK-14'],
    hearing('dataMsg', () => ({ payload }, bytes) => [
      payload === undefined
        ? encodeEnvelope({ ...decodeEnvelope(bytes), payload: Uint8Array.of(0xff) })
        : bytes,
    ]),
  ),
  mutant(
    'block-hello-metadata',
    'its block Hellos carry metadata',
    ['PULL-01'],
    sayingOfBlocks('hello', (_, value) => ({
      content: { kind: 'hello', value: { ...value, metadata: Uint8Array.of(1) } },
    })),
  ),
  mutant(
    'block-digest-outer-nonce',
    'its digests of blocks carry a nonce outside',
    ['PULL-02'],
    sayingOfBlocks('dataDig', (_, { nonce }) => ({ nonce })),
  ),
  mutant(
    'block-update-without-channel',
    'its updates of blocks name no channel',
    ['PULL-06'],
    sayingOfBlocks('dataUpdate', () => ({ channel: new Uint8Array() })),
  ),
  mutant(
    'block-updates-of-three',
    'it hands out three blocks at once at most',
    ['PULL-06'],
    sayingOfBlocks('dataUpdate', (_, value) => ({
      content: { kind: 'dataUpdate', value: { ...value, data: value.data.slice(0, 3) } },
    })),
  ),
  mutant(
    'block-items-encoded-anew',
    'it encodes the blocks anew that it hands out',
    ['PULL-08'],
    sayingOfBlocks('dataUpdate', (_, value) => ({
      content: {
        kind: 'dataUpdate',
        value: {
          ...value,
          data: value.data.map((item) => {
            const message = messageOf(encodeEnvelope(item));
            return message === undefined
              ? item
              : { ...item, payload: encodeMessage({ ...message, unknownFields: [] }) };
          }),
        },
      },
    })),
  ),
];
