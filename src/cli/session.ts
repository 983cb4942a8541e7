import type { Command } from 'commander';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The parts of the process that commands touch. */
export interface Io {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly err: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls `stop` at the first signal; the next one then ends the process as it ends any other. Returns the undo. */
  onStopSignal(stop: (signal: StopSignal) => void): () => void;
}

/** One call of the program. */
export interface Session {
  readonly io: Io;
  readonly tool: { readonly name: string; readonly version: string };
  /** The arguments after the program's name. */
  readonly argv: readonly string[];
  /** What the process ends with; commands set it. */
  exitCode: number;
}

/**
 * Makes a subcommand, whose action sets `session.exitCode` or throws. What is heavy to load it loads in its action, since
 * `--help` must be quick.
 */
export type CommandFactory = (session: Session) => Command;
