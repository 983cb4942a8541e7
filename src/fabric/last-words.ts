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

/** Ways in which nodes die that their user can do something about. */
const knownDeaths: readonly { readonly sign: RegExp; readonly advice: string }[] = [
  {
    sign: /address already in use/i,
    advice: 'Another program took its address in the meantime: run again, or end that program.',
  },
  {
    sign: /no space left on device|disk quota exceeded/i,
    advice:
      'Its disk is full: free some room there, the engine’s with “docker system prune”, or name a folder on another disk by TMPDIR.',
  },
  { sign: /too many open files/i, advice: 'Raise the limit of open files (ulimit -n).' },
];

/** What to do about a death, by the log of who died. */
export const adviceFor = (log: string): string =>
  knownAdvice(log) ?? 'Its log says why; is it one of Fabric’s programs, and made for this machine?';

/** What to do where a node says this; undefined where its user can do nothing that is known. */
export const knownAdvice = (said: string): string | undefined =>
  knownDeaths.find(({ sign }) => sign.test(said))?.advice;
