import type { Command } from 'commander';
import { UsageError } from '../../conformance/run-types';
import { jsonReport } from '../report/json';
import { junitReport } from '../report/junit';
import { markdownReport } from '../report/markdown';
import type { RunResult } from '../report/model';
import { tapReport } from '../report/tap';
import { checkReportPath, writeReport } from '../report/write-report';

/** The formats of reports, which are the names of their flags. */
const formats = ['json', 'junit', 'tap', 'markdown'] as const;
type Format = (typeof formats)[number];

/** Paths of the reports that were asked for. */
export type ReportFlags = Readonly<Partial<Record<Format, string>>>;

/** Adds the options that ask for reports. */
export const withReportOptions = (command: Command): Command =>
  command
    .option('--json <file>', 'write the result as JSON')
    .option('--junit <file>', 'write the result as JUnit XML')
    .option('--tap <file>', 'write the result in TAP 14')
    .option('--markdown <file>', 'write the result as Markdown, for the summary of a CI job');

/** Throws a UsageError now rather than lose the reports of a long run. */
export async function checkReportPaths(flags: ReportFlags): Promise<void> {
  for (const format of formats) {
    const path = flags[format];
    if (path === undefined) continue;
    await checkReportPath(path).catch((error: unknown) => {
      throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
    });
  }
}

/** Writes those that were asked for. Rejects with a ReportFileError. */
export async function writeReports(
  flags: ReportFlags,
  texts: Readonly<Record<Format, () => string>>,
): Promise<void> {
  for (const format of formats) {
    const path = flags[format];
    if (path !== undefined) await writeReport(path, texts[format]());
  }
}

/** The same, of one run. */
export const writeReportsOf = (flags: ReportFlags, run: RunResult): Promise<void> =>
  writeReports(flags, {
    json: () => jsonReport(run),
    junit: () => junitReport(run),
    tap: () => tapReport(run),
    markdown: () => markdownReport(run),
  });
