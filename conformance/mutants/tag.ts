import { channelMac } from '../../src/identity';
import { fabricRules } from '../../src/node';
import { encodeEnvelope, PullMsgType, Tag, type GossipMessage } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { sameBytes } from '../steps/bytes';
import { arriving, messageOf, mutant, towards, withRules, withTamper } from './mutant';

/** Takes a message for another. */
const mistaking = (change: (message: GossipMessage) => GossipMessage | undefined): Deviation =>
  withTamper(() => ({
    incoming: (bytes) => {
      const message = messageOf(bytes);
      const mistaken = message === undefined ? undefined : change(message);
      return [mistaken === undefined ? bytes : arriving(mistaken)];
    },
  }));

/** Takes a Hello of another kind for one of the identity pull. */
const asIdentityHello = (isMistaken: (message: GossipMessage, msgType: number) => boolean): Deviation =>
  mistaking((message) => {
    const { content } = message;
    if (content?.kind !== 'hello' || !isMistaken(message, content.value.msgType)) return undefined;
    const value = { ...content.value, msgType: PullMsgType.IDENTITY_MSG };
    return { ...message, tag: Tag.EMPTY, content: { kind: 'hello', value } };
  });

export const tagMutants = [
  mutant('tag-any', 'it does not look at tags', ['TAG-01'], withRules({ tagAccepted: () => true })),
  mutant(
    'tag-any-on-alive',
    'it does not look at the tags of alive messages',
    ['TAG-01'],
    withRules({
      tagAccepted: (message) => message.content?.kind === 'aliveMsg' || fabricRules.tagAccepted(message),
    }),
  ),
  mutant(
    'tag-any-on-replies',
    'it does not look at the tags of digests and updates',
    ['TAG-01'],
    withRules({
      tagAccepted: (message) =>
        message.content?.kind === 'dataDig' ||
        message.content?.kind === 'dataUpdate' ||
        fabricRules.tagAccepted(message),
    }),
  ),
  mutant(
    'tag-any-on-channels',
    'it does not look at the tags of StateInfo, and of requests for it',
    ['TAG-01'],
    withRules({
      tagAccepted: (message) =>
        message.content?.kind === 'stateInfo' ||
        message.content?.kind === 'stateInfoPullReq' ||
        fabricRules.tagAccepted(message),
    }),
  ),
  mutant(
    'tag-undefined-will-do',
    'it takes messages without a tag',
    ['TAG-01'],
    withRules({
      tagAccepted: (message) => message.tag === Tag.UNDEFINED || fabricRules.tagAccepted(message),
    }),
  ),
  mutant(
    'tag-pull-of-no-type',
    'it takes a Hello of no type for one of the identity pull',
    ['TAG-02'],
    asIdentityHello((_, msgType) => msgType === PullMsgType.UNDEFINED),
  ),
  mutant(
    'tag-channel-ignored',
    'it answers a block Hello like one of the identity pull',
    ['TAG-06'],
    asIdentityHello((_, msgType) => msgType === PullMsgType.BLOCK_MSG),
  ),
  mutant(
    'tag-state-info-stays',
    'it relays no state info of channels that it has not joined',
    ['TAG-07'],
    withRules({ relaysUnjoinedStateInfo: () => false }),
  ),
  mutant(
    'tag-state-info-of-anybody',
    'it relays state info of channels that it has not joined from anybody',
    ['TAG-07'],
    withRules({ relaysUnjoinedStateInfo: () => true }),
  ),
  mutant(
    'tag-channel-counts',
    'it drops identity Hellos with a channel',
    ['TAG-09'],
    withTamper(() => ({
      incoming: (bytes) => {
        const message = messageOf(bytes);
        return message?.content?.kind === 'hello' && message.channel.length > 0 ? [] : [bytes];
      },
    })),
  ),
  mutant(
    'tag-always-counts',
    'it drops state requests and private data with another tag than is theirs',
    ['TAG-03'],
    withRules({ enforcesTag: () => true }),
  ),
  mutant(
    'tag-any-name',
    'it takes any name for that of its channel in a state request',
    ['TAG-05'],
    mistaking((message) =>
      message.content?.kind === 'stateRequest' ? { ...message, channel: Buffer.from('gossip') } : undefined,
    ),
  ),
  mutant(
    'tag-any-organisation',
    'it takes messages of a channel from organisations that are not on it',
    ['TAG-08'],
    withRules({ requiresChannelOrg: () => false }),
  ),
  mutant(
    'tag-name-beside-mac',
    'it drops requests for StateInfo that name a channel besides the MAC',
    ['TAG-05'],
    withTamper(() => ({
      incoming: (bytes) => {
        const message = messageOf(bytes);
        return message?.content?.kind === 'stateInfoPullReq' && message.channel.length > 0 ? [] : [bytes];
      },
    })),
  ),
  mutant(
    'tag-inner-counts',
    'it skips entries of responses whose tag is not EMPTY',
    ['TAG-10'],
    mistaking((message) => {
      const { content } = message;
      if (content?.kind !== 'memRes') return undefined;
      const alive = content.value.alive.filter(
        (entry) => messageOf(encodeEnvelope(entry))?.tag === Tag.EMPTY,
      );
      return { ...message, content: { kind: 'memRes', value: { ...content.value, alive } } };
    }),
  ),
  mutant(
    'tag-mac-of-one-channel',
    'it knows its first channel alone by MAC',
    ['TAG-04'],
    withTamper(() => ({
      incoming: (bytes, { peer }) => {
        const content = messageOf(bytes)?.content;
        if (content?.kind !== 'stateInfoPullReq' || peer === undefined) return [bytes];
        return sameBytes(content.value.channelMac, channelMac(peer, 'gossip')) ? [bytes] : [];
      },
    })),
  ),
  mutant(
    'tag-any-mac-of-strangers',
    'it takes any MAC of peers of other organisations',
    ['TAG-04'],
    towards(({ isForeign }) => isForeign, { macMatches: () => true }),
  ),
];
