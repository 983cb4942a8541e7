import { Tag, type GossipMessage, type PvtDataDigest } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { sameBytes } from '../steps/bytes';
import { demandChannel } from '../steps/channel-field';
import { connected } from '../steps/handshake';
import {
  askPrivate,
  digestOf,
  elementFor,
  hasNonce,
  keepPrivate,
  privateData,
  privatePayload,
  privateRequest,
  pushPrivate,
  sameDigest,
} from '../steps/private-data';
import { channelOf } from '../steps/snapshots';

/** What every response has in common (PVT-06). */
function demandResponse({ message, envelope }: Received<'privateRes'>, channel: string): void {
  demand(message.tag === Tag.CHAN_ONLY, 'tag CHAN_ONLY (3)', `tag ${message.tag}`);
  demandChannel({ message }, channel);
  demand(envelope.signature.length === 0, 'no signature', `${envelope.signature.length} bytes of one`);
}

/** Names of channels that are nearly the right one. */
const otherNames = (channel: string): readonly string[] => [
  '',
  `${channel}x`,
  channel.slice(0, -1),
  channel.toUpperCase(),
];

/** The tags that there are, and one that there is not. */
const everyTag = [0, 1, 2, 3, 4, 5, 6];

/**
 * A Violation if one of these is answered. That the peer has read them is known by what it must answer behind them all.
 */
async function unanswered(
  t: CheckContext,
  stream: TesterStream,
  kind: 'ack' | 'privateRes',
  sent: ReadonlyMap<string, bigint>,
): Promise<void> {
  await t.control('private data pushed behind them is acknowledged', () =>
    pushPrivate(t, stream, privatePayload(t)),
  );
  await t.control('a request behind them is answered', () => askPrivate(t, stream, []));
  await t.quiet();
  for (const [what, nonce] of sent) stream.expectNone(kind, `no answer to ${what}`, hasNonce(nonce));
  demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
}

/** Pushes that must not be acknowledged, each with what is wrong with it. */
async function unacknowledged(
  t: CheckContext,
  on: TesterStream,
  pushes: readonly (readonly [string, Parameters<typeof privateData>[2], Partial<GossipMessage>?])[],
  alive = on,
): Promise<void> {
  const sent = new Map<string, bigint>();
  for (const [what, payload, more] of pushes) {
    const nonce = t.random.uint64();
    on.sendWrong(privateData(t, nonce, payload, more));
    sent.set(what, nonce);
  }
  if (alive !== on) await t.marker(on);
  await unanswered(t, alive, 'ack', sent);
  for (const [what, nonce] of sent) on.expectNone('ack', `no acknowledgement of ${what}`, hasNonce(nonce));
}

export const privateDataChecks: readonly Check[] = [
  check(
    'PVT-02',
    'acknowledges what an endorser pushes, once for each time, and gives it out again',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const payload = privatePayload(t);
      const ack = await pushPrivate(t, stream, payload);
      demand(ack.value.error === '', 'an acknowledgement of success', `“${ack.value.error}”`);
      const response = await askPrivate(t, stream, [digestOf(t, payload)]);
      const element = elementFor(response, payload);
      demand(element !== undefined, 'what was pushed, held', 'a response without it');
      demand(
        element.payload.length === 1 && sameBytes(element.payload[0], payload.privateRwset),
        'the write set as it was pushed',
        `${element.payload.length} others`,
      );
      await t.quiet();
      stream.expectNone('ack', 'one acknowledgement of a push', hasNonce(ack.message.nonce));
      const again = await pushPrivate(t, stream, payload);
      demand(
        again.value.error === '',
        'an acknowledgement of the same, pushed again',
        `“${again.value.error}”`,
      );
    },
  ),

  check(
    'PVT-02',
    'acknowledges what an endorser of another organisation pushes',
    { foreign: 1, needs: ['channel'] },
    async (t) => {
      const foreign = await connected(t, t.stranger);
      const ack = await pushPrivate(t, foreign, privatePayload(t));
      demand(ack.value.error === '', 'an acknowledgement of success', `“${ack.value.error}”`);
    },
  ),

  check(
    'PVT-04',
    'acknowledges no push without payload or without write set',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      await unacknowledged(t, stream, [
        ['a push without payload', undefined],
        ['a push without write set', privatePayload(t, { privateRwset: new Uint8Array() })],
      ]);
      await t.demandAlive();
    },
  ),

  check(
    'PVT-04',
    'does not look at the tag of a push, but at its channel',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      for (const tag of everyTag) {
        const { value } = await pushPrivate(t, stream, privatePayload(t), { tag });
        demand(value.error === '', `an acknowledgement of success for tag ${tag}`, `“${value.error}”`);
      }
      await unacknowledged(
        t,
        stream,
        otherNames(channelOf(t)).map(
          (name) =>
            [`a push for channel “${name}”`, privatePayload(t), { channel: Buffer.from(name) }] as const,
        ),
      );
    },
  ),

  check(
    'PVT-04',
    'acknowledges no push of one who may not read the channel',
    { needs: ['channel', 'non-reader', 'fresh'] },
    async (t) => {
      const stream = await connected(t);
      const orderer = await connected(t, await t.issue({ role: 'orderer' }));
      await unacknowledged(t, orderer, [['a push of one who is no reader', privatePayload(t)]], stream);
    },
  ),

  check(
    'PVT-06',
    'answers every request with one response, be it empty',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const unknown = digestOf(t, privatePayload(t));
      for (const digests of [[], [unknown], [{ ...unknown, blockSeq: 0n, seqInBlock: 0n }]]) {
        const response = await askPrivate(t, stream, digests);
        demandResponse(response, channelOf(t));
        const { length } = response.value.elements;
        demand(length === 0, 'no element for what the peer does not hold', `${length}`);
        await t.marker(stream);
        stream.expectNone('privateRes', 'one response to a request', hasNonce(response.message.nonce));
      }
    },
  ),

  check(
    'PVT-06',
    'does not look at the tag of a request, but at its channel',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      for (const tag of everyTag) demandResponse(await askPrivate(t, stream, [], { tag }), channelOf(t));
      const sent = new Map<string, bigint>();
      for (const name of otherNames(channelOf(t))) {
        const nonce = t.random.uint64();
        stream.sendWrong(privateRequest(t, nonce, [], { channel: Buffer.from(name) }));
        sent.set(`a request for channel “${name}”`, nonce);
      }
      await unanswered(t, stream, 'privateRes', sent);
    },
  ),

  check(
    'PVT-06',
    'answers with an element for each thing that it holds, and no others',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const held = [privatePayload(t), privatePayload(t)];
      for (const one of held) await keepPrivate(t, stream, one);
      const digests = [...held, privatePayload(t)].map((one) => digestOf(t, one));
      const response = await askPrivate(t, stream, digests);
      demandResponse(response, channelOf(t));
      for (const one of held) {
        demand(elementFor(response, one) !== undefined, 'an element for each thing held', 'one is missing');
      }
      const { length } = response.value.elements;
      demand(length === held.length, 'two elements', `${length}`);
    },
  ),

  check(
    'PVT-07',
    'gives private data to those whom the collection’s policy names, by what they proved in the handshake',
    { foreign: 1, needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const foreign = await connected(t, t.stranger);
      const ours = privatePayload(t);
      const theirs = privatePayload(t, {}, [t.stranger.identity.mspId]);
      const shared = privatePayload(t, {}, [t.put.mspId, t.stranger.identity.mspId]);
      for (const one of [ours, theirs, shared]) await keepPrivate(t, stream, one);
      const digests = [ours, theirs, shared].map((one) => digestOf(t, one));
      const toldUs = await askPrivate(t, stream, digests);
      const toldThem = await askPrivate(t, foreign, digests);
      const demandGiven = (told: typeof toldUs, one: typeof ours, isGiven: boolean, what: string): void => {
        const found = elementFor(told, one) !== undefined;
        demand(found === isGiven, `${what}: ${isGiven ? 'given' : 'withheld'}`, found ? 'given' : 'withheld');
      };
      demandGiven(toldUs, ours, true, 'data of an organisation’s own, to one of it');
      demandGiven(toldUs, shared, true, 'data of both organisations, to one of them');
      demandGiven(toldUs, theirs, false, 'data of another organisation, to one of the peer’s own');
      demandGiven(toldThem, theirs, true, 'data of another organisation, to one of it');
      demandGiven(toldThem, shared, true, 'data of both organisations, to one of the other');
      demandGiven(toldThem, ours, false, 'data of the peer’s organisation, to one of another');
    },
  ),

  check(
    'PVT-07',
    'asks whoever wants private data for nothing but the collection’s policy',
    { needs: ['channel', 'non-reader', 'fresh'] },
    async (t) => {
      const stream = await connected(t);
      const orderer = await connected(t, await t.issue({ role: 'orderer' }));
      const payload = privatePayload(t);
      await keepPrivate(t, stream, payload);
      const response = await askPrivate(t, orderer, [digestOf(t, payload)]);
      demand(
        elementFor(response, payload) !== undefined,
        'data given to a member of the collection’s organisation who may not read the channel',
        'a response without it',
      );
    },
  ),

  check('PVT-07', 'skips digests without a transaction', { needs: ['channel'] }, async (t) => {
    const stream = await connected(t);
    const [nameless, named] = [privatePayload(t, { txId: '' }), privatePayload(t)];
    await keepPrivate(t, stream, named);
    // A store may refuse what has no name; then it holds none.
    await pushPrivate(t, stream, nameless);
    const response = await askPrivate(t, stream, [digestOf(t, nameless), digestOf(t, named)]);
    demand(elementFor(response, named) !== undefined, 'an element for the other digest', 'none');
    demand(response.value.elements.length === 1, 'one element', `${response.value.elements.length}`);
  }),

  check('PVT-08', 'repeats the digest of the request in each element', { needs: ['channel'] }, async (t) => {
    const stream = await connected(t);
    const payloads = [privatePayload(t), privatePayload(t, { namespace: 'another' })];
    for (const one of payloads) await keepPrivate(t, stream, one);
    const digests = payloads.map((one) => digestOf(t, one));
    const { value } = await t.control('what the peer holds is given', async () => {
      const response = await askPrivate(t, stream, digests);
      demand(response.value.elements.length === 2, 'two elements', `${response.value.elements.length}`);
      return response;
    });
    for (const digest of digests) {
      demand(
        value.elements.some((element) => sameDigest(element.digest, digest)),
        `an element with the digest ${told(digest)}`,
        value.elements.map((element) => (element.digest ? told(element.digest) : 'none')).join('; '),
      );
    }
  }),
];

const told = ({ txId, namespace, collection, blockSeq, seqInBlock }: PvtDataDigest): string =>
  [txId, namespace, collection, blockSeq, seqInBlock].join(' ');
