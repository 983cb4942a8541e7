import { deviationText, isStale } from './baseline';
import type { CheckResult, DeviationOutcome, DeviationState, RunResult, Wait } from './model';
import { reasonsText, repeatsText, tooLittleText } from './summary';
import { duration, oneLine, plural } from './text';
import { levels, outcomes } from './verdict';

/** A heading and what is to be told under it, a line each. */
export interface Section {
  readonly heading: string;
  readonly entries: readonly string[];
}

/** So many of the slowest clauses are told, */
const SLOWEST = 10;
/** of those that took at least so long. */
const SLOW_MS = 500;

/** Known deviations, and what a run does not put up with, apart from the failures themselves. */
export function gateSections(run: RunResult): readonly Section[] {
  const deviations = run.gate?.baseline?.deviations ?? [];
  const told = (...states: readonly DeviationState[]): readonly string[] =>
    texts(deviations.filter(({ state }) => states.includes(state)));
  return withEntries([
    { heading: 'What is wrong with the recording', entries: run.inputFaults?.map(oneLine) ?? [] },
    { heading: 'Known deviations', entries: told('holds') },
    { heading: 'The baseline is stale', entries: texts(deviations.filter(isStale)) },
    { heading: 'On the baseline, and not found out', entries: told('not-judged', 'unknown-version') },
    { heading: 'Too little was judged', entries: tooLittleText(run) },
  ]);
}

/** Everything worth telling of a run but its failures, the gate and faults of our own. */
export function remarkSections(run: RunResult): readonly Section[] {
  const { results } = run;
  return withEntries([
    { heading: 'Inconclusive', entries: reasonsText(results, 'inconclusive') },
    { heading: 'Not run', entries: [...reasonsText(results, 'not-run'), ...unjudgedText(run)] },
    { heading: 'Unexpected', entries: unexpectedText(run) },
    { heading: 'Judged again', entries: judgedAgainText(results) },
    { heading: 'Repeated', entries: repeatsText(results) },
    { heading: 'Slowest clauses, and what they waited for', entries: slowestText(results) },
  ]);
}

const withEntries = (sections: readonly Section[]): readonly Section[] =>
  sections.filter(({ entries }) => entries.length > 0);

const texts = (deviations: readonly DeviationOutcome[]): readonly string[] =>
  deviations.map((one) => oneLine(deviationText(one)));

/** How many of the selected clauses no check judges. */
function unjudgedText({ unjudged = [] }: RunResult): readonly string[] {
  if (unjudged.length === 0) return [];
  const byLevel = levels
    .map((level) => ({ level, count: unjudged.filter(({ clause }) => clause.level === level).length }))
    .filter(({ count }) => count > 0)
    .map(({ level, count }) => `${level} ${count}`);
  return [
    `no check judges them (--list says why): ${plural(unjudged.length, 'clause')}, ${byLevel.join(', ')}`,
  ];
}

/** What peers sent that they should not, and that decides nothing: how often, and the first of each kind. */
const unexpectedText = ({ unexpected = [] }: RunResult): readonly string[] =>
  unexpected.map(({ peer, what, count, first: { message, during } }) =>
    oneLine(`${peer}, ${count} times: ${what}; first in ${during.clause} (${during.title}): ${message}`),
  );

/** The checks whose first attempt was not held to be a judgement, and why. */
function judgedAgainText(results: readonly CheckResult[]): readonly string[] {
  return results.flatMap(({ clause, title, peer, verdict, attempts = [] }) => {
    if (attempts.length === 0) return [];
    const before = attempts.map(({ because, reason }) => `${because} (${reason})`).join('; ');
    return [oneLine(`${clause.id} ${title} [${peer}], in the end ${verdict}: ${before}`)];
  });
}

/** `an answer 1.2 s, silence 0.4 s` */
export const waitsText = (waits: readonly Wait[]): string =>
  oneLine(waits.map(({ what, ms }) => `${what} ${duration(ms)}`).join(', '));

/** The slowest clauses, each by the longest of its checks. */
function slowestText(results: readonly CheckResult[]): readonly string[] {
  return outcomes(results)
    .flatMap(({ results: all }) => {
      const [longest] = [...all].sort((a, b) => b.durationMs - a.durationMs);
      return longest ?? [];
    })
    .filter(({ durationMs }) => durationMs >= SLOW_MS)
    .sort((a, b) => b.durationMs - a.durationMs)
    .slice(0, SLOWEST)
    .map(({ clause, durationMs, waits = [] }) => {
      const what = waits.length === 0 ? 'nothing in particular' : waitsText(waits.slice(0, 2));
      return `${duration(durationMs)} ${clause.id}: ${what}`;
    });
}
