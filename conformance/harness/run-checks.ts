import type { Clock } from '../../src/ports/clock';
import type { CheckResult, Lost, Unexpected } from '../../src/report/model';
import { clauseInfo, clauses } from '../clauses';
import type { Check } from './check';
import { Etiquette } from './etiquette';
import type { Case } from './network-slots';
import { judgeWith, notRun } from './judge';
import type { Lines } from './lines';
import { runWithMocha } from './mocha-run';
import { Pulses } from './pulses';
import type { RunRecorder } from './run-recorder';
import { schedule, whyNotRun } from './scheduler';
import type { Target } from './target';

export interface RunChecksOptions {
  readonly target: Target;
  readonly checks: readonly Check[];
  readonly clock: Clock;
  /** See `JudgeOptions`. */
  readonly seed: number;
  readonly lines: Lines;
  readonly signal: AbortSignal;
  readonly jobs: number | undefined;
  /** Takes down what testers send and receive; undefined: nobody does. */
  readonly recorder?: RunRecorder | undefined;
  /** Results of checks that somebody else judges, on a network like this one. */
  readonly elsewhere?: ReadonlyMap<Check, Promise<CheckResult>>;
  /** Told of each result as it comes, which is not their order. */
  readonly finished: (result: CheckResult) => void;
}

export interface ChecksOutcome {
  /** In the order of the checks, peer by peer. */
  readonly results: readonly CheckResult[];
  /** Errors in checks that are no verdict: faults of ours. */
  readonly faults: readonly string[];
  /** Cases that could run and have no result among those. */
  readonly lost: readonly Lost[];
  readonly unexpected: readonly Unexpected[];
}

/** Every case that `checks` make of the target's peers. */
export const casesOf = (target: Target, checks: readonly Check[]): readonly Case[] =>
  target.peers.flatMap((peer) => checks.map((check) => ({ check, peer })));

/** For each case of a check that refers to another, which is judged too: the case whose result stands for it. */
function standIns(cases: readonly Case[]): ReadonlyMap<Case, Case> {
  const nth = (one: Case): number =>
    cases.filter(({ check, peer }) => check === one.check && peer === one.peer).indexOf(one);
  return new Map(
    cases
      .filter(({ check }) => check.refersTo !== undefined)
      .flatMap((one) => {
        const others = cases.filter(({ check, peer }) => check === one.check.refersTo && peer === one.peer);
        const other = others[nth(one)];
        return other === undefined ? [] : [[one, other] as const];
      }),
  );
}

/** What was found by a check, told as found by one that refers to it; what it took is told once. */
const renamed = (result: CheckResult, { clause, title }: Check): CheckResult => ({
  ...result,
  clause: clauseInfo(clause),
  title,
  durationMs: 0,
  waits: undefined,
});

/** Whether a case that could run has come to no verdict. */
const isLost = (target: Target, one: Case, result: CheckResult | undefined): boolean =>
  (result === undefined || result.verdict === 'not-run') && whyNotRun(target, one) === undefined;

const lostOf = ({ check: { clause, title }, peer }: Case): Lost => ({
  clause: clauseInfo(clause),
  title,
  peer: peer.name,
});

/** Judges every peer of the target by every check, side by side where that is safe. */
export async function runChecks(options: RunChecksOptions): Promise<ChecksOutcome> {
  const { target, clock, seed, lines, signal, jobs, recorder, elsewhere, finished } = options;
  const faults: string[] = [];
  const onFault = (message: string): void => {
    faults.push(message);
  };
  const etiquette = new Etiquette();
  const results = new Map<Case, CheckResult>();
  const cases = casesOf(target, options.checks);
  const stands = standIns(cases);
  const runnable = cases.filter(
    (one) => !stands.has(one) && elsewhere?.has(one.check) !== true && whyNotRun(target, one) === undefined,
  );
  using pulses = new Pulses(target, { lines, clock });
  const promised = schedule(runnable, {
    target,
    clock,
    signal,
    jobs,
    judgeOn: (on) =>
      judgeWith({
        target: on,
        clock,
        seed,
        lines,
        etiquette,
        recorder,
        pulseOf: (peer) => pulses.of(peer),
        onFault,
      }),
  });
  const resultOf = (one: Case): Promise<CheckResult> => {
    const other = stands.get(one);
    if (other !== undefined) return resultOf(other).then((result) => renamed(result, one.check));
    return (
      promised.get(one) ??
      elsewhere?.get(one.check) ??
      Promise.resolve(notRun(one, whyNotRun(target, one) ?? ''))
    );
  };
  const judged = cases.map((one) => ({
    one,
    area: clauses.get(one.check.clause)?.area ?? one.check.clause,
    title: `${one.check.clause} ${one.check.title}`,
    result: resultOf(one),
  }));
  for (const { result } of judged) result.then(finished, () => undefined); // An abort is mocha's to tell.
  const uncaught = await runWithMocha(judged, ({ one }, result) => {
    results.set(one, result);
  });
  return {
    results: cases.flatMap((one) => results.get(one) ?? []),
    faults: [...faults, ...uncaught],
    lost: cases.filter((one) => isLost(target, one, results.get(one))).map(lostOf),
    unexpected: etiquette.unexpected,
  };
}
