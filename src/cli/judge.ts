import {
  NetworkError,
  UsageError,
  type ConformanceOptions,
  type ConformanceRunner,
  type Selection,
  type TargetOptions,
} from '../../conformance/run-types';
import { versionsJson } from '../report/json';
import { versionsJunit } from '../report/junit';
import { versionsMarkdown } from '../report/markdown';
import type { RunResult } from '../report/model';
import { versionsTap } from '../report/tap';
import { TerminalView } from '../report/terminal';
import { exitCodeOf } from '../report/verdict';
import type { VersionOutcome } from '../report/versions';
import { chooseTarget } from './choose-target';
import { commandText } from './command-text';
import { parseFlags, type ConformanceFlags } from './conformance-flags';
import { exitCodes } from './exit-codes';
import { interruptible } from './interrupt';
import { tellError } from './program';
import { checkReportPaths, writeReports, writeReportsOf } from './report-flags';
import type { Session } from './session';
import { parseTargets } from './target-flags';
import { terminalOptions } from './terminal-options';

/** A run without its target and its view. */
type Options = Omit<ConformanceOptions, 'target' | 'view'>;

/** Runs the suite, shows it as it goes, writes the reports that were asked for; the verdict comes last. */
export async function judge(
  load: () => ConformanceRunner,
  session: Session,
  flags: ConformanceFlags,
  select: Selection,
): Promise<number> {
  const { io, tool, argv } = session;
  const parsed = parseFlags(flags);
  await checkReportPaths(flags);
  return interruptible(io, async (signal) => {
    const { kind, reason } = await chooseTarget(flags, io.env, () => load().atHand());
    const targets = parseTargets(kind, flags);
    if (targets.length > 1 && flags.record !== undefined)
      throw new UsageError('--record goes with one network, not with several versions one after the other');
    new TerminalView(terminalOptions(io)).note(reason);
    const command = commandText(tool.name, argv, io.env);
    const options = { ...parsed, select, signal, tool, command };
    const [only, ...others] = targets;
    return only !== undefined && others.length === 0
      ? judgeOne(load(), session, flags, { ...options, target: only })
      : judgeVersions(load(), session, flags, options, targets);
  });
}

async function judgeOne(
  runner: ConformanceRunner,
  { io }: Session,
  flags: ConformanceFlags,
  options: Options & Pick<ConformanceOptions, 'target'>,
): Promise<number> {
  const view = new TerminalView(terminalOptions(io));
  const run = await runner.runConformance({ ...options, view });
  options.signal.throwIfAborted();
  try {
    await writeReportsOf(flags, run);
  } finally {
    view.conclude(run);
  }
  return exitCodeOf(run);
}

/** One network after the other; a table tells their versions apart. */
async function judgeVersions(
  runner: ConformanceRunner,
  session: Session,
  flags: ConformanceFlags,
  options: Options,
  targets: readonly TargetOptions[],
): Promise<number> {
  const { io, argv } = session;
  const versions: VersionOutcome[] = [];
  for (const target of targets) {
    const view = new TerminalView(terminalOptions(io));
    try {
      const run = await runner.runConformance({ ...options, target, view });
      view.conclude(run);
      io.out.write('\n');
      versions.push({ label: versionOf(run) ?? labelOf(target), run });
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      // The other versions can be judged all the same.
      tellError(error, argv, io);
      versions.push({ label: labelOf(target), noNetwork: error.message });
    }
    options.signal.throwIfAborted();
  }
  const exitCode = worstExitCode(versions);
  try {
    await writeReports(flags, {
      json: () => versionsJson(versions, exitCode),
      junit: () => versionsJunit(versions),
      tap: () => versionsTap(versions),
      markdown: () => versionsMarkdown(versions),
    });
  } finally {
    new TerminalView(terminalOptions(io)).versions(versions);
  }
  return exitCode;
}

const versionOf = ({ target: { fabricVersion } }: RunResult): string | undefined =>
  fabricVersion === undefined ? undefined : `Fabric ${fabricVersion}`;

function labelOf(target: TargetOptions): string {
  switch (target.kind) {
    case 'docker':
      return `Fabric ${target.versions.join(' and ')}`;
    case 'native':
      return target.binaries.join(' and ');
    case 'attach':
    case 'embedded':
      return target.kind;
  }
}

/** The worst first. */
const worstFirst: readonly number[] = [
  exitCodes.ownFault,
  exitCodes.notConformant,
  exitCodes.noNetwork,
  exitCodes.cannotTell,
];

function worstExitCode(versions: readonly VersionOutcome[]): number {
  const codes = versions.map(({ run }) => (run === undefined ? exitCodes.noNetwork : exitCodeOf(run)));
  return worstFirst.find((code) => codes.includes(code)) ?? exitCodes.conformant;
}
