import { gossipMessage, Tag, type Content, type ContentKind } from '../../src/wire';
import { check, type Check } from '../harness/check';
import { demand, demandInTime } from '../harness/verdict';
import { connected } from '../steps/handshake';
import { identityHello, unsigned } from '../steps/messages';
import { privatePayload, privateRequest, pushPrivate } from '../steps/private-data';
import { channelOf, snapshot, stateInfoWith } from '../steps/snapshots';

/** What members are told, and a tester who was one shortly before may be; and the digests that answer a marker. */
const UNASKED: ReadonlySet<ContentKind> = new Set([
  'aliveMsg',
  'dataDig',
  'dataMsg',
  'hello',
  'leadershipMsg',
  'memReq',
  'stateInfo',
  'stateInfoPullReq',
]);

/** Acknowledgements, and messages without content. */
export const acknowledgementChecks: readonly Check[] = [
  check(
    'ACK-01',
    'acknowledges with the nonce of the message, without tag, channel and signature',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      for (let round = 0; round < 3; round++) {
        const { envelope, message, value } = await pushPrivate(t, stream, privatePayload(t));
        demand(message.tag === Tag.UNDEFINED, 'tag UNDEFINED (0)', `tag ${message.tag}`);
        demand(message.channel.length === 0, 'no channel', `${message.channel.length} bytes of one`);
        demand(envelope.signature.length === 0, 'no signature', `${envelope.signature.length} bytes of one`);
        demand(value.error === '', 'no error', `“${value.error}”`);
      }
    },
  ),

  check('ACK-02', 'ignores acknowledgements of what it has not sent', {}, async (t) => {
    const stream = await t.control('a tester joins', async () => {
      const connection = await t.tester.connect();
      await t.marker(connection);
      return connection;
    });
    const before = stream.received.length;
    for (const tag of [Tag.UNDEFINED, Tag.EMPTY]) {
      for (const error of ['', 'refused']) {
        const content: Content = { kind: 'ack', value: { error } };
        stream.sendWrong(unsigned(gossipMessage({ nonce: t.random.uint64(), tag, content })));
      }
    }
    await t.marker(stream);
    await t.quiet();
    demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
    const answers = stream.received.slice(before).filter(({ kind }) => !UNASKED.has(kind));
    demand(answers.length === 0, 'no answer to an acknowledgement', () =>
      answers.map(({ kind }) => kind).join(', '),
    );
    await t.demandAlive();
  }),

  check('ACK-03', 'acknowledges nothing but private data', { needs: ['channel'] }, async (t) => {
    const stream = await connected(t);
    const channel = Buffer.from(channelOf(t));
    const nonce = (): bigint => t.random.uint64();
    const withNonce = (tag: number, content: Content): ReturnType<typeof unsigned> =>
      unsigned(gossipMessage({ nonce: nonce(), channel, tag, content }));
    const timestamp = t.tester.nextTime();
    stream.sendWrong(unsigned(identityHello(nonce(), { nonce: nonce() })));
    stream.sendWrong(stateInfoWith(t.tester, channelOf(t), { timestamp }, { nonce: nonce() }));
    stream.send(snapshot(channelOf(t), []));
    const range = { startSeqNum: 0n, endSeqNum: 0n };
    stream.send(withNonce(Tag.CHAN_OR_ORG, { kind: 'stateRequest', value: range }));
    stream.send(withNonce(Tag.CHAN_OR_ORG, { kind: 'stateResponse', value: { payloads: [] } }));
    stream.sendWrong(withNonce(Tag.CHAN_AND_ORG, { kind: 'dataMsg', value: { payload: undefined } }));
    stream.send(withNonce(Tag.CHAN_ONLY, { kind: 'privateRes', value: { elements: [] } }));
    stream.send(privateRequest(t, nonce(), []));
    stream.sendWrong(t.tester.conn(stream));
    await t.marker(stream);
    await t.quiet();
    stream.expectNone('ack', 'no acknowledgement of what is no private data');
    await t.control('private data is acknowledged', () => pushPrivate(t, stream, privatePayload(t)));
  }),

  check(
    'ACK-04',
    'ignores messages whose content is empty or not there, and sends none',
    { lane: 'view' },
    async (t) => {
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      await t.marker(stream);
      const empty: Content = { kind: 'empty', value: {} };
      for (const tag of [Tag.EMPTY, Tag.UNDEFINED, Tag.CHAN_OR_ORG]) {
        for (const content of [empty, undefined]) {
          stream.sendWrong(unsigned(gossipMessage({ nonce: t.random.uint64(), tag, content })));
        }
      }
      await t.marker(stream);
      await t.quiet(2 * t.waits.settings.aliveTimeIntervalMs);
      stream.expectNone('empty', 'no message without content');
      demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
      await t.marker(stream);
    },
  ),
];
