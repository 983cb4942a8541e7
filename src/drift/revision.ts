import { spawnSync } from 'node:child_process';

/** git could not be asked, or refused: one clear sentence. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

/** Large enough for the cited files together. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

function git(folder: string, args: readonly string[], input = ''): Buffer {
  const { error, status, stdout, stderr } = spawnSync('git', ['-C', folder, ...args], {
    input,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (error !== undefined) throw new GitError(`git does not start: ${error.message}`, { cause: error });
  if (status !== 0)
    throw new GitError(
      stderr
        .toString('utf8')
        .trim()
        .replace(/\s*\n\s*/g, ' '),
    );
  return stdout;
}

/** One revision of a git repository, with or without a work tree. */
export class Revision {
  readonly name: string;
  readonly #folder: string;
  readonly #commit: string;

  /** Throws a GitError where `folder` is no repository or has no such revision. */
  constructor(folder: string, name: string) {
    this.name = name;
    this.#folder = folder;
    const wanted = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
    git(folder, ['rev-parse', '--git-dir']);
    try {
      this.#commit = git(folder, wanted).toString('utf8').trim();
    } catch (error) {
      throw new GitError(`${folder} has no revision ${name}`, { cause: error });
    }
  }

  /** The texts of these files; those that there are not are left out. */
  files(paths: readonly string[]): ReadonlyMap<string, string> {
    const wanted = paths.map((path) => `${this.#commit}:${path}\n`).join('');
    const output = git(this.#folder, ['cat-file', '--batch'], wanted);
    const texts = new Map<string, string>();
    let at = 0;
    for (const path of paths) {
      const endOfLine = output.indexOf('\n', at);
      const head = output.toString('utf8', at, endOfLine);
      const [, type, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(head) ?? [];
      at = endOfLine + 1;
      if (size === undefined) continue; // "… missing"
      if (type === 'blob') texts.set(path, output.toString('utf8', at, at + Number(size)));
      at += Number(size) + 1;
    }
    return texts;
  }

  /** The Go files of a folder, not of those in it, but its tests. */
  goFiles(folder: string): readonly string[] {
    return git(this.#folder, ['ls-tree', '--name-only', '-z', this.#commit, `${folder}/`])
      .toString('utf8')
      .split('\0')
      .filter((path) => path.endsWith('.go') && !path.endsWith('_test.go'));
  }

  /** The Go files, but tests and vendored ones, in which a function or method of this name is declared. */
  declaring(name: string): readonly string[] {
    const last = name.slice(name.lastIndexOf('.') + 1);
    const pattern = `^func (\\([^)]*\\) )?${last}[[(]`;
    const paths = ['*.go', ':!vendor', ':!*_test.go', ':!*/mocks/*', ':!*/mock/*'];
    try {
      const found = git(this.#folder, ['grep', '-lE', pattern, this.#commit, '--', ...paths]);
      return found
        .toString('utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.slice(this.#commit.length + 1));
    } catch (error) {
      if (error instanceof GitError && error.message === '') return []; // It has found nothing.
      throw error;
    }
  }
}
