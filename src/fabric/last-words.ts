/** So many lines of a log tell why a program ended, */
const LAST_LINES = 8;
/** and in so many a Go program's panic is found, which is followed by its stacks. */
export const TAIL_LINES = 400;

/** What a log says of its program's end: from the panic on if there was one, the last lines otherwise. */
export function lastWords(log: string): string {
  const lines = log.split('\n');
  const panic = lines.findIndex((line) => /^(panic|fatal error): /.test(line));
  return (panic < 0 ? lines.slice(-LAST_LINES) : lines.slice(panic, panic + LAST_LINES)).join('\n');
}

/** The last lines of a log; all of it by default. */
export function lastLines(log: string, lines = Number.POSITIVE_INFINITY): string {
  const all = log.trimEnd().split('\n');
  return all.slice(-Math.min(lines, all.length)).join('\n');
}
