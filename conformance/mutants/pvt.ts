import { fabricRules } from '../../src/node';
import { encodeEnvelope, Tag, type GossipMessage, type PvtDataElement } from '../../src/wire';
import type { Deviation } from '../harness/targets/embedded';
import { unsigned } from '../steps/messages';
import { collectionConfigs } from '../steps/private-data';
import {
  arriving,
  hearing,
  messageOf,
  mutant,
  saying,
  sending,
  sendingStrangers,
  withRules,
  withTamper,
} from './mutant';

/** An unsigned message as it goes out. */
const empty = (kind: 'empty' | 'ack'): GossipMessage => ({
  nonce: 0n,
  channel: new Uint8Array(),
  tag: Tag.EMPTY,
  content: kind === 'empty' ? { kind, value: {} } : { kind, value: { error: '' } },
});

/** Reads a message that comes in as another. */
const reading = (change: (message: GossipMessage) => GossipMessage | Uint8Array | undefined): Deviation =>
  withTamper(() => ({
    incoming: (bytes) => {
      const message = messageOf(bytes);
      const read = message && change(message);
      if (read === undefined) return [bytes];
      return [read instanceof Uint8Array ? read : arriving(read)];
    },
  }));

/** Ends the stream: a payload that does not decode. */
const GARBAGE = encodeEnvelope({
  payload: Uint8Array.of(0xff),
  signature: new Uint8Array(),
  secretEnvelope: undefined,
});

/** Changes every element of what it gives out. */
const giving = (change: (element: PvtDataElement) => readonly PvtDataElement[]): Deviation =>
  saying('privateRes', (_, { elements }) => ({
    content: { kind: 'privateRes', value: { elements: elements.flatMap(change) } },
  }));

const isPrivate = ({ content }: GossipMessage): boolean =>
  content?.kind === 'privateData' || content?.kind === 'privateReq';

export const ackMutants = [
  mutant(
    'ack-with-tag',
    'its acknowledgements have a tag',
    ['ACK-01'],
    saying('ack', () => ({ tag: Tag.CHAN_ONLY })),
  ),
  mutant(
    'ack-names-channel',
    'its acknowledgements name the channel',
    ['ACK-01'],
    saying('ack', () => ({ channel: Buffer.from('gossip') })),
  ),
  mutant(
    'ack-nonce-plus-one',
    'its acknowledgements have another nonce',
    ['ACK-01'],
    saying('ack', ({ nonce }) => ({ nonce: nonce + 1n })),
  ),
  mutant(
    'ack-signed',
    'it signs acknowledgements',
    ['ACK-01'],
    sending('ack', (envelope, _, __, { signer }) => [
      { envelope: { ...envelope, signature: signer.sign(envelope.payload) } },
    ]),
  ),
  mutant(
    'ack-of-ack',
    'it ends the stream on an acknowledgement that it does not await',
    ['ACK-02'],
    reading(({ content }) => (content?.kind === 'ack' ? GARBAGE : undefined)),
  ),
  mutant(
    'ack-of-hello',
    'it acknowledges Hellos',
    ['ACK-03'],
    sending('dataDig', (envelope) => [{ envelope }, { envelope: unsigned(empty('ack')) }]),
  ),
  mutant(
    'ack-empty-ends',
    'it ends the stream on a message without content',
    ['ACK-04'],
    reading(({ content }) => (content?.kind === 'empty' ? GARBAGE : undefined)),
  ),
  mutant(
    'ack-missing-ends',
    'it ends the stream on a message that lacks the field of its content',
    ['ACK-04'],
    reading(({ content }) => (content === undefined ? GARBAGE : undefined)),
  ),
  mutant(
    'ack-empty-sent',
    'it sends messages without content now and then',
    ['ACK-04'],
    sending('aliveMsg', (envelope) => [{ envelope }, { envelope: unsigned(empty('empty')) }]),
  ),
];

export const pvtMutants = [
  mutant(
    'pvt-acks-its-own',
    'it acknowledges nothing that other organisations push',
    ['PVT-02'],
    sendingStrangers('ack', () => []),
  ),
  mutant(
    'pvt-ack-error',
    'it acknowledges with an error what it has stored',
    ['PVT-02'],
    saying('ack', () => ({ content: { kind: 'ack', value: { error: 'not stored' } } })),
  ),
  mutant(
    'pvt-ack-twice',
    'it acknowledges a push twice',
    ['PVT-02'],
    sending('ack', (envelope) => [{ envelope }, { envelope }]),
  ),
  mutant(
    'pvt-ack-of-the-first',
    'it acknowledges the first push of a transaction alone',
    ['PVT-02'],
    hearing('privateData', () => {
      const known = new Set<string>();
      return ({ payload }, bytes) => {
        const txId = payload?.txId ?? '';
        if (txId !== '' && known.has(txId)) return [];
        known.add(txId);
        return [bytes];
      };
    }),
  ),
  mutant(
    'pvt-not-kept',
    'it gives out nothing of what it has acknowledged',
    ['PVT-02', 'PVT-06'],
    giving(() => []),
  ),
  mutant(
    'pvt-other-writes',
    'it gives out other write sets than were pushed',
    ['PVT-02'],
    giving((element) => [{ ...element, payload: [Uint8Array.of(1)] }]),
  ),
  mutant(
    'pvt-nothing-to-store',
    'it acknowledges a push without write set',
    ['PVT-04'],
    withRules({ storesPrivateData: () => true }),
  ),
  mutant(
    'pvt-anybody',
    'it acknowledges what those push, and gives blocks to those, who may not read the channel',
    ['PVT-04', 'STATE-02', 'CONN-17'],
    withRules({ requiresReader: () => false }),
  ),
  mutant(
    'pvt-any-channel',
    'it does not look at the channel of private data and requests for it',
    ['PVT-04', 'PVT-06'],
    reading((message) => (isPrivate(message) ? { ...message, channel: Buffer.from('gossip') } : undefined)),
  ),
  mutant(
    'pvt-looks-at-tags',
    'it drops private data and requests for it that have another tag',
    ['PVT-04', 'PVT-06'],
    withRules({ enforcesTag: (kind) => fabricRules.enforcesTag(kind) || kind.startsWith('private') }),
  ),
  mutant(
    'pvt-silent',
    'it does not answer a request for what it does not hold',
    ['PVT-06'],
    withRules({ answersWithoutPrivateData: () => false }),
  ),
  mutant(
    'pvt-response-any-tag',
    'its responses have the tag of acknowledgements',
    ['PVT-06'],
    saying('privateRes', () => ({ tag: Tag.UNDEFINED })),
  ),
  mutant(
    'pvt-first-element',
    'it answers with one element at most',
    ['PVT-06'],
    saying('privateRes', (_, { elements }) => ({
      content: { kind: 'privateRes', value: { elements: elements.slice(0, 1) } },
    })),
  ),
  mutant(
    'pvt-to-anybody',
    'it gives private data to whom the collection’s policy does not name',
    ['PVT-07'],
    reading((message) => {
      const { content } = message;
      const payload = content?.kind === 'privateData' ? content.value.payload : undefined;
      if (payload === undefined) return undefined;
      const open = { ...payload, collectionConfigs: collectionConfigs('Org1MSP', 'Org2MSP') };
      return { ...message, content: { kind: 'privateData', value: { payload: open } } };
    }),
  ),
  mutant(
    'pvt-digest-without-numbers',
    'it leaves the numbers of a digest out of its elements',
    ['PVT-08'],
    giving((element) => [
      { ...element, digest: element.digest && { ...element.digest, blockSeq: 0n, seqInBlock: 0n } },
    ]),
  ),
];
