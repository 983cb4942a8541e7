import { staleDeviations } from './baseline';
import type { CheckResult, ClauseInfo, Conclusion, Level, RunResult, Verdict } from './model';

export const levels: readonly Level[] = ['must', 'should', 'impl'];

/** Clauses of one level by how they ended. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly knownDeviations: number;
  readonly inconclusive: number;
  readonly notRun: number;
}

export type Counts = Readonly<Record<Level, Tally>>;

/** Worst first. A clause that was judged at all counts as judged, even where another of its checks could not run. */
const worstFirst: readonly Verdict[] = ['fail', 'inconclusive', 'known-deviation', 'pass', 'not-run'];

export const worst = (verdicts: readonly Verdict[]): Verdict =>
  worstFirst.find((verdict) => verdicts.includes(verdict)) ?? 'not-run';

/** One clause with everything that was found of it, over all its checks and peers. */
export interface ClauseOutcome {
  readonly clause: ClauseInfo;
  /** The worst of its results. */
  readonly verdict: Verdict;
  readonly results: readonly CheckResult[];
}

/** The clauses of a run, in the order in which their first results came. */
export function outcomes(results: readonly CheckResult[]): readonly ClauseOutcome[] {
  const byId = new Map<string, CheckResult[]>();
  for (const result of results) {
    const known = byId.get(result.clause.id);
    if (known === undefined) byId.set(result.clause.id, [result]);
    else known.push(result);
  }
  return [...byId.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    return [{ clause: first.clause, verdict: worst(all.map(({ verdict }) => verdict)), results: all }];
  });
}

/** Counts clauses, not checks. */
export function countClauses(results: readonly CheckResult[]): Counts {
  const all = outcomes(results);
  const tally = (level: Level): Tally => {
    const count = (verdict: Verdict): number =>
      all.filter((outcome) => outcome.clause.level === level && outcome.verdict === verdict).length;
    return {
      passed: count('pass'),
      failed: count('fail'),
      knownDeviations: count('known-deviation'),
      inconclusive: count('inconclusive'),
      notRun: count('not-run'),
    };
  };
  return { must: tally('must'), should: tally('should'), impl: tally('impl') };
}

/** How many clauses were judged: they passed, failed or deviated as is known. */
export const judgedClauses = (counts: Counts): number =>
  levels
    .map((level) => counts[level])
    .reduce((sum, { passed, failed, knownDeviations }) => sum + passed + failed + knownDeviations, 0);

/** What a conclusion is drawn from. */
type Concludable = Pick<RunResult, 'results' | 'harnessErrors' | 'inputFaults' | 'lost' | 'target' | 'gate'>;

/** Whether a should clause that failed decides; by default unless the peers are our own, for whom it is a wish. */
const shouldDecides = ({ gate, target }: Concludable): boolean =>
  gate?.require === undefined ? target.real : gate.require === 'should';

/**
 * What a run says of its peers. A failed must clause decides, and a failed should clause too: every Fabric peer obeys
 * those, so one that does not was changed. Then a baseline decides that says what is not so. Without either, an
 * inconclusive must clause, a check that could run and was lost, a fault of our own or of what was judged, fewer
 * judged clauses than were demanded, or none at all leaves it open; an inconclusive should clause too where `require`
 * is should. Clauses of the level impl decide nothing.
 */
export function conclude(run: Concludable): Conclusion {
  const { gate } = run;
  const counts = countClauses(run.results);
  const { must, should } = counts;
  if (must.failed > 0 || (shouldDecides(run) && should.failed > 0)) return 'not conformant';
  if (staleDeviations(gate).length > 0) return 'stale baseline';
  const isOpen = must.inconclusive > 0 || (gate?.require === 'should' && should.inconclusive > 0);
  const isTooLittle = judgedClauses(counts) < Math.max(1, gate?.minClauses ?? 1);
  const hasFaults = run.harnessErrors.length > 0 || (run.inputFaults?.length ?? 0) > 0;
  const isIncomplete = (run.lost?.length ?? 0) > 0;
  return isOpen || isTooLittle || isIncomplete || hasFaults ? 'cannot tell' : 'conformant';
}

/** Whether a run found what the peers' logs may explain: a must or should that failed, a must that could not be judged. */
export function needsExplaining(results: readonly CheckResult[]): boolean {
  const { must, should } = countClauses(results);
  return must.failed + should.failed + must.inconclusive > 0;
}

/** Exit codes of a run that came to its end; a stale baseline is 1 too. */
export const runExitCodes = { conformant: 0, notConformant: 1, cannotTell: 2, ownFault: 70 } as const;

/** Any fault of our own outranks what was found: such a run must not pass for a judgement. */
export function exitCodeOf(run: Concludable): number {
  if (run.harnessErrors.length > 0) return runExitCodes.ownFault;
  switch (conclude(run)) {
    case 'conformant':
      return runExitCodes.conformant;
    case 'not conformant':
    case 'stale baseline':
      return runExitCodes.notConformant;
    case 'cannot tell':
      return runExitCodes.cannotTell;
  }
}
