import type { TerminalOptions } from '../report/terminal';
import type { Io } from './session';

/** What the output can do: no cursor control but on a terminal, no colour where NO_COLOR is set (https://no-color.org). */
export function terminalOptions({ out, env }: Io): TerminalOptions {
  const tty = out.isTTY === true && env['TERM'] !== 'dumb';
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0';
  const forbidden = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  return {
    write: (text) => void out.write(text),
    tty,
    color: !forbidden && (tty || forced),
    columns: out.columns === 0 ? undefined : out.columns, // 0: a terminal of unknown width.
  };
}
