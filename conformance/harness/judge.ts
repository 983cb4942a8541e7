import { AssertionError } from 'chai';
import type { Clock, Millis } from '../../src/ports/clock';
import type { Random } from '../../src/ports/random';
import type { CheckResult, Verdict } from '../../src/report/model';
import { clauseInfo } from '../clauses';
import type { Check } from './check';
import { CheckContext } from './context';
import { Ladder } from './ladder';
import { LagMeter } from './lag';
import type { Lines } from './lines';
import type { Case } from './scheduler';
import type { Lease, PeerUnderTest, Target } from './target';
import type { GossipTiming } from './timing';
import { Inconclusive, Violation } from './verdict';

interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly expected: readonly string[];
  readonly actual: string;
}

const pass: Judgement = { verdict: 'pass', reason: '', expected: [], actual: '' };

const inspect = (value: unknown): string => (typeof value === 'string' ? value : String(value));

/** What an error thrown by a check means; undefined for one that is no verdict but a fault of ours. */
function judgementOf(error: unknown): Judgement | undefined {
  if (error instanceof Violation) {
    return { verdict: 'fail', reason: error.message, expected: error.expected, actual: error.actual };
  }
  if (error instanceof Inconclusive) {
    return { verdict: 'inconclusive', reason: error.message, expected: [], actual: '' };
  }
  if (error instanceof AssertionError) {
    const { expected, actual } = error as Error & { expected?: unknown; actual?: unknown };
    const wanted = expected === undefined ? error.message : inspect(expected);
    return { verdict: 'fail', reason: error.message, expected: [wanted], actual: inspect(actual) };
  }
  return undefined;
}

const resultOf = (
  check: Check,
  peer: PeerUnderTest,
  judgement: Judgement,
  ladder: CheckResult['ladder'],
  durationMs: number,
): CheckResult => ({
  clause: clauseInfo(check.clause),
  title: check.title,
  peer: peer.name,
  ...judgement,
  ladder,
  durationMs,
});

/**
 * A failure that came while this machine stood still proves nothing: a tester may have been declared dead, or an answer
 * may have waited. Half of what a member may be silent, or of what a handshake may take, is too long.
 */
function doubted(judgement: Judgement, lagMs: Millis, timing: GossipTiming): Judgement {
  const tolerableMs = Math.min(timing.aliveExpirationTimeoutMs, timing.connTimeoutMs) / 2;
  if (judgement.verdict !== 'fail' || lagMs <= tolerableMs) return judgement;
  const stall = `this machine stood still for ${Math.round(lagMs)} ms, more than can be told from a fault of the peer`;
  return { ...judgement, verdict: 'inconclusive', reason: `${stall}: ${judgement.reason}` };
}

/** The result of a case that cannot run on this target. */
export const notRun = ({ check, peer }: Case, reason: string): CheckResult =>
  resultOf(check, peer, { ...pass, verdict: 'not-run', reason }, [], 0);

export interface JudgeOptions {
  readonly target: Target;
  readonly clock: Clock;
  readonly random: Random;
  readonly lines: Lines;
  /** Told of errors that are no verdict: faults of ours. */
  readonly onFault: (message: string) => void;
}

/** Makes the function that judges one case with the testers it was given. */
export function judgeWith(options: JudgeOptions): (one: Case, lease: Lease) => Promise<CheckResult> {
  let testers = 0;
  const nextNumber = (): number => {
    testers += 1;
    return testers;
  };
  return async ({ check, peer }, lease) => {
    const { target, clock, random, lines } = options;
    const ladder = new Ladder(clock);
    const context = new CheckContext({ target, put: peer, lease, clock, random, lines, ladder, nextNumber });
    using lag = new LagMeter(clock);
    let judgement = pass;
    try {
      await check.run(context);
    } catch (error) {
      const found = judgementOf(error);
      judgement = found ?? { ...pass, verdict: 'inconclusive', reason: `our own fault: ${inspect(error)}` };
      if (found === undefined) {
        options.onFault(
          `${check.clause} (${check.title}): ${error instanceof Error ? (error.stack ?? error.message) : inspect(error)}`,
        );
      }
    }
    const durationMs = ladder.elapsedMs();
    judgement = doubted(judgement, lag.worstMs, target.timing);
    await context[Symbol.asyncDispose]();
    return resultOf(check, peer, judgement, ladder.lines, durationMs);
  };
}
