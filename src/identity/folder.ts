import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../ports/log';
import { IdentityError } from './identity-error';
import { decodePem } from './pem';

/** A text and the file it is from. */
export interface NamedText {
  readonly path: string;
  /** One character a byte (latin1). */
  readonly text: string;
}

/** A file; undefined if it is not there. @throws IdentityError if it cannot be read. */
export const readFileIfAny = (path: string): NamedText | undefined =>
  unlessMissing(path, () => ({ path, text: readFileSync(path, 'latin1') }));

/** A file. `advice`: the sentence that says what to put there. @throws IdentityError */
export function readFile(path: string, advice: string): NamedText {
  const file = readFileIfAny(path);
  if (file === undefined) throw new IdentityError('FILE_MISSING', path, `no such file; ${advice}`);
  return file;
}

/** The files of a folder in the order of their names, without hidden ones; undefined if the folder is not there. */
export const readFolderIfAny = (path: string): NamedText[] | undefined =>
  unlessMissing(path, () =>
    readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .sort()
      .map((name) => join(path, name))
      .filter((file) => statSync(file).isFile())
      .map((file) => ({ path: file, text: readFileSync(file, 'latin1') })),
  );

/** The files of a folder that hold PEM; none if the folder is not there. Others are skipped, as in Fabric. */
export function readPemFilesIfAny(path: string, log: Log): NamedText[] {
  return (readFolderIfAny(path) ?? []).filter((file) => {
    const isPem = decodePem(file.text) !== undefined;
    if (!isPem) log.warn('skipped a file without a PEM block', { path: file.path });
    return isPem;
  });
}

/** The files of a folder that hold PEM, at least one. @throws IdentityError */
export function readPemFiles(path: string, advice: string, log: Log): readonly [NamedText, ...NamedText[]] {
  mustBeFolder(path, advice);
  const [first, ...others] = readPemFilesIfAny(path, log);
  if (first === undefined) {
    throw new IdentityError('FILE_MISSING', path, `no file with a PEM block in this folder; ${advice}`);
  }
  return [first, ...others];
}

/** @throws IdentityError if there is no folder at `path`. */
export function mustBeFolder(path: string, advice: string): void {
  if (unlessMissing(path, () => statSync(path))?.isDirectory() !== true) {
    throw new IdentityError('FOLDER_MISSING', path, `no such folder; ${advice}`);
  }
}

function unlessMissing<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) {
      return undefined;
    }
    const advice = 'let the user that runs this read it.';
    throw new IdentityError('UNREADABLE', path, `it cannot be read; ${advice}`, { cause });
  }
}
