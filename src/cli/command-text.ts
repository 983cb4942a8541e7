/** A word as a POSIX shell reads it back. */
const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * The command that repeats this call: by npm if npm ran it, else by the program's name. It names files, never what is in
 * them.
 */
export function commandText(
  tool: string,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const [command = '', ...rest] = argv;
  const words =
    env['npm_lifecycle_event'] === command && command !== ''
      ? ['npm', 'run', command, ...(rest.length > 0 ? ['--', ...rest] : [])]
      : [tool, ...argv];
  return words.map(quote).join(' ');
}
