import { Command } from 'commander';
import type { RecordingJudge } from '../../conformance/recorded/run';
import { resolveSelection } from '../../conformance/selection';
import { jsonReport } from '../report/json';
import { junitReport } from '../report/junit';
import { markdownReport } from '../report/markdown';
import { tapReport } from '../report/tap';
import { TerminalView } from '../report/terminal';
import { plural } from '../report/text';
import { exitCodeOf } from '../report/verdict';
import { checkReportPath, writeReport } from '../report/write-report';
import { commandText } from './command-text';
import { exitCodesHelp } from './exit-codes';
import { interruptible } from './interrupt';
import type { CommandFactory, Session } from './session';
import { terminalOptions } from './terminal-options';
import { collect, collectList } from './collect';

interface JudgeFlags {
  readonly clause?: readonly string[];
  readonly area?: readonly string[];
  readonly level?: readonly string[];
  readonly everybody?: true;
  readonly json?: string;
  readonly junit?: string;
  readonly tap?: string;
  readonly markdown?: string;
}

const reports = { json: jsonReport, junit: junitReport, tap: tapReport, markdown: markdownReport } as const;
const formats = ['json', 'junit', 'tap', 'markdown'] as const;

/** `gossipspec judge`: recordings, clause by clause, without any network. */
export const judgeCommand =
  (load: () => RecordingJudge): CommandFactory =>
  (session) =>
    new Command('judge')
      .summary('judge a recording clause by clause')
      .description(
        'Judges a recording by every clause that it can show: no network, no Docker. What is wrong with the recording itself is told with file and line; the rest is judged, and the verdict is not conformant or cannot tell.',
      )
      .argument('<folder>', 'the recording, as src/capture/README.md describes it')
      .option('--clause <id>', 'a clause, such as CONN-07; repeatable', collect)
      .option('--area <name>', 'a family, such as CONN, or a section’s name; repeatable', collect)
      .option('--level <level>', 'must, should or impl; repeatable, or separated by commas', collectList)
      .option('--everybody', 'judge the testers too, not only the peers')
      .option('--json <file>', 'write the result as JSON')
      .option('--junit <file>', 'write the result as JUnit XML')
      .option('--tap <file>', 'write the result in TAP 14')
      .option('--markdown <file>', 'write the result as Markdown, for the summary of a CI job')
      .option('--verbose', 'show the stack of a fault of this program')
      .addHelpText('after', exitCodesHelp)
      .action(async (folder: string, flags: JudgeFlags) => {
        session.exitCode = await judge(load, session, folder, flags);
      });

async function judge(
  load: () => RecordingJudge,
  { io, tool, argv }: Session,
  folder: string,
  flags: JudgeFlags,
): Promise<number> {
  const { clause = [], area = [], level = [] } = flags;
  const select = resolveSelection({ clauses: clause, areas: area, levels: level });
  for (const format of formats) {
    const path = flags[format];
    if (path !== undefined) await checkReportPath(path);
  }
  return interruptible(io, async (signal) => {
    const view = new TerminalView(terminalOptions(io));
    const { run, envelopes, signatures } = await load().judge({
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
    for (const format of formats) {
      const path = flags[format];
      if (path !== undefined) await writeReport(path, reports[format](run));
    }
    view.conclude(run);
    return exitCodeOf(run);
  });
}
