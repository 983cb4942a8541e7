import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import {
  answerInTime,
  awaitProposal,
  declaration,
  electorate,
  forgetLeadership,
  isOwnLeadership,
  nextLeadership,
  ownSince,
  proposalOfDeposed,
  settingsOf,
  startMs,
  TRIES,
  withRank,
} from '../steps/leadership';

const options = { lane: 'view', long: true, needs: ['own-channel', 'leader-election'] } as const;

/** Times between two declarations of a leader in which a follower must be silent. */
const GAPS = 3;

/** When a peer wants to lead. */
export const electionTimeChecks: readonly Check[] = [
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
      // A leader that is deposed has heard of another just then.
      const pauses: number[] = [];
      while (pauses.length < TRIES && !pauses.some((pause) => pause <= 1.35 * thresholdMs)) {
        await nextLeadership(t, stream, channel, true, 2 * thresholdMs);
        // So that it rests from what it said, and wakes when it hears of another.
        await t.quiet(thresholdMs / 8);
        const deposedMs = t.clock.now();
        pauses.push((await proposalOfDeposed(t, lead, channel)).atMs - deposedMs);
      }
      demandInTime(
        Math.min(...pauses) <= 1.35 * thresholdMs,
        `a proposal ${thresholdMs} ms after it was deposed`,
        `after ${pauses.map(Math.round).join(', ')} ms`,
      );
    },
  ),
];
