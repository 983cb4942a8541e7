import { AssertionError } from 'chai';
import type { Clock, Millis } from '../../src/ports/clock';
import type { Random } from '../../src/ports/random';
import type { Attempt, CheckResult, Observed, Verdict } from '../../src/report/model';
import { clauseInfo } from '../clauses';
import { chanceOf } from './chance';
import { isDestructive, type Check } from './check';
import { CheckClock } from './check-clock';
import { CheckContext } from './context';
import type { Etiquette } from './etiquette';
import { Tally } from './floor';
import { checkJournal } from './journal';
import { Ladder } from './ladder';
import { LagMeter } from './lag';
import type { RunRecorder } from './run-recorder';
import type { Lines } from './lines';
import type { Case, NetworkSlotsOptions } from './network-slots';
import type { Recruit } from './recruit';
import type { Pulse, PulseWatch } from './pulse';
import { pause } from './signal';
import type { Lease, PeerUnderTest, Target } from './target';
import { Waits, type GossipTiming } from './timing';
import { CutOff, Inconclusive, Lateness, Violation } from './verdict';

interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly expected: readonly string[];
  readonly actual: string;
  /** Whether a machine that stood still may be why. */
  readonly isDelay: boolean;
  /** Whether it is that a stream ended. */
  readonly isCutOff?: boolean;
  /** Undefined where nothing ran. */
  readonly observed?: Observed;
}

const pass: Judgement = { verdict: 'pass', reason: '', expected: [], actual: '', isDelay: false };

/** Times that a check is run whose result a busy machine may have spoilt, */
const ATTEMPTS = 3;
/**
 * or which could not judge, or lost a stream in view. A peer drops what does not fit into its queues (LIFE-13), and a tester
 * who was a member shortly before may just be taken for dead when it comes again (DEAD-01); that does not happen twice.
 */
const UNLUCKY_ATTEMPTS = 2;
/** A check that took longer than this to find that it cannot judge is not run again for that. */
const SHORT_MS = 10_000;

const inspect = (value: unknown): string => (typeof value === 'string' ? value : String(value));

/** What an error thrown by a check means; undefined for one that is no verdict but a fault of ours. */
function judgementOf(error: unknown): Judgement | undefined {
  if (error instanceof Violation) {
    const { message: reason, expected, actual } = error;
    return {
      verdict: 'fail',
      reason,
      expected,
      actual,
      isDelay: error instanceof Lateness,
      isCutOff: error instanceof CutOff,
    };
  }
  if (error instanceof Inconclusive) {
    return { ...pass, verdict: 'inconclusive', reason: error.message, isDelay: true };
  }
  if (error instanceof AssertionError) {
    const { expected, actual } = error as Error & { expected?: unknown; actual?: unknown };
    const wanted = expected === undefined ? error.message : inspect(expected);
    return { ...pass, verdict: 'fail', reason: error.message, expected: [wanted], actual: inspect(actual) };
  }
  return undefined;
}

const resultOf = (
  check: Check,
  peer: PeerUnderTest,
  { verdict, reason, expected, actual, observed }: Judgement,
  ladder: CheckResult['ladder'],
  durationMs: number,
): CheckResult => ({
  clause: clauseInfo(check.clause),
  title: check.title,
  peer: peer.name,
  verdict,
  reason,
  expected,
  actual,
  ladder,
  durationMs,
  ...(observed && { observed }),
});

/**
 * For how long this machine may stand still before what did not come in time proves nothing: a tester may have been
 * declared dead, an answer may have waited, or what came at two ticks seems to have come at one. Half of what a member may
 * be silent, of what a handshake may take, or of the time between two rounds.
 */
const tolerableLagMs = ({ aliveExpirationTimeoutMs, connTimeoutMs, pullIntervalMs }: GossipTiming): Millis =>
  Math.min(aliveExpirationTimeoutMs, connTimeoutMs, pullIntervalMs) / 2;

/** Of that, what a failure that delay can explain is looked at twice for: a peer was busy, too, where this process was. */
const SUSPICIOUS_SHARE = 0.15;

/** How long something was kept waiting while a check ran, and what, in words. */
interface Stall {
  readonly ms: Millis;
  readonly what: string;
}

function worstStall(lag: LagMeter, pulse: PulseWatch | undefined): Stall {
  const pulseMs = pulse?.worstMs ?? 0;
  return lag.worstMs >= pulseMs
    ? { ms: lag.worstMs, what: `this machine stood still for ${Math.round(lag.worstMs)} ms` }
    : { ms: pulseMs, what: `the peer took ${Math.round(pulseMs)} ms to answer a Ping` };
}

/** A failure that delay can explain, while something stalled for too long. */
function excused(judgement: Judgement, stall: Stall): Judgement {
  if (judgement.verdict !== 'fail' || !judgement.isDelay) return judgement;
  const why = `${stall.what}, more than can be told from a fault of the peer`;
  return { ...judgement, verdict: 'inconclusive', reason: `${why}: ${judgement.reason}` };
}

/** A failure that delay alone cannot explain, seen while something stalled, and not seen again. */
const unconfirmed = (accusation: Judgement): Judgement => ({
  ...accusation,
  verdict: 'inconclusive',
  reason: `it failed on a machine that was too busy, and passed when it was run again: ${accusation.reason}`,
});

/** The result of a case that cannot run on this target. */
export const notRun = ({ check, peer }: Case, reason: string): CheckResult =>
  resultOf(check, peer, { ...pass, verdict: 'not-run', reason }, [], 0);

export interface JudgeOptions {
  readonly target: Target;
  readonly clock: Clock;
  /** What the testers of each check, and the faults that it makes, draw their chance from. */
  readonly seed: number;
  readonly lines: Lines;
  /** What peers sent that Fabric's would not, over the whole run. */
  readonly etiquette: Etiquette;
  /** Takes down what testers send and receive; undefined: nobody does. */
  readonly recorder?: RunRecorder | undefined;
  /** The pulse of a peer; undefined for one whose process is this one. */
  readonly pulseOf?: ((peer: PeerUnderTest) => Pick<Pulse, 'watch'> | undefined) | undefined;
  /** Whether the first failure will do, though a busy machine may explain it. */
  readonly hurried?: boolean;
  /** Told of errors that are no verdict: faults of ours. */
  readonly onFault: (message: string) => void;
}

/** The timers of the peer that a check judges. */
const timingFor = ({ timing, recruiter }: Target, { recruit }: Check): GossipTiming =>
  recruit === undefined ? timing : { ...(recruiter?.timing ?? timing), ...recruit.timing };

/** Recruits choose members as their checks would have it. */
const waitsFor = (target: Target, check: Check): Waits =>
  new Waits(timingFor(target, check), {
    turnsToAll: target.turnsToAll === true && check.recruit === undefined,
  });

/** In this time a peer that was brought down is started again, and answers. */
const RESTART_MS = 30_000;

/** Waits until a peer answers, which may have been brought down; whoever comes next is to find it. */
async function untilItAnswers(
  { lines, clock }: JudgeOptions,
  { endpoint }: PeerUnderTest,
  [caller]: Lease['own'],
): Promise<void> {
  const deadline = clock.now() + RESTART_MS;
  while (clock.now() < deadline) {
    if ((await lines.ping(endpoint, caller?.tls, 1_000)) === undefined) return;
    await pause(clock, 100);
  }
}

/** Makes the function that judges one case with the testers it was given. */
export function judgeWith(options: JudgeOptions): NetworkSlotsOptions['judge'] {
  let testers = 0;
  const nextNumber = (): number => {
    testers += 1;
    return testers;
  };
  const { target, clock, seed, lines, etiquette, recorder, pulseOf, hurried = false } = options;
  const runs = new Map<string, number>();
  /** Each run of a check has other chance: whoever repeats it wants to see more. */
  const chanceFor = ({ check: { clause, title }, peer }: Case): Random => {
    const name = `${clause} ${title} ${peer.name}`;
    const count = (runs.get(name) ?? 0) + 1;
    runs.set(name, count);
    return chanceOf(seed, `${name} ${count}`);
  };
  etiquette.know(target.channel);
  const enlisted = async ({ check, peer }: Case): Promise<Recruit | undefined> => {
    if (check.recruit === undefined) return undefined;
    if (target.recruiter === undefined) throw new Error('a target without recruits that offers them');
    const recruit = await target.recruiter.enlist(peer, check.recruit);
    recorder?.addRecruit(recruit.peer, target.recruiter.channel);
    return recruit;
  };
  const run = async (one: Case, lease: Lease, ladder: Ladder, checkClock: CheckClock): Promise<Judgement> => {
    const { check } = one;
    const { clause, title } = check;
    const tally = new Tally(check.floor);
    const onFault = (message: string): void => {
      options.onFault(`${clause} (${title}): ${message}`);
    };
    await using recruit = await enlisted(one);
    await using neighbour = check.recruit?.neighbour ? await enlisted(one) : undefined;
    const put = recruit?.peer ?? one.peer;
    await using context = new CheckContext({
      target,
      put,
      lease,
      waits: waitsFor(target, check),
      recruit,
      neighbour,
      clock: checkClock,
      random: chanceFor(one),
      lines,
      ladder,
      tally,
      journal: checkJournal({ put, etiquette, during: { clause, title }, onFault }),
      onChannel: (name) => {
        etiquette.know(name);
        recorder?.addChannel(name);
      },
      recorder,
      nextNumber,
    });
    try {
      await check.run(context);
      tally.demandEnough();
      return { ...pass, observed: tally.observed };
    } catch (error) {
      const found = judgementOf(error);
      if (found !== undefined) return { ...found, observed: tally.observed };
      onFault(error instanceof Error ? (error.stack ?? error.message) : inspect(error));
      return { ...pass, verdict: 'inconclusive', reason: `our own fault: ${inspect(error)}` };
    } finally {
      if (isDestructive(check) && recruit === undefined) {
        await untilItAnswers(options, one.peer, lease.own);
      }
    }
  };
  return async (one, lease) => {
    const attempts: Attempt[] = [...(one.before ?? [])];
    let accusation: Judgement | undefined;
    for (let attempt = 1; ; attempt++) {
      const ladder = new Ladder(clock);
      const checkClock = new CheckClock(clock);
      using lag = new LagMeter(clock);
      using pulse = isDestructive(one.check) ? undefined : pulseOf?.(one.peer)?.watch();
      const judgement = await run(one, lease, ladder, checkClock);
      const { verdict, reason } = judgement;
      const stall = worstStall(lag, pulse);
      const tolerableMs = tolerableLagMs(timingFor(target, one.check));
      const isAccusation = verdict === 'fail' && !judgement.isDelay && !hurried;
      const isDoubtful = (judgement.isDelay || isAccusation) && stall.ms > tolerableMs;
      const isSuspect =
        !hurried &&
        judgement.isDelay &&
        verdict === 'fail' &&
        !isDestructive(one.check) &&
        stall.ms > SUSPICIOUS_SHARE * tolerableMs;
      if ((isDoubtful || isSuspect) && attempt < ATTEMPTS) {
        if (isAccusation) accusation = judgement;
        attempts.push({ verdict, reason, because: stall.what });
        continue;
      }
      const isUndecided = judgement.isDelay && verdict === 'inconclusive' && ladder.elapsedMs() < SHORT_MS;
      const wasCutOff = judgement.isCutOff === true && one.check.lane === 'view' && !hurried;
      if ((isUndecided || wasCutOff) && attempt < UNLUCKY_ATTEMPTS) {
        const because = wasCutOff
          ? 'the tester may have been taken for dead, from before'
          : 'it could not judge';
        attempts.push({ verdict, reason, because });
        continue;
      }
      const settled = verdict === 'pass' && accusation !== undefined ? unconfirmed(accusation) : judgement;
      const told = isDoubtful ? excused(settled, stall) : settled;
      const messages = told.verdict === 'pass' ? [] : ladder.lines;
      const result = resultOf(one.check, one.peer, told, messages, ladder.elapsedMs());
      const waits = checkClock.longest();
      return {
        result: {
          ...result,
          ...(waits.length === 0 ? {} : { waits }),
          ...(attempts.length === 0 ? {} : { attempts }),
        },
        isUndecided: told.verdict === 'inconclusive' && told.isDelay && !hurried && !isDestructive(one.check),
      };
    }
  };
}
