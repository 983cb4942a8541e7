import { Command } from 'commander';
import type { RecordingJudge } from '../../conformance/recorded/run';
import { TerminalView } from '../report/terminal';
import { plural } from '../report/text';
import { exitCodeOf } from '../report/verdict';
import { commandText } from './command-text';
import { exitCodesHelp } from './exit-codes';
import { interruptible } from './interrupt';
import { checkReportPaths, withReportOptions, writeReportsOf, type ReportFlags } from './report-flags';
import { selectionOf, withSelectionOptions, type SelectionFlags } from './selection-flags';
import type { CommandFactory, Session } from './session';
import { terminalOptions } from './terminal-options';

interface JudgeFlags extends SelectionFlags, ReportFlags {
  readonly everybody?: true;
}

/** `gossipspec judge`: recordings, clause by clause, without any network. */
export const judgeCommand =
  (load: () => RecordingJudge): CommandFactory =>
  (session) => {
    const command = new Command('judge')
      .summary('judge a recording clause by clause')
      .description(
        'Judges a recording by every clause that it can show: no network, no Docker. What is wrong with the recording itself is told with file and line; the rest is judged, and the verdict is not conformant or cannot tell.',
      )
      .argument('<folder>', 'the recording, as src/capture/README.md describes it');
    withSelectionOptions(command).option('--everybody', 'judge the testers too, not only the peers');
    return withReportOptions(command)
      .option('--verbose', 'show the stack of a fault of this program')
      .addHelpText('after', exitCodesHelp)
      .action(async (folder: string, flags: JudgeFlags) => {
        session.exitCode = await judge(load, session, folder, flags);
      });
  };

async function judge(
  load: () => RecordingJudge,
  { io, tool, argv }: Session,
  folder: string,
  flags: JudgeFlags,
): Promise<number> {
  const select = selectionOf(flags);
  await checkReportPaths(flags);
  return interruptible(io, async (signal) => {
    const view = new TerminalView(terminalOptions(io));
    const judgement = load();
    judgement.keepHeapSteady();
    const { run, envelopes, signatures } = await judgement.judge({
      folder,
      select,
      judged: flags.everybody === true ? 'everybody' : 'peers',
      signal,
      view,
      tool,
      command: commandText(tool.name, argv, io.env),
    });
    view.note(
      `${plural(envelopes, 'envelope')}, ${plural(signatures.verified, 'signature')} verified, ${signatures.again} of them met again`,
    );
    await writeReportsOf(flags, run);
    view.conclude(run);
    return exitCodeOf(run);
  });
}
