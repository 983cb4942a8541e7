import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { isHelloOf } from '../steps/blocks';
import {
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
/** Times between two declarations of a leader in which a follower must be silent. */
const GAPS = 3;

/** What a busy machine has spoilt is tried so often. */
const TRIES = 3;

/**
 * Sends what must reach the peer while it waits for others that want to lead. Where it did not, the peer is deposed and
 * answered when it wants to lead again. Resolves to the proposal that was answered.
 */
async function answerInTime(
  t: CheckContext,
  [better, stream]: readonly [Tester, TesterStream],
  channel: string,
  first: Received<'leadershipMsg'>,
  [on, answer]: readonly [TesterStream, () => Envelope],
): Promise<Received<'leadershipMsg'>> {
  let proposed = first;
  for (let tries = TRIES; tries > 0; tries--) {
    on.send(answer());
    await t.marker(on);
    if (t.clock.now() - proposed.atMs <= settingsOf(t).durationMs / 2) return proposed;
    proposed = await proposalOfDeposed(t, [better, stream], channel);
  }
  throw new Inconclusive('this machine is too busy to answer the peer while it waits');
}

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

  check('ELECT-05', 'looks at the channel until it is steady before it wants to lead', options, async (t) => {
    const { channel, streams } = await electorate(t, [t.tester]);
    const [stream] = streams;
    const { electionMembershipSampleIntervalMs: sampleMs, electionStartupGracePeriodMs: graceMs } =
      t.waits.settings;
    const first = await stream.expect('leadershipMsg', {
      where: isOwnLeadership(t, channel),
      withinMs: startMs(t) + 2_000,
      what: 'a leadership message of the peer',
    });
    const { isDeclaration, timestamp } = first.value;
    const seqNum = timestamp?.seqNum ?? 0n;
    const isFirst = seqNum <= 2n;
    const isInTurn = !isFirst || isDeclaration === (seqNum === 2n);
    demand(isInTurn, 'a proposal first', isDeclaration ? 'a declaration' : 'another');
    // Its inc_num is the time at which its election began; declarations follow a proposal that went to nobody.
    const arrivedMs =
      Number((t.clock.wallNanos() - (timestamp?.incNum ?? 0n)) / 1_000_000n) - (t.clock.now() - first.atMs);
    const { durationMs, thresholdMs } = settingsOf(t);
    const sinceProposedMs = isDeclaration ? durationMs + (Number(seqNum - 2n) * thresholdMs) / 2 : 0;
    const proposedMs = Math.round(arrivedMs - sinceProposedMs);
    demand(
      proposedMs >= 0.9 * sampleMs,
      `a proposal no sooner than after ${sampleMs} ms`,
      `after ${proposedMs} ms`,
    );
    if (!isFirst) throw new Inconclusive('the peer’s first messages went to nobody');
    demandInTime(
      proposedMs <= graceMs + 2 * sampleMs + 500,
      `a proposal within ${graceMs} ms`,
      `after ${proposedMs} ms`,
    );
  }),

  check(
    'ELECT-06',
    'gives way to the proposal of a lower PKI-ID, not to that of a higher one, and declares itself in time',
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
        // A proposal that was under way for long makes the wait after it short.
        if (afterMs >= 0.8 * durationMs) break;
        demandInTime(
          tries > 1,
          `a declaration ${durationMs} ms after the proposal`,
          `after ${Math.round(afterMs)} ms`,
        );
      }
      const answer = (): Envelope => proposal(better, channel);
      await givesWay(t, lead, channel, first, [stream, answer], 'a peer that gives way to a lower PKI-ID');
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

  check(
    'ELECT-08',
    'wants to lead when it has heard of no leader for leaderAliveThreshold, and no sooner',
    options,
    async (t) => {
      const better = withRank(t, t.tester, 'better');
      const { channel, streams } = await electorate(t, [better]);
      const [stream] = streams;
      const { thresholdMs } = settingsOf(t);
      const lead = [better, stream] as const;
      const answer = (): Envelope => declaration(better, channel);
      const first = await awaitProposal(t, lead, channel);
      await answerInTime(t, lead, channel, first, [stream, answer]);
      let [lastMs, wasLate, judged] = [t.clock.now(), false, 0];
      for (let gaps = 0; gaps < 3 * GAPS && judged < GAPS; gaps++) {
        // So seldom that one who waits for less than the threshold finds none in time.
        await t.quiet(0.75 * thresholdMs);
        const nowMs = t.clock.now();
        stream.send(answer());
        await t.marker(stream);
        // What a peer that heard of a leader too late has begun, it ends when it hears of one.
        const isLate = t.clock.now() - lastMs > 0.95 * thresholdMs;
        if (!isLate && !wasLate) {
          const spoke = ownSince(t, stream, channel, lastMs).length;
          demandInTime(spoke === 0, 'a peer that follows while there is a leader', `it spoke ${spoke} times`);
          judged += 1;
        }
        [lastMs, wasLate] = [nowMs, isLate];
      }
      if (judged === 0 || wasLate) {
        throw new Inconclusive('this machine is too busy to declare a leader in time');
      }
      await forgetLeadership(stream);
      const { atMs } = await nextLeadership(t, stream, channel, false, 2 * thresholdMs);
      const afterMs = Math.round(atMs - lastMs);
      demandInTime(
        afterMs >= 0.9 * thresholdMs,
        `no proposal sooner than after ${thresholdMs} ms`,
        `after ${afterMs} ms`,
      );
      demandInTime(
        afterMs <= 2.3 * thresholdMs + 300,
        `a proposal within ${2 * thresholdMs} ms`,
        `after ${afterMs} ms`,
      );
    },
  ),
];
