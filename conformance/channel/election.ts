import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
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
  neverDeclares,
  nextLeadership,
  ownSince,
  proposal,
  settingsOf,
  startMs,
  withRank,
} from '../steps/leadership';

const options = { lane: 'view', long: true, needs: ['own-channel', 'leader-election'] } as const;

/** How many times leaderAliveThreshold one who has yielded does not want to lead. */
const YIELD_THRESHOLDS = 6;
/** Short, so that six times it is. */
const YIELDING_THRESHOLD_MS = 500;

/** Sends what must reach the peer while it waits for others that want to lead. */
function answerInTime(
  t: CheckContext,
  proposed: Received<'leadershipMsg'>,
  on: TesterStream,
  answer: Envelope,
): void {
  on.send(answer);
  if (t.clock.now() - proposed.atMs > settingsOf(t).durationMs / 2) {
    throw new Inconclusive('this machine is too busy to answer the peer while it waits');
  }
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
      if (stream === undefined) return;
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
    if (stream === undefined) return;
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
      const [better, worse] = [withRank(t, t.tester, 'better'), withRank(t, t.witness, 'worse')];
      const { channel, streams } = await electorate(t, [better, worse]);
      const [stream, other] = streams;
      if (stream === undefined || other === undefined) return;
      const { thresholdMs, durationMs } = settingsOf(t);
      const proposed = (withinMs: number): Promise<Received<'leadershipMsg'>> =>
        nextLeadership(t, stream, channel, false, withinMs);
      const first = await awaitProposal(t, [better, stream], channel);
      answerInTime(t, first, stream, proposal(better, channel));
      await neverDeclares(
        t,
        stream,
        channel,
        durationMs + 0.5 * thresholdMs,
        'a peer that gives way to a lower PKI-ID',
      );
      const second = await proposed(2 * thresholdMs + durationMs);
      answerInTime(t, second, other, proposal(worse, channel));
      const declared = await nextLeadership(t, stream, channel, true, durationMs);
      const afterMs = declared.atMs - second.atMs;
      demandInTime(
        afterMs >= 0.8 * durationMs,
        `a declaration ${durationMs} ms after the proposal`,
        `after ${Math.round(afterMs)} ms`,
      );
    },
  ),

  check(
    'ELECT-06',
    'gives way to any declaration that comes while it wants to lead',
    { ...options, own: 2 },
    async (t) => {
      const [better, worse] = [withRank(t, t.tester, 'better'), withRank(t, t.witness, 'worse')];
      const { channel, streams } = await electorate(t, [better, worse]);
      const [stream, other] = streams;
      if (stream === undefined || other === undefined) return;
      const { thresholdMs, durationMs } = settingsOf(t);
      const proposed = await awaitProposal(t, [better, stream], channel);
      answerInTime(t, proposed, other, declaration(worse, channel));
      await neverDeclares(
        t,
        stream,
        channel,
        durationMs + 0.5 * thresholdMs,
        'a peer that gives way to a declaration',
      );
      await nextLeadership(t, stream, channel, false, 2 * thresholdMs + durationMs);
    },
  ),

  check(
    'ELECT-07',
    'repeats its declaration, and steps down for a lower PKI-ID alone',
    { ...options, own: 2 },
    async (t) => {
      const [better, worse] = [withRank(t, t.tester, 'better'), withRank(t, t.witness, 'worse')];
      const { channel, streams } = await electorate(t, [better, worse]);
      const [stream, other] = streams;
      if (stream === undefined || other === undefined) return;
      await awaitLeading(t, stream, channel);
      const { thresholdMs } = settingsOf(t);
      const times: number[] = [];
      for (let i = 0; i < 3; i++) {
        times.push((await nextLeadership(t, stream, channel, true, thresholdMs)).atMs);
      }
      const gaps = times.slice(1).map((ms, i) => ms - (times[i] ?? 0));
      const [halfMs, text] = [thresholdMs / 2, gaps.map(Math.round).join(' and ')];
      demandInTime(
        Math.max(...gaps) >= 0.7 * halfMs,
        `a declaration every ${halfMs} ms`,
        `${text} ms between them`,
      );
      demandInTime(
        Math.min(...gaps) <= 1.5 * halfMs,
        `a declaration every ${halfMs} ms`,
        `${text} ms between them`,
      );
      other.send(declaration(worse, channel));
      await goesOn(t, stream, channel, 'a leader that does not give way to a higher PKI-ID');
      stream.send(declaration(better, channel));
      await t.marker(stream);
      await t.quiet();
      await neverDeclares(
        t,
        stream,
        channel,
        0.9 * thresholdMs,
        'a leader that steps down for a lower PKI-ID',
      );
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
      if (stream === undefined) return;
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
      if (stream === undefined) return;
      const { thresholdMs } = settingsOf(t);
      await awaitProposal(t, [better, stream], channel);
      const fromMs = t.clock.now();
      let lastMs = fromMs;
      // So seldom that one who waits for less than the threshold finds none in time.
      while (lastMs - fromMs < 2 * thresholdMs) {
        stream.send(declaration(better, channel));
        const nowMs = t.clock.now();
        if (nowMs - lastMs > 0.9 * thresholdMs) {
          throw new Inconclusive('this machine is too busy to declare a leader in time');
        }
        lastMs = nowMs;
        await t.quiet(0.75 * thresholdMs);
      }
      const spoke = ownSince(t, stream, channel, fromMs).length;
      demand(spoke === 0, 'a peer that follows while there is a leader', `it spoke ${spoke} times`);
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
