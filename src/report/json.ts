import type { CheckResult, Conclusion, RunResult, TargetInfo } from './model';
import { conclude, countClauses, exitCodeOf, type Counts } from './verdict';

/**
 * The JSON report. A reader may rely on these names: they change only together with `formatVersion`; new ones may come.
 *
 * | field | what |
 * | --- | --- |
 * | `formatVersion` | 1 |
 * | `tool` | `name` and `version` of what judged |
 * | `startedAt`, `durationMs` | ISO 8601; milliseconds |
 * | `command` | repeats the run |
 * | `target` | `kind`, `real` (whether peers not of this project were judged), `description`, `fabricVersion` or null, `peers` |
 * | `conclusion` | `conformant`, `not conformant`, `cannot tell` |
 * | `exitCode` | as the process ends |
 * | `counts` | clauses: `counts.must.passed`, `.failed`, `.inconclusive`, `.notRun`; likewise `should` and `impl` |
 * | `results` | one for each check and peer: `clause`, `title`, `peer`, `verdict`, `reason`, `expected`, `actual`, `ladder`, `durationMs` |
 * | `harnessErrors` | faults of the tool itself, one text each |
 */
export interface JsonReport {
  readonly formatVersion: 1;
  readonly tool: { readonly name: string; readonly version: string };
  readonly startedAt: string;
  readonly durationMs: number;
  readonly command: string;
  readonly target: Omit<TargetInfo, 'fabricVersion'> & { readonly fabricVersion: string | null };
  readonly conclusion: Conclusion;
  readonly exitCode: number;
  readonly counts: Counts;
  readonly results: readonly CheckResult[];
  readonly harnessErrors: readonly string[];
}

/** The JSON report as text, with a newline at its end. */
export function jsonReport(run: RunResult): string {
  const { tool, startedAt, durationMs, command, target, results, harnessErrors } = run;
  const report: JsonReport = {
    formatVersion: 1,
    tool,
    startedAt,
    durationMs,
    command,
    target: { ...target, fabricVersion: target.fabricVersion ?? null },
    conclusion: conclude(run),
    exitCode: exitCodeOf(run),
    counts: countClauses(results),
    results,
    harnessErrors,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
