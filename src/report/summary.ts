import { deviationText, staleDeviations } from './baseline';
import type { CheckResult, LadderLine, RunResult, TargetInfo, Verdict } from './model';
import { duration, oneLine, plural, printable, wrap } from './text';
import { conclude, countClauses, judgedClauses, levels, type Counts, type Tally } from './verdict';

function tallyText({ passed, failed, knownDeviations, inconclusive, notRun }: Tally): string {
  const known = knownDeviations === 0 ? '' : `, ${plural(knownDeviations, 'known deviation')}`;
  return `${passed} passed, ${failed} failed${known}, ${inconclusive} inconclusive, ${notRun} not run`;
}

/** `conformant but for 1 known deviation`, `stale baseline (1 entry)`. */
function conclusionText(run: RunResult, counts: Counts): string {
  const conclusion = conclude(run);
  const known = levels.reduce((sum, level) => sum + counts[level].knownDeviations, 0);
  if (conclusion === 'conformant' && known > 0) {
    return `${conclusion} but for ${plural(known, 'known deviation')}`;
  }
  const stale = staleDeviations(run.gate).length;
  return stale === 0 ? conclusion : `${conclusion} · ${plural(stale, 'stale line')} in the baseline`;
}

/** That fewer clauses were judged than was demanded; nothing where enough were. */
function fewerText(run: Pick<RunResult, 'gate' | 'results'>): readonly string[] {
  const judged = judgedClauses(countClauses(run.results));
  const wanted = run.gate?.minClauses ?? 0;
  return judged < wanted ? [`${plural(judged, 'clause')} judged, at least ${wanted} demanded`] : [];
}

/** That less was judged than was demanded, or could have been, an entry for each reason; nothing where all was. */
export function tooLittleText(run: Pick<RunResult, 'gate' | 'results' | 'lost'>): readonly string[] {
  const idsByPeer = new Map<string, Set<string>>();
  for (const { clause, peer } of run.lost ?? []) {
    const ids = idsByPeer.get(peer) ?? new Set();
    idsByPeer.set(peer, ids.add(clause.id));
  }
  const lost = [...idsByPeer].map(
    ([peer, ids]) =>
      `on ${oneLine(peer)} these could be judged, and came to no verdict: ${[...ids].join(', ')}`,
  );
  return [...fewerText(run), ...lost];
}

/** `attach 127.0.0.1:7051 (Fabric 2.5.16)`, or that nobody else's peer was tested. */
function targetText({ kind, real, peers, fabricVersion }: TargetInfo): string {
  if (!real) return `${kind}: no Fabric peer was tested`;
  const version = fabricVersion === undefined ? '' : ` (Fabric ${fabricVersion})`;
  return oneLine(`${kind} ${peers.join(', ')}${version}`);
}

/** The verdict, what it rests on and whom it is about, in one line. Counts clauses; levels without any are left out. */
export function verdictLine(run: RunResult): string {
  const counts = countClauses(run.results);
  const faults = run.harnessErrors.length;
  const damages = run.inputFaults?.length ?? 0;
  const lost = run.lost?.length ?? 0;
  return [
    conclusionText(run, counts),
    ...fewerText(run),
    ...(lost > 0 ? [plural(lost, 'check') + ' without a verdict'] : []),
    ...(faults > 0 ? [plural(faults, 'fault') + ' of our own'] : []),
    ...(damages > 0 ? [plural(damages, 'fault') + ' of the recording'] : []),
    ...levels
      .filter((level) => level === 'must' || Object.values(counts[level]).some((count: number) => count > 0))
      .map((level) => `${level} ${tallyText(counts[level])}`),
    targetText(run.target),
    duration(run.durationMs),
  ].join(' · ');
}

const endings = {
  fail: 'failed',
  'known-deviation': 'as known',
  inconclusive: 'inconclusive',
  'not-run': 'not run',
} as const;

/** What a check came to that judged a peer more than once. */
function repeatText(results: readonly CheckResult[]): string {
  const count = (verdict: Verdict): number => results.filter((one) => one.verdict === verdict).length;
  const others = (Object.keys(endings) as (keyof typeof endings)[])
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${endings[verdict]}`);
  const again = results.filter(({ attempts = [] }) => attempts.length > 0).length;
  const times = results.map(({ durationMs }) => durationMs);
  return [
    `${count('pass')} of ${results.length} passed`,
    ...others,
    ...(again === 0 ? [] : [`${again} judged again`]),
    `${duration(Math.min(...times))} to ${duration(Math.max(...times))}`,
  ].join(', ');
}

/** How often each check passed that judged a peer more than once, a line each; those that did not always, first. */
export function repeatsText(results: readonly CheckResult[]): readonly string[] {
  const byCheck = new Map<string, CheckResult[]>();
  for (const result of results) {
    const key = oneLine(`${result.clause.id} ${result.title} [${result.peer}]`);
    byCheck.set(key, [...(byCheck.get(key) ?? []), result]);
  }
  const isPassed = ({ verdict, attempts }: CheckResult): boolean =>
    verdict === 'pass' && attempts === undefined;
  return [...byCheck]
    .filter(([, all]) => all.length > 1)
    .sort(([, a], [, b]) => Number(a.every(isPassed)) - Number(b.every(isPassed)))
    .map(([key, all]) => `${repeatText(all)}: ${key}`);
}

const exactly = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

/** How long the network, with the testers' papers, and the run took. */
export const networkText = ({ upMs, downMs }: NonNullable<RunResult['network']>, totalMs: number): string =>
  `ready to judge after ${exactly(upMs)}, network ${downMs === undefined ? 'left up' : `down in ${exactly(downMs)}`}, ${exactly(totalMs)} in all`;

/** The messages of a check, a line each, in columns: when, who to whom, what. */
function ladderText(ladder: readonly LadderLine[]): readonly string[] {
  const rows = ladder.map(({ atMs, from, to, what }) => ({
    when: `${atMs.toFixed(1)} ms`,
    way: oneLine(`${from} → ${to}`),
    what: oneLine(what),
  }));
  const width = (column: 'when' | 'way'): number => Math.max(0, ...rows.map((row) => row[column].length));
  const [when, way] = [width('when'), width('way')];
  return rows.map((row) => `${row.when.padStart(when)}  ${row.way.padEnd(way)}  ${row.what}`.trimEnd());
}

const labelWidth = 10;

/** A label and its text, which is wrapped beside it. */
function labelled(label: string, text: string, columns: number): readonly string[] {
  return wrap(printable(text), columns - labelWidth).map(
    (line, i) => (i === 0 ? label : '').padEnd(labelWidth) + line,
  );
}

/** All that a failed check has to say, below its heading. */
export function failureText(result: CheckResult, columns: number): readonly string[] {
  const { clause, title, peer, reason, expected, actual, ladder, listed } = result;
  return [
    ...wrap(clause.text, columns),
    ...labelled('Source', clause.source, columns),
    ...labelled('Check', title, columns),
    ...(reason === '' ? [] : labelled('Reason', reason, columns)),
    ...expected.flatMap((one, i) => labelled(i === 0 ? 'Expected' : '  or', one, columns)),
    ...(actual === '' ? [] : labelled('Came', actual, columns)),
    ...(listed === undefined ? [] : labelled('Baseline', deviationText({ ...listed, peer }), columns)),
    ...(ladder.length === 0 ? [] : ['Messages', ...ladderText(ladder).map((line) => `  ${line}`)]),
  ];
}

/** `reason: ids` for the results that ended so, a line for each reason, in the order in which they came. */
export function reasonsText(results: readonly CheckResult[], verdict: Verdict): readonly string[] {
  const idsByReason = new Map<string, Set<string>>();
  for (const { verdict: ended, reason, clause } of results) {
    if (ended !== verdict) continue;
    const text = reason === '' ? 'no reason was given' : oneLine(reason);
    const ids = idsByReason.get(text) ?? new Set();
    idsByReason.set(text, ids.add(clause.id));
  }
  return [...idsByReason].map(([reason, ids]) => `${reason}: ${[...ids].join(', ')}`);
}
