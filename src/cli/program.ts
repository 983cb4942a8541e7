import { Command, CommanderError } from 'commander';
import { NetworkError, UsageError } from '../../conformance/run-types';
import { RecordingError, RecordingWriteError } from '../capture/recording-error';
import { oneLine, printable } from '../report/text';
import { ReportFileError } from '../report/write-report';
import { exitCodes, exitCodesHelp } from './exit-codes';
import { packageInfo } from './package-info';
import type { CommandFactory, Io, Session } from './session';
import { terminalOptions } from './terminal-options';

function program(session: Session, commands: readonly CommandFactory[]): Command {
  const { io, tool } = session;
  const root = new Command(tool.name)
    .description(
      'A Hyperledger Fabric gossip peer, and a conformance suite that judges peers clause by clause.',
    )
    .version(tool.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.out.write(text),
      writeErr: (text) => void io.err.write(text),
      getOutHelpWidth: () => terminalOptions(io).columns ?? 80,
    })
    .addHelpText('after', exitCodesHelp);
  for (const make of commands) {
    root.addCommand(make(session).copyInheritedSettings(root));
  }
  return root;
}

/** What an error means to the user. What is not known by name is a fault of ours. */
function diagnose(error: unknown): { readonly code: number; readonly ours: boolean } {
  if (error instanceof UsageError) return { code: exitCodes.usage, ours: false };
  if (error instanceof RecordingError || error instanceof RecordingWriteError)
    return { code: exitCodes.badRecording, ours: false };
  if (error instanceof NetworkError) return { code: exitCodes.noNetwork, ours: false };
  return { code: exitCodes.ownFault, ours: !(error instanceof ReportFileError) };
}

/** Stack traces down to the first cause. */
function stacks(error: Error): string {
  const stack = error.stack ?? String(error);
  return error.cause instanceof Error ? `${stack}\ncaused by ${stacks(error.cause)}` : stack;
}

/** Tells an error in one sentence, with stacks only where asked for. Returns the exit code that it calls for. */
export function tellError(error: unknown, argv: readonly string[], io: Pick<Io, 'err' | 'env'>): number {
  const { code, ours } = diagnose(error);
  const sentence = oneLine(error instanceof Error ? error.message || error.name : String(error));
  const detailed = argv.includes('--verbose') || (io.env['DEBUG'] ?? '') !== '';
  const hint = ours && !detailed ? ' (a fault of this program; --verbose shows where)' : '';
  io.err.write(`gossipspec: ${sentence}${hint}\n`);
  const evidence = error instanceof NetworkError ? error.evidence : '';
  if (evidence !== '')
    io.err.write(
      `${evidence
        .split('\n')
        .map((line) => `  | ${printable(line)}`)
        .join('\n')}\n`,
    );
  if (detailed && error instanceof Error) io.err.write(`${stacks(error)}\n`);
  return code;
}

/** Runs one command line. Resolves to the exit code; never rejects. */
export async function runCommandLine(
  argv: readonly string[],
  io: Io,
  commands: readonly CommandFactory[],
): Promise<number> {
  const session: Session = { io, tool: packageInfo(), argv, exitCode: exitCodes.conformant };
  try {
    await program(session, commands).parseAsync([...argv], { from: 'user' });
    return session.exitCode;
  } catch (error) {
    // What commander has to say it has already said: help, the version, or what is wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.conformant : exitCodes.usage;
    return tellError(error, argv, io);
  }
}
