import { availableParallelism } from 'node:os';
import { abortable } from '../src/ports/abortable';
import { isoTime } from '../src/ports/iso-time';
import { deviationsOf, withBaseline, type Setting } from '../src/report/baseline';
import type { CheckResult, Gate, RunResult } from '../src/report/model';
import { Annex } from './annex';
import { checks } from './checks';
import { clauseInfo, clauses } from './clauses';
import type { Check } from './harness/check';
import { mergeUnexpected } from './harness/etiquette';
import { runChecks } from './harness/run-checks';
import type { Target } from './harness/target';
import { bringUp, systemTools } from './harness/targets';
import { embeddedOffers } from './harness/targets/embedded';
import { RunRecorder } from './harness/run-recorder';
import { keepIfWorth } from './harness/worth-keeping';
import type { ConformanceOptions, GateOptions, ListedCheck, Selection } from './run-types';

export { atHand } from './harness/targets/at-hand';

/**
 * Judges a network: brings up or reaches the target, runs the selected checks, stops what it started or leaves it up.
 * An abort ends it at once, whatever checks are still at; they come to nothing.
 */
export async function runConformance(options: ConformanceOptions): Promise<RunResult> {
  const { signal, view, tool, command } = options;
  const tools = systemTools(options.seed);
  view.note(`chance is drawn from the seed ${tools.seed}; --seed ${tools.seed} repeats it`);
  const { clock } = tools;
  const started = { wall: clock.wallNanos(), now: clock.now() };
  const once = checks.filter(({ clause }) => options.select.has(clause));
  const selected = once.flatMap((check) => Array.from({ length: options.times }, () => check));
  await using annex = annexFor(options, selected, tools.seed);
  const recorder = options.record && new RunRecorder(options.record, { ...options, clock, seed: tools.seed });
  const target = await bringUp(options, tools);
  recorder?.meet(target);
  const upMs = clock.now() - started.now;
  try {
    signal.throwIfAborted();
    view.started(target.info, selected.length * target.peers.length);
    const startedAt = isoTime(started.wall);
    const setting: Setting = { target: target.info, today: startedAt.slice(0, 'yyyy-mm-dd'.length) };
    const { gate } = options;
    const told = (result: CheckResult): CheckResult =>
      gate?.baseline === undefined ? result : withBaseline(result, gate.baseline, setting);
    const finished = (result: CheckResult): void => {
      if (!signal.aborted) view.finished(told(result));
    };
    const judging = runChecks({
      ...tools,
      // Twins are the same peers in other networks: in one recording they could not be told apart.
      target: recorder === undefined ? target : { ...target, twins: undefined },
      checks: selected,
      signal,
      recorder,
      jobs: options.jobs,
      ...(annex && { elsewhere: annex.results }),
      finished,
    });
    const { results: found, faults, lost, unexpected } = await abortable(judging, signal);
    signal.throwIfAborted();
    const unexpectedElsewhere = (await annex?.unexpected) ?? [];
    const recordingFaults = (await recorder?.close()) ?? [];
    const results = found.map(told);
    const logs = await keepIfWorth(target.logs, results, (line) => {
      view.note(line);
    });
    const judgedAt = clock.now();
    const kept = await leave(options, target);
    return {
      tool,
      startedAt,
      durationMs: clock.now() - started.now,
      command,
      seed: tools.seed,
      target: target.info,
      results,
      gate: gate && gateOf(gate, results, setting),
      unjudged: unjudged(options.select),
      lost,
      unexpected: mergeUnexpected([...unexpected, ...unexpectedElsewhere]),
      harnessErrors: [...faults, ...(annex?.faults ?? []), ...recordingFaults],
      network: wasStarted(options)
        ? { upMs, downMs: kept === undefined ? clock.now() - judgedAt : undefined }
        : undefined,
      kept,
      logs,
    };
  } catch (error) {
    await recorder?.close();
    await target.close();
    throw error;
  }
}

const wasStarted = ({ target }: ConformanceOptions): boolean => target.kind !== 'attach';

/** Takes the network down; where it is to be kept, gives back how it is reached. */
async function leave(
  { target: { kind, ...wish } }: ConformanceOptions,
  target: Target,
): Promise<readonly string[] | undefined> {
  if ('keep' in wish && wish.keep) {
    if (target.keep === undefined) throw new TypeError(`a network of the target ${kind} cannot be kept`);
    return target.keep();
  }
  await target.close();
  return undefined;
}

/** A run of fewer checks is done before a second process would have started. */
const FEW = 30;

/** A second process for a run on embedded networks that is long enough, where there is a processor for it. */
function annexFor(
  { target, jobs, times, record }: ConformanceOptions,
  selected: readonly Check[],
  seed: number,
): Annex | undefined {
  if (target.kind !== 'embedded' || jobs !== undefined || times > 1 || availableParallelism() < 2)
    return undefined;
  if (record !== undefined) return undefined; // What it sees could not be written into one recording.
  const offers = embeddedOffers(target.tls);
  const runnable = selected.filter(
    ({ needs, refersTo }) =>
      needs.every((need) => offers.has(need)) && (refersTo === undefined || !selected.includes(refersTo)),
  );
  if (runnable.length <= FEW) return undefined;
  // Every other one of each kind, so that both processes have as much to do.
  const byKind = [...runnable].sort((a, b) => kindOf(a).localeCompare(kindOf(b)));
  return new Annex(
    byKind.filter((_, i) => i % 2 === 1),
    target.tls,
    seed,
  );
}

const kindOf = ({ lane, long }: Check): string => `${lane} ${String(long)}`;

const gateOf = (
  { require, minClauses, baseline }: GateOptions,
  results: readonly CheckResult[],
  setting: Setting,
): Gate => ({
  require,
  minClauses,
  baseline: baseline && { file: baseline.file, deviations: deviationsOf(baseline, results, setting) },
});

/** The clauses of a selection that no check judges. */
const unjudged = (select: Selection): NonNullable<RunResult['unjudged']> =>
  listChecks(select).flatMap((one) =>
    'missing' in one ? [{ clause: clauseInfo(one.clause.id), reason: one.missing }] : [],
  );

/** What a run of `select` would judge, and which of its clauses nothing judges, with the reason. */
export function listChecks(select: Selection): readonly ListedCheck[] {
  return [...clauses.values()]
    .filter(({ id }) => select.has(id))
    .flatMap((clause): readonly ListedCheck[] => {
      const found = checks.filter((check) => check.clause === clause.id);
      if (found.length > 0) return found.map(({ title }) => ({ clause, title }));
      return [{ clause, missing: clause.unobservable ?? clause.unjudged ?? 'no check yet' }];
    });
}
