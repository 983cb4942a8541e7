import type { Millis } from '../../src/ports/clock';
import { fabricRules } from '../../src/node';
import { encodeMessage, PullMsgType, type Envelope, type GossipMessage } from '../../src/wire';
import { embeddedTiming as honest } from '../harness/targets/embedded-timing';
import type { Deviation } from '../harness/targets/embedded';
import { arriving, hearing, messageOf, mutant, sending, withRules, withTamper } from './mutant';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Whether a message is of the pull of blocks. */
const isOfBlockPull = ({ content }: GossipMessage): boolean =>
  (content?.kind === 'hello' || content?.kind === 'dataReq') &&
  content.value.msgType === PullMsgType.BLOCK_MSG;

/** What names a block among those of all channels. */
const keyOf = ({ channel }: GossipMessage, id: string): string => `${text(channel)} ${id}`;

/** Goes on to hand out every block that was ever pushed to it. */
const handsOutAll = (): Deviation =>
  withTamper(() => {
    const pushed = new Map<string, Envelope>();
    const asked = new Map<bigint, readonly string[]>();
    return {
      incoming: (bytes) => {
        const message = messageOf(bytes);
        const content = message?.content;
        if (content?.kind === 'dataMsg' && message !== undefined) {
          const payload = encodeMessage(message);
          const item = { payload, signature: new Uint8Array(), secretEnvelope: undefined };
          pushed.set(keyOf(message, `${content.value.payload?.seqNum}`), item);
        }
        if (content?.kind === 'dataReq') asked.set(content.value.nonce, content.value.digests.map(text));
        return [bytes];
      },
      outgoing: ({ envelope, message }) => {
        const { content } = message;
        if (content?.kind !== 'dataUpdate' || content.value.msgType !== PullMsgType.BLOCK_MSG) {
          return [{ envelope }];
        }
        const ids = asked.get(content.value.nonce) ?? [];
        const data = ids.flatMap((id) => pushed.get(keyOf(message, id)) ?? []);
        const value = { ...content.value, data };
        const payload = encodeMessage({ ...message, content: { kind: 'dataUpdate', value } });
        return [{ envelope: { ...envelope, payload } }];
      },
    };
  });

/** Lists a block in digests for so long. */
const listsFor = (lifetimeMs: Millis): Deviation => ({
  peer: ({ clock }) => {
    const firstMs = new Map<string, Millis>();
    return {
      tamper: {
        outgoing: ({ envelope, message }) => {
          const { content } = message;
          if (content?.kind !== 'dataDig' || content.value.msgType !== PullMsgType.BLOCK_MSG) {
            return [{ envelope }];
          }
          const nowMs = clock?.now() ?? 0;
          const digests = content.value.digests.filter((id) => {
            const key = keyOf(message, text(id));
            firstMs.set(key, firstMs.get(key) ?? nowMs);
            return nowMs - (firstMs.get(key) ?? nowMs) < lifetimeMs;
          });
          const value = { ...content.value, digests };
          const payload = encodeMessage({ ...message, content: { kind: 'dataDig', value } });
          return digests.length === 0 ? [] : [{ envelope: { ...envelope, payload } }];
        },
      },
    };
  },
});

/** Answers requests for blocks for this much longer: each is heard as if it came right behind another Hello. */
const answersFor = (timeMs: Millis): Deviation => ({
  peer: ({ clock }) => {
    const heardMs = new Map<bigint, Millis>();
    return {
      tamper: {
        incoming: (bytes) => {
          const message = messageOf(bytes);
          const content = message?.content;
          if (message === undefined || (content?.kind !== 'hello' && content?.kind !== 'dataReq'))
            return [bytes];
          const { nonce, msgType } = content.value;
          if (msgType !== PullMsgType.BLOCK_MSG) return [bytes];
          const nowMs = clock?.now() ?? 0;
          if (content.kind === 'hello') heardMs.set(nonce, nowMs);
          const isInTime = nowMs - (heardMs.get(nonce) ?? -Infinity) <= timeMs;
          if (content.kind === 'hello' || !isInTime) return [bytes];
          const value = { nonce, msgType, metadata: new Uint8Array() };
          return [arriving({ ...message, content: { kind: 'hello', value } }), bytes];
        },
      },
    };
  },
});

/** Wrong in how it pulls blocks, and hands them out. */
export const blockPullMutants = [
  mutant(
    'block-hands-out-the-evicted',
    'it hands out blocks that it does not offer any more',
    ['BLOCK-13'],
    handsOutAll(),
  ),
  mutant(
    'block-offered-for-a-moment',
    'it offers a block for five pullIntervals',
    ['BLOCK-13'],
    listsFor(5 * honest.pullIntervalMs),
  ),
  mutant(
    'block-requests-twice-as-long',
    'it answers requests for blocks for twice requestWaitTime',
    ['PULL-04'],
    answersFor(2 * honest.requestWaitTimeMs),
  ),
  mutant(
    'block-pulls-of-one-channel',
    'it pulls blocks of its first channel alone',
    ['PULL-09'],
    sending('hello', (envelope, message, { msgType }) =>
      msgType === PullMsgType.BLOCK_MSG && text(message.channel) !== 'gossip' ? [] : [{ envelope }],
    ),
  ),
  mutant(
    'block-forged-keeps-out',
    'a forged block keeps out the genuine one of its number',
    ['BLOCK-04'],
    hearing('dataMsg', () => {
      const seen = new Set<string>();
      return ({ payload }, bytes, message) => {
        const key = keyOf(message, `${payload?.seqNum}`);
        const isAgain = seen.has(key);
        seen.add(key);
        return isAgain ? [] : [bytes];
      };
    }),
  ),
  mutant(
    'block-pull-of-any-tag',
    'it does not look at the tags of its block pull',
    ['TAG-01'],
    withRules({
      tagAccepted: (message) => isOfBlockPull(message) || fabricRules.tagAccepted(message),
    }),
  ),
];
