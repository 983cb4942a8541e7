import type { RunResult } from './model';
import { deviationText, staleDeviations } from './baseline';
import { remarkSections } from './sections';
import { failureText, tooLittleText, verdictLine } from './summary';
import { oneLine } from './text';
import { outcomes } from './verdict';
import type { VersionOutcome } from './versions';

/** `#` would begin a directive. */
const inLine = (text: string): string => oneLine(text).replace(/#/g, '＃');

/**
 * The run in TAP 14, a test for each clause. One that could not be judged is `not ok`, since TAP has no word for it, and
 * says so; one that did not run is skipped.
 */
export const tapReport = (run: RunResult): string =>
  document(testsOf(run, ''), [
    ...remarkSections(run).flatMap(({ heading, entries }) => [
      `${heading}:`,
      ...entries.map((entry) => `  ${inLine(entry)}`),
    ]),
    verdictLine(run),
  ]);

/** The same of several versions, a test for each clause and version; a network that did not come up is a test too. */
export const versionsTap = (versions: readonly VersionOutcome[]): string =>
  document(
    versions.flatMap(({ label, run, noNetwork }) =>
      run === undefined
        ? [{ ok: false, title: `${label}: ${inLine(noNetwork)}`, details: [] }]
        : testsOf(run, `${label}: `),
    ),
    versions.map(({ label, run, noNetwork }) =>
      inLine(`${label}: ${run === undefined ? noNetwork : verdictLine(run)}`),
    ),
  );

interface Test {
  readonly ok: boolean;
  readonly title: string;
  readonly details: readonly string[];
}

const document = (tests: readonly Test[], remarks: readonly string[]): string =>
  [
    'TAP version 14',
    `1..${tests.length}`,
    ...tests.flatMap(({ ok, title, details }, i) => [
      `${ok ? 'ok' : 'not ok'} ${i + 1} - ${title}`,
      ...details,
    ]),
    ...remarks.map((remark) => `# ${remark}`),
    '',
  ].join('\n');

function testsOf(run: RunResult, prefix: string): readonly Test[] {
  const clauses = outcomes(run.results).map(({ clause, verdict, results }) => {
    const told = results.filter((result) => result.verdict === verdict);
    const reasons = inLine([...new Set(told.map(({ reason }) => reason))].join('; '));
    const name = `${prefix}${clause.id} (${clause.level})`;
    if (verdict === 'pass') return { ok: true, title: name, details: [] };
    if (verdict === 'known-deviation') {
      const [listed] = told.flatMap((one) => one.listed ?? []);
      const why =
        listed === undefined ? '' : ` until ${listed.deviation.expires}: ${listed.deviation.reason}`;
      return { ok: false, title: `${name} # TODO known deviation${inLine(why)}`, details: [] };
    }
    if (verdict === 'not-run') return { ok: true, title: `${name} # SKIP ${reasons}`, details: [] };
    const title = clause.level === 'impl' ? `${name} # TODO informs, and decides nothing` : name;
    const details = told.flatMap((result) => [`peer ${result.peer}`, ...failureText(result, 100)]);
    const message = verdict === 'inconclusive' ? `inconclusive: ${reasons}` : reasons;
    return {
      ok: false,
      title,
      details: [
        '  ---',
        `  message: ${JSON.stringify(message)}`,
        '  details: |',
        ...details.flatMap((detail) => detail.split('\n').map((one) => `    ${one}`)),
        '  ...',
      ],
    };
  });
  const unmet = [...staleDeviations(run.gate).map(deviationText), ...tooLittleText(run)];
  return [
    ...clauses,
    ...unmet.map((text) => ({ ok: false, title: `${prefix}the gate: ${inLine(text)}`, details: [] })),
  ];
}
