import { fabricRules } from '../../src/node';
import { encodeEnvelope } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import {
  hearing,
  messageOf,
  mutant,
  saying,
  withRules,
  withSettings,
  UNDECODABLE,
  withTamper,
} from './mutant';

/** Whether bytes that came are a leadership message with a timestamp, or without one. */
function hasTimestamp(bytes: Uint8Array): boolean | undefined {
  const content = messageOf(bytes)?.content;
  return content?.kind === 'leadershipMsg' ? content.value.timestamp !== undefined : undefined;
}

const reading = (read: (bytes: Uint8Array) => readonly Uint8Array[]): Deviation =>
  withTamper(() => ({ incoming: read }));

export const electMutants = [
  mutant(
    'elect-with-nonce',
    'its leadership messages have a nonce',
    ['ELECT-01'],
    saying('leadershipMsg', () => ({ nonce: 1n })),
  ),
  mutant(
    'elect-counts-in-time',
    'it takes the time for seq_num in its leadership messages',
    ['ELECT-01'],
    saying('leadershipMsg', (_, value) => ({
      content: {
        kind: 'leadershipMsg',
        value: {
          ...value,
          timestamp: value.timestamp && {
            ...value.timestamp,
            seqNum: value.timestamp.incNum + value.timestamp.seqNum,
          },
        },
      },
    })),
  ),
  mutant(
    'elect-uninvited',
    'it wants to lead where leaders are not elected',
    ['ELECT-02'],
    withSettings({ useLeaderElection: true }),
  ),
  mutant(
    'elect-hears-anybody',
    'it heeds declarations of peers that are not on the channel',
    ['ELECT-03'],
    withRules({ heedsLeadership: () => true }),
  ),
  mutant(
    'elect-hears-foreigners',
    'it takes leadership messages by and of other organisations',
    ['ELECT-03'],
    withRules({ acceptsLeadership: () => true, heedsLeadership: () => true }),
  ),
  mutant(
    'elect-verifies-nothing',
    'it does not verify the signatures of leadership messages',
    ['ELECT-03'],
    withRules({
      signatureFault: (envelope, author) =>
        messageOf(encodeEnvelope(envelope))?.content?.kind === 'leadershipMsg'
          ? undefined
          : fabricRules.signatureFault(envelope, author),
    }),
  ),
  mutant(
    'elect-hears-nobody',
    'it heeds no declaration',
    ['ELECT-03', 'ELECT-07'],
    reading((bytes) => (hasTimestamp(bytes) === undefined ? [bytes] : [])),
  ),
  mutant(
    'elect-tells-one',
    'it tells one member that it leads',
    ['ELECT-04'],
    withRules({
      fanOut: (kind, propagatePeerNum) =>
        kind === 'leadershipMsg' ? 1 : fabricRules.fanOut(kind, propagatePeerNum),
    }),
  ),
  mutant(
    'elect-tells-a-few',
    'it tells propagatePeerNum members that it leads',
    ['ELECT-04'],
    withRules({ fanOut: (_, propagatePeerNum) => propagatePeerNum }),
  ),
  mutant(
    'elect-tells-foreigners',
    'it tells members of other organisations that it leads',
    ['ELECT-04'],
    withRules({ sharesBlocks: ({ hasStateInfo }) => hasStateInfo }),
  ),
  mutant(
    'elect-at-once',
    'it wants to lead as soon as it is on the channel',
    ['ELECT-05'],
    withSettings({ electionMembershipSampleIntervalMs: 1 }),
  ),
  mutant(
    'elect-never-yields',
    'it gives way to nobody that wants to lead',
    ['ELECT-06', 'ELECT-07'],
    withRules({ givesWay: () => false }),
  ),
  mutant(
    'elect-always-yields',
    'it gives way to everybody that wants to lead',
    ['ELECT-06', 'ELECT-07'],
    withRules({ givesWay: () => true }),
  ),
  mutant(
    'elect-hasty',
    'it hardly waits for others that want to lead',
    ['ELECT-06'],
    withSettings({ electionLeaderElectionDurationMs: 30 }),
  ),
  mutant(
    'elect-seldom-declares',
    'it declares itself once per leaderAliveThreshold',
    ['ELECT-07'],
    withRules({ declarationPeriodMs: (leaderAliveThresholdMs) => leaderAliveThresholdMs }),
  ),
  mutant(
    'elect-yields-briefly',
    'it wants to lead again as soon as it has yielded',
    ['ELECT-09'],
    withRules({ yieldPeriodMs: () => 0 }),
  ),
  mutant(
    'elect-impatient',
    'it takes a leader for gone after half of leaderAliveThreshold',
    ['ELECT-08'],
    withSettings({ electionLeaderAliveThresholdMs: 400 }),
  ),
  mutant(
    'elect-patient',
    'it waits for a leader twice as long as it should',
    ['ELECT-08'],
    withSettings({ electionLeaderAliveThresholdMs: 1_600 }),
  ),
  mutant(
    'elect-wants-timestamp',
    'it ends the stream on leadership messages without timestamp',
    ['ELECT-10'],
    reading((bytes) => [hasTimestamp(bytes) === false ? UNDECODABLE : bytes]),
  ),
  mutant(
    'elect-left-leads',
    'it counts members that have left the channel',
    ['LEAVE-03'],
    withRules({ countsInView: () => true }),
  ),
  mutant(
    'elect-of-any-tag',
    'it does not look at the tags of leadership messages',
    ['ELECT-03'],
    withRules({
      tagAccepted: (message) => message.content?.kind === 'leadershipMsg' || fabricRules.tagAccepted(message),
    }),
  ),
  mutant(
    'elect-one-clock',
    'it takes a leadership message for old when another author’s was newer',
    ['ELECT-03'],
    hearing('leadershipMsg', () => {
      let newest = 0n;
      return ({ timestamp }, bytes) => {
        const incNum = timestamp?.incNum ?? 0n;
        if (incNum < newest) return [];
        newest = incNum;
        return [bytes];
      };
    }),
  ),
  mutant('elect-never-forgets', 'it gives way for ever to one that once wanted to lead', ['ELECT-06'], {
    peer: ({ identity }) => {
      let hasBetter = false;
      return {
        tamper: {
          incoming: (bytes) => {
            const content = messageOf(bytes)?.content;
            if (content?.kind === 'leadershipMsg' && !content.value.isDeclaration) {
              hasBetter ||= Buffer.compare(content.value.pkiId, identity.pkiId) < 0;
            }
            return [bytes];
          },
          outgoing: ({ envelope, message: { content } }) =>
            content?.kind === 'leadershipMsg' && content.value.isDeclaration && hasBetter
              ? []
              : [{ envelope }],
        },
      };
    },
  }),
  mutant(
    'elect-slow',
    'it waits for others that want to lead half as long again',
    ['ELECT-06'],
    withSettings({ electionLeaderElectionDurationMs: 450 }),
  ),
  mutant(
    'elect-rather-patient',
    'it waits for a leader half as long again',
    ['ELECT-08'],
    withSettings({ electionLeaderAliveThresholdMs: 1_200 }),
  ),
];
