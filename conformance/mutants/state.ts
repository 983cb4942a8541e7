import { common } from '@hyperledger/fabric-protos';
import { fabricRules } from '../../src/node';
import { Tag, type ContentOf, type GossipMessage, type Payload } from '../../src/wire';
import type { ClauseId } from '../clauses';
import type { Deviation } from '../harness/targets/embedded';
import { embeddedTiming as honest } from '../harness/targets/embedded-timing';
import {
  arriving,
  hearing,
  heedingPartnersAlone,
  messageOf,
  mutant,
  saying,
  sending,
  sendingStrangers,
  withRules,
  withSettings,
  withTamper,
} from './mutant';

/** Other payloads than those that it would send in a response. */
const serving = (change: (payloads: readonly Payload[]) => readonly Payload[]): Deviation =>
  saying('stateResponse', (_, { payloads }) => ({
    content: { kind: 'stateResponse', value: { payloads: change(payloads) } },
  }));

/** Ignores some requests, or reads them as others. */
const heeding = (
  change: (message: GossipMessage, value: ContentOf<'stateRequest'>) => GossipMessage | undefined,
): Deviation =>
  hearing('stateRequest', () => (value, _, message) => {
    const heeded = change(message, value);
    return heeded === undefined ? [] : [arriving(heeded)];
  });

/** A response that is wrong in what is around its blocks, or in which blocks it has. */
const answering = (name: string, breaks: string, deviation: Deviation, clause: ClauseId = 'STATE-05') =>
  mutant(`state-${name}`, breaks, [clause], deviation);

function withoutFlags(payload: Payload): Payload {
  const block = common.Block.deserializeBinary(payload.data);
  const metadata = block.getMetadata();
  const slots = metadata?.getMetadataList_asU8() ?? [];
  slots[common.BlockMetadataIndex.TRANSACTIONS_FILTER] = new Uint8Array();
  metadata?.setMetadataList(slots);
  return { ...payload, data: block.serializeBinary() };
}

export const stateMutants = [
  mutant(
    'state-looks-seldom',
    'it looks for missing blocks at every second checkInterval',
    ['STATE-09'],
    withSettings({ stateCheckIntervalMs: 600 }),
  ),
  mutant(
    'state-asks-with-another-tag',
    'it asks for blocks with tag CHAN_AND_ORG',
    ['STATE-01'],
    saying('stateRequest', () => ({ tag: Tag.CHAN_AND_ORG })),
  ),
  mutant(
    'state-asks-without-nonce',
    'it asks for blocks without a nonce',
    ['STATE-01'],
    saying('stateRequest', () => ({ nonce: 0n })),
  ),
  mutant(
    'state-serves-members-alone',
    'it serves blocks to those alone who have told state info',
    ['STATE-02'],
    heedingPartnersAlone('stateRequest'),
  ),
  mutant('state-serves-if-it-asks', 'it serves no blocks where it asks nobody for any', ['STATE-08'], {
    peer: ({ settings = {} }) => {
      const { stateEnabled } = typeof settings === 'function' ? settings('') : settings;
      return {
        rules: {
          ...fabricRules,
          servesRange: (...range) => stateEnabled === true && fabricRules.servesRange(...range),
        },
      };
    },
  }),
  mutant(
    'state-tag-counts',
    'it looks at the tag of requests for blocks',
    ['STATE-03'],
    withRules({ enforcesTag: (kind) => kind === 'stateRequest' || fabricRules.enforcesTag(kind) }),
  ),
  mutant(
    'state-any-channel',
    'it takes a request for blocks of any channel for one of its own',
    ['STATE-03'],
    heeding((message) => ({ ...message, channel: Buffer.from('gossip') })),
  ),
  mutant(
    'state-serves-twelve',
    'it serves ranges of twelve blocks',
    ['STATE-04'],
    withRules({ servesRange: (start, end, batch) => fabricRules.servesRange(start, end, batch + 1n) }),
  ),
  mutant(
    'state-serves-ten',
    'it serves no ranges of eleven blocks',
    ['STATE-04'],
    withRules({ servesRange: (start, end, batch) => fabricRules.servesRange(start, end, batch - 1n) }),
  ),
  mutant(
    'state-serves-no-single-block',
    'it answers no request for one block',
    ['STATE-04'],
    heeding((message, { startSeqNum, endSeqNum }) => (startSeqNum === endSeqNum ? undefined : message)),
  ),
  mutant(
    'state-serves-upside-down',
    'it answers ranges that end before they start',
    ['STATE-04'],
    withRules({ servesRange: (start, end, batch) => end - start <= batch }),
  ),
  answering(
    'nonce-off',
    'its responses have another nonce',
    saying('stateResponse', ({ nonce }) => ({ nonce: nonce ^ 1n })),
  ),
  answering(
    'without-channel',
    'its responses name no channel',
    saying('stateResponse', () => ({ channel: new Uint8Array() })),
  ),
  answering(
    'silent-without-blocks',
    'it answers nothing where it has no block of the range',
    sending('stateResponse', (envelope, _, { payloads }) => (payloads.length > 0 ? [{ envelope }] : [])),
  ),
  answering(
    'answers-twice',
    'it answers each request twice',
    sending('stateResponse', (envelope) => [{ envelope }, { envelope }]),
  ),
  answering(
    'half-open',
    'it takes ranges for half-open',
    heeding((message, { endSeqNum, startSeqNum }) => ({
      ...message,
      content: {
        kind: 'stateRequest',
        value: { startSeqNum, endSeqNum: endSeqNum > startSeqNum ? endSeqNum - 1n : endSeqNum },
      },
    })),
  ),
  answering(
    'backwards',
    'it serves the newest block first',
    serving((payloads) => [...payloads].reverse()),
  ),
  answering(
    'without-flags',
    'it serves blocks as they were gossiped',
    serving((all) => all.map(withoutFlags)),
    'STATE-06',
  ),
  answering(
    'private-data-of-nobody',
    'it adds private data that there is not',
    serving((all) => all.map((payload) => ({ ...payload, privateData: [Uint8Array.of(8, 0)] }))),
    'STATE-07',
  ),
  mutant(
    'state-asks-half-open',
    'it asks for ranges without their end',
    ['STATE-09'],
    withRules({
      rangeEnd: (start, tallest, batch) => fabricRules.rangeEnd(start, tallest, batch - 1n),
    }),
  ),
  mutant(
    'state-does-not-ask',
    'it never asks for blocks',
    ['STATE-09', 'STATE-01'],
    withSettings({ stateEnabled: false }),
  ),
  mutant(
    'state-asks-higher-alone',
    'it asks nobody whose height is the end of the range',
    ['STATE-10'],
    withRules({ hasRange: (height, end) => height > end }),
  ),
  mutant(
    'state-asks-lower',
    'it asks anybody, however many blocks it has',
    ['STATE-10'],
    withRules({ hasRange: () => true }),
  ),
  mutant('state-two-tries', 'it repeats a request once', ['STATE-11'], withSettings({ stateMaxRetries: 1 })),
  mutant(
    'state-hasty',
    'it repeats requests after a fifth of responseTimeout',
    ['STATE-11'],
    withSettings({ stateResponseTimeoutMs: 80 }),
  ),
  mutant(
    'state-any-nonce',
    'it takes responses with any nonce',
    ['STATE-12'],
    withRules({ requiresStateNonce: () => false }),
  ),
  mutant(
    'state-all-or-nothing',
    'it takes no response that is short of the range',
    ['STATE-13'],
    withTamper(() => ({
      incoming: (bytes) => {
        const content = messageOf(bytes)?.content;
        return content?.kind === 'stateResponse' && content.value.payloads.length < 11 ? [] : [bytes];
      },
    })),
  ),
  mutant(
    'state-asks-its-own',
    'it asks nobody of another organisation for blocks',
    ['STATE-09'],
    sendingStrangers('stateRequest', () => []),
  ),
  mutant(
    'state-pauses-between-ranges',
    'it asks for the next range a checkInterval after an answer',
    ['STATE-09'],
    sending('stateRequest', (envelope) => [{ envelope, delayMs: honest.stateCheckIntervalMs }]),
  ),
  mutant(
    'state-patient',
    'it repeats requests after one and a half responseTimeouts',
    ['STATE-11'],
    withSettings({ stateResponseTimeoutMs: 1.5 * honest.stateResponseTimeoutMs }),
  ),
];
