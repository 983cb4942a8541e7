import { channelMac } from '../../src/identity';
import { Tag, type Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Violation } from '../harness/verdict';
import { demandSignedBy, withBadSignature } from '../steps/alive';
import { snapshotRequest } from '../steps/block-pull';
import {
  awaitLeading,
  countOf,
  declaration,
  electorate,
  goesOn,
  isOwnLeadership,
  leadership,
  nextLeadership,
  ownSince,
  proposal,
  settingsOf,
  startMs,
  stepsDown,
  withRank,
} from '../steps/leadership';
import { listedIn, lists, stateInfoWith } from '../steps/snapshots';
import { BEFORE_FABRIC_NANOS } from '../steps/times';

const options = { lane: 'view', long: true, needs: ['own-channel', 'leader-election'] } as const;

/** Longer than a run takes. */
const FUTURE_NANOS = 3_600_000_000_000n;

/** Every tag but that of a leadership message, CHAN_AND_ORG (TAG-01). */
const otherTags = Object.values(Tag).filter((tag) => tag !== Tag.CHAN_AND_ORG);

/** Declarations, each of which goes to one of two by chance, if it does not go to both. */
const DECLARATIONS = 4;

function demandLeadership(t: CheckContext, { message, envelope, value }: Received<'leadershipMsg'>): void {
  demand(message.tag === Tag.CHAN_AND_ORG, 'tag CHAN_AND_ORG (4)', `tag ${message.tag}`);
  demand(message.nonce === 0n, 'nonce 0', message.nonce.toString());
  demandSignedBy(t.put.identity, envelope, 'a leadership message');
  demand(envelope.secretEnvelope === undefined, 'no secret envelope', 'one');
  const { timestamp } = value;
  if (timestamp === undefined) throw new Violation('a leadership message with a timestamp', 'none');
  demand(
    timestamp.incNum > BEFORE_FABRIC_NANOS,
    'inc_num: a time in nanoseconds',
    timestamp.incNum.toString(),
  );
  demand(timestamp.seqNum < 1_000_000n, 'seq_num: a count', timestamp.seqNum.toString());
}

/** What peers say that would lead, and who is heard. */
export const leadershipChecks: readonly Check[] = [
  check('ELECT-01', 'proposes and declares itself by messages that are well made', options, async (t) => {
    const { channel, streams } = await electorate(t, [t.tester]);
    const [stream] = streams;
    const { thresholdMs, durationMs } = settingsOf(t);
    const wait = startMs(t) + durationMs + thresholdMs;
    const first = await nextLeadership(t, stream, channel, true, wait);
    const second = await nextLeadership(t, stream, channel, true, thresholdMs);
    const all = ownSince(t, stream, channel, 0);
    for (const one of all) demandLeadership(t, one);
    const [a, b] = [first.value.timestamp, second.value.timestamp];
    demand(a?.incNum === b?.incNum, 'the same inc_num in all', 'another');
    const numbers = all.map(countOf);
    const inOrder = numbers.every((number, i) => i === 0 || number === (numbers[i - 1] ?? 0n) + 1n);
    demand(inOrder && (numbers[0] ?? 9n) <= 3n, 'seq_num counting from 1', numbers.join(', '));
  }),

  check(
    'ELECT-03',
    'heeds declarations of members of its channel and organisation, signed by them, new and well tagged, and no others',
    { ...options, own: 3, foreign: 1 },
    async (t) => {
      const [better, outside] = [withRank(t, t.tester, 'better'), withRank(t, t.third, 'better')];
      const foreigner = withRank(t, t.stranger, 'better');
      const { channel, streams } = await electorate(t, [better, t.witness, foreigner]);
      const [stream, witness, foreign] = streams;
      await t.control('a tester joins that is not on the channel', () => outside.join());
      await awaitLeading(t, witness, channel);
      const old = better.nextTime();
      stream.send(proposal(better, channel));
      // Times of one author say nothing of another's.
      const timestamp = { incNum: t.clock.wallNanos() + FUTURE_NANOS, seqNum: 1n };
      witness.send(leadership(t.witness, channel, { timestamp, isDeclaration: false }));
      const unknown = { identity: withRank(t, t.tester, 'better').identity };
      const good = (): Envelope => declaration(better, channel);
      const bad: readonly (readonly [TesterStream, Envelope])[] = [
        [stream, withBadSignature(good())],
        [stream, { ...good(), signature: new Uint8Array() }],
        [
          stream,
          leadership({ identity: t.witness.identity }, channel, {
            pkiId: better.pkiId,
            timestamp: better.nextTime(),
          }),
        ],
        [stream, leadership(unknown, channel, { timestamp: better.nextTime() })],
        [stream, leadership(better, channel, { timestamp: old })],
        [stream, declaration(foreigner, channel)],
        [stream, declaration(outside, channel)],
        [stream, leadership(better, `${channel}x`, { timestamp: better.nextTime() })],
        ...otherTags.map(
          (tag) => [stream, leadership(better, channel, { timestamp: better.nextTime() }, { tag })] as const,
        ),
        [foreign, good()],
      ];
      for (const [on, envelope] of bad) on.sendWrong(envelope);
      await goesOn(t, witness, channel, 'a leader that no declaration disturbs which does not count');
      await stepsDown(t, [better, stream], witness, channel, 'a leader that gives way to a good declaration');
    },
  ),

  check('LEAVE-03', 'does not heed a leader who has left the channel', { ...options, own: 2 }, async (t) => {
    const better = withRank(t, t.tester, 'better');
    const { channel, streams } = await electorate(t, [better, t.witness]);
    const [stream, witness] = streams;
    await awaitLeading(t, witness, channel);
    await t.control('the tester tells that it has left', () => leave(t, better, stream, channel));
    stream.send(declaration(better, channel));
    await goesOn(t, witness, channel, 'a leader that does not give way to one who has left');
  }),

  check(
    'ELECT-04',
    'tells all members of its organisation on the channel that it leads, and nobody else; relays nothing',
    { ...options, own: 3, foreign: 1 },
    async (t) => {
      const worse = withRank(t, t.tester, 'worse');
      const { channel, streams } = await electorate(t, [worse, t.witness, t.stranger]);
      const [stream, witness, foreign] = streams;
      const { stream: outside } = await t.control('a tester joins that is not on the channel', () =>
        t.third.join(),
      );
      await awaitLeading(t, witness, channel);
      const fromMs = t.clock.now();
      for (let i = 0; i < 20; i++) stream.send(proposal(worse, channel));
      await t.marker(stream);
      await goesOn(t, witness, channel, 'a leader that declares itself');
      const untilMs = t.clock.now();
      await t.quiet(t.waits.relayMs);
      witness.expectNone(
        'leadershipMsg',
        'no proposal relayed',
        ({ value }) => Buffer.compare(value.pkiId, worse.pkiId) === 0,
      );
      const told = [stream, witness].map((on) => ownSince(t, on, channel, 0));
      const numbers = told.map((all) => all.map(countOf));
      const due = told.flat().filter(({ atMs }) => atMs > fromMs && atMs <= untilMs);
      demandInTime(
        due.every((one) => numbers.every((all) => all.includes(countOf(one)))),
        'all members told of each declaration',
        () => `seq_num ${numbers.map((all) => all.join(', ')).join(' told to one, to the other ')}`,
      );
      for (const [who, on] of [
        ['of another organisation', foreign],
        ['who is not on the channel', outside],
      ] as const) {
        on.expectNone(
          'leadershipMsg',
          `no leadership message to a member ${who}`,
          isOwnLeadership(t, channel),
        );
      }
    },
  ),

  check(
    'ELECT-04',
    'tells all of them, however few members it tells other things',
    { recruit: { propagatePeerNum: 1 }, own: 2, long: true, needs: ['own-channel', 'leader-election'] },
    async (t) => {
      await t.recruit.start({});
      const { channel, streams } = await electorate(t, [t.tester, t.witness]);
      const [first, second] = streams;
      await awaitLeading(t, second, channel);
      const { thresholdMs } = settingsOf(t);
      for (let i = 0; i < DECLARATIONS; i++) await nextLeadership(t, first, channel, true, thresholdMs);
      await t.quiet(t.waits.relayMs);
      const [one = [], other = []] = [first, second].map((on) => ownSince(t, on, channel, 0).map(countOf));
      // The testers were not on the channel from its first message on.
      const from = [one[0] ?? 0n, other[0] ?? 0n].reduce((a, b) => (a > b ? a : b));
      const due = [...new Set([...one, ...other])].filter((number) => number >= from);
      demandInTime(
        due.every((number) => one.includes(number) && other.includes(number)),
        'both members told of each declaration',
        `seq_num ${one.join(', ')} told to one, to the other ${other.join(', ')}`,
      );
    },
  ),

  check(
    'ELECT-10',
    'survives leadership messages without timestamp',
    { lane: 'alone', needs: ['own-channel', 'leader-election', 'disposable'] },
    async (t) => {
      const better = withRank(t, t.tester, 'better');
      const { channel, streams } = await electorate(t, [better]);
      const [stream] = streams;
      for (const isDeclaration of [false, true, false]) {
        stream.sendWrong(leadership(better, channel, { timestamp: undefined, isDeclaration }));
      }
      await t.marker(stream);
      await awaitLeading(t, stream, channel);
      await t.demandAlive();
    },
  ),
];

/** Tells that a tester has left a channel, and awaits that the peer has taken it in. */
async function leave(t: CheckContext, tester: Tester, stream: TesterStream, channel: string): Promise<void> {
  const timestamp = tester.nextTime();
  const properties = { ledgerHeight: 1n, leftChannel: true, chaincodes: [] };
  stream.send(stateInfoWith(tester, channel, { timestamp, properties }));
  await t.eventually('StateInfo of one who has left, listed', t.waits.answerMs, async () => {
    stream.send(snapshotRequest(channelMac(tester.pkiId, channel)));
    const told = await stream.expect('stateSnapshot');
    return lists(listedIn(told), tester, timestamp);
  });
}
