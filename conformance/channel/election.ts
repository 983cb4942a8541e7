import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demandInTime, Inconclusive } from '../harness/verdict';
import { isHelloOf } from '../steps/blocks';
import {
  answerInTime,
  awaitLeading,
  awaitProposal,
  declaration,
  electorate,
  forgetLeadership,
  goesOn,
  isOwnLeadership,
  nextLeadership,
  ownSince,
  proposal,
  proposalOfDeposed,
  settingsOf,
  startMs,
  stepsDown,
  TRIES,
  withRank,
} from '../steps/leadership';
import { demandPace } from '../steps/pace';

const options = { lane: 'view', long: true, needs: ['own-channel', 'leader-election'] } as const;

interface Rivals {
  readonly better: Tester;
  readonly worse: Tester;
  readonly channel: string;
  readonly stream: TesterStream;
  /** Of the worse one. */
  readonly other: TesterStream;
}

/** How many times leaderAliveThreshold one who has yielded does not want to lead. */
const YIELD_THRESHOLDS = 6;
/** Short, so that six times it is. */
const YIELDING_THRESHOLD_MS = 500;

/** Answers a proposal in time, as {@link answerInTime} does; a Lateness if the peer declares itself after that. */
async function givesWay(
  t: CheckContext,
  lead: readonly [Tester, TesterStream],
  channel: string,
  first: Received<'leadershipMsg'>,
  answer: readonly [TesterStream, () => Envelope],
  why: string,
): Promise<void> {
  const { thresholdMs, durationMs } = settingsOf(t);
  let proposed = first;
  for (let tries = TRIES; tries > 0; tries--) {
    const { atMs } = await answerInTime(t, lead, channel, proposed, answer);
    await t.quiet(durationMs + 0.5 * thresholdMs);
    const declared = ownSince(t, lead[1], channel, atMs).find(({ value }) => value.isDeclaration);
    if (declared === undefined || declared.atMs - atMs >= durationMs / 2) {
      demandInTime(declared === undefined, why, 'it declares that it leads');
      return;
    }
    proposed = await proposalOfDeposed(t, lead, channel);
  }
  throw new Inconclusive('proposals were under way for so long that the peer had done waiting');
}

/** One who is a better leader than the peer and one who is a worse, alone with it on a new channel; their streams. */
async function rivals(t: CheckContext): Promise<Rivals> {
  const [better, worse] = [withRank(t, t.tester, 'better'), withRank(t, t.witness, 'worse')];
  const { channel, streams } = await electorate(t, [better, worse]);
  const [stream, other] = streams;
  return { better, worse, channel, stream, other };
}

/** How a leader is found, and given up. */
export const electionChecks: readonly Check[] = [
  check(
    'ELECT-02',
    'neither proposes nor declares itself where leaders are not elected',
    { recruit: { leaderElection: false }, long: true, needs: ['own-channel', 'leader-election'] },
    async (t) => {
      await t.recruit.start({});
      const { channel, streams } = await electorate(t, [t.tester]);
      const [stream] = streams;
      await t.control('the peer pulls blocks of a member of the channel', () =>
        stream.expect('hello', {
          where: isHelloOf(channel),
          withinMs: t.waits.turnMs(t.waits.settings.pullIntervalMs),
        }),
      );
      const { durationMs, thresholdMs } = settingsOf(t);
      for (let leftMs = startMs(t) + durationMs + thresholdMs; leftMs > 0; leftMs -= durationMs) {
        await t.quiet(durationMs);
        stream.expectNone('leadershipMsg', 'no leadership message', isOwnLeadership(t, channel));
      }
    },
  ),

  check(
    'ELECT-06',
    'gives way to the proposal of a lower PKI-ID, not to that of a higher or an earlier one, and declares itself in time',
    { ...options, own: 2 },
    async (t) => {
      const { better, worse, channel, stream, other } = await rivals(t);
      const { durationMs } = settingsOf(t);
      const lead = [better, stream] as const;
      let first = await awaitProposal(t, lead, channel);
      for (let tries = TRIES; ; tries--) {
        const rivalled = await answerInTime(t, lead, channel, first, [other, () => proposal(worse, channel)]);
        const declared = await nextLeadership(t, stream, channel, true, durationMs);
        const afterMs = declared.atMs - rivalled.atMs;
        first = await proposalOfDeposed(t, lead, channel);
        // A proposal that was under way for long makes the wait after it short; a declaration, long.
        if (afterMs >= 0.8 * durationMs && afterMs <= 1.35 * durationMs) break;
        demandInTime(
          tries > 1,
          `a declaration ${durationMs} ms after the proposal`,
          `after ${Math.round(afterMs)} ms`,
        );
      }
      const answer = (): Envelope => proposal(better, channel);
      await givesWay(t, lead, channel, first, [stream, answer], 'a peer that gives way to a lower PKI-ID');
      // Who wanted to lead once does not want to for ever.
      const { thresholdMs } = settingsOf(t);
      await nextLeadership(t, stream, channel, true, 2 * (thresholdMs + durationMs));
    },
  ),

  check(
    'ELECT-06',
    'gives way to any declaration that comes while it wants to lead',
    { ...options, own: 2 },
    async (t) => {
      const { better, worse, channel, stream, other } = await rivals(t);
      const { thresholdMs, durationMs } = settingsOf(t);
      const lead = [better, stream] as const;
      const first = await awaitProposal(t, lead, channel);
      const answer = (): Envelope => declaration(worse, channel);
      await givesWay(t, lead, channel, first, [other, answer], 'a peer that gives way to a declaration');
      await nextLeadership(t, stream, channel, false, 2 * thresholdMs + durationMs);
    },
  ),

  check(
    'ELECT-07',
    'repeats its declaration, and steps down for a lower PKI-ID alone',
    { ...options, own: 2 },
    async (t) => {
      const { better, worse, channel, stream, other } = await rivals(t);
      await awaitLeading(t, stream, channel);
      const { thresholdMs } = settingsOf(t);
      const times: number[] = [];
      for (let i = 0; i < 3; i++) {
        times.push((await nextLeadership(t, stream, channel, true, thresholdMs)).atMs);
      }
      demandPace(times, thresholdMs / 2, 'a declaration');
      other.send(declaration(worse, channel));
      await goesOn(t, stream, channel, 'a leader that does not give way to a higher PKI-ID');
      await stepsDown(t, [better, stream], stream, channel, 'a leader that steps down for a lower PKI-ID');
    },
  ),

  check(
    'ELECT-09',
    'gives the lead up when it has no orderer, and does not want it for six times leaderAliveThreshold',
    {
      recruit: { ordererPatienceMs: 500, timing: { electionLeaderAliveThresholdMs: YIELDING_THRESHOLD_MS } },
      long: true,
      needs: ['own-channel', 'leader-election'],
    },
    async (t) => {
      await t.recruit.start({});
      const { channel, streams } = await electorate(t, [t.tester]);
      const [stream] = streams;
      await awaitLeading(t, stream, channel);
      await forgetLeadership(stream);
      const { thresholdMs } = settingsOf(t);
      const again = await nextLeadership(t, stream, channel, false, 9 * thresholdMs + t.waits.answerMs);
      const declared = ownSince(t, stream, channel, 0).filter(({ value }) => value.isDeclaration);
      const pauseMs = Math.round(again.atMs - (declared.at(-1)?.atMs ?? 0));
      demandInTime(
        pauseMs >= 0.9 * YIELD_THRESHOLDS * thresholdMs,
        `no proposal for ${YIELD_THRESHOLDS * thresholdMs} ms after the last declaration`,
        `one after ${pauseMs} ms`,
      );
    },
  ),
];
