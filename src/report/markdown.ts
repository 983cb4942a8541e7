import type { CheckResult, RunResult } from './model';
import { gateSections, remarkSections } from './sections';
import { failureText, verdictLine } from './summary';
import { oneLine } from './text';
import { countClauses, levels } from './verdict';
import type { VersionOutcome } from './versions';

/** Text in a cell of a table. */
const cell = (text: string): string => oneLine(text).replace(/[\\|<>*_`[\]]/g, '\\$&');

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** A fence longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

const failure = (result: CheckResult): string =>
  [
    `<details><summary>${cell(`${result.clause.id} · ${result.clause.level} · ${result.peer}: ${result.title}`)}</summary>`,
    fenced(failureText(result, 100).join('\n')),
    '</details>',
  ].join('\n\n');

/** The same of several versions, one after the other. */
export const versionsMarkdown = (versions: readonly VersionOutcome[]): string =>
  versions
    .map(({ label, run, noNetwork }) =>
      run === undefined ? `## ${cell(label)}\n\n${cell(noNetwork)}\n` : markdownReport(run),
    )
    .join('\n');

const list = (entries: readonly string[]): string => entries.map((entry) => `- ${cell(entry)}`).join('\n');

/**
 * The run as Markdown for the summary of a CI job: the verdict, counts, what failed with its messages, what the baseline
 * says, what did not run.
 */
export function markdownReport(run: RunResult): string {
  const counts = countClauses(run.results);
  const hasKnown = levels.some((level) => counts[level].knownDeviations > 0);
  const failures = run.results.filter(({ verdict }) => verdict === 'fail');
  return [
    '## Fabric gossip conformance',
    `**${cell(verdictLine(run))}**`,
    table(
      ['Level', 'passed', 'failed', ...(hasKnown ? ['known deviation'] : []), 'inconclusive', 'not run'],
      levels.map((level) => {
        const { passed, failed, knownDeviations, inconclusive, notRun } = counts[level];
        return [level, passed, failed, ...(hasKnown ? [knownDeviations] : []), inconclusive, notRun];
      }),
    ),
    ...(failures.length === 0 ? [] : ['### Failed', ...failures.map(failure)]),
    ...gateSections(run).flatMap(({ heading, entries }) => [`### ${heading}`, list(entries)]),
    ...remarkSections(run).flatMap(({ heading, entries }) => [`### ${heading}`, list(entries)]),
    ...(run.harnessErrors.length === 0
      ? []
      : ['### Faults of the suite itself', fenced(run.harnessErrors.join('\n'))]),
    '',
  ].join('\n\n');
}
