import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { FabricError } from './fabric-error';
import type { NodeKind } from './node-place';
import { olderFirst } from './release';

/** A Fabric program of this machine. */
export interface NativeProgram {
  /** Absolute path. */
  readonly path: string;
  /** Such as 2.5.16. */
  readonly version: string;
}

export type NativePrograms = Readonly<Record<NodeKind, NativeProgram>>;

const OLDEST = { major: 2, minor: 5 };
/** Fabric prints its version at once; whatever takes longer is another program. */
const VERSION_TIMEOUT_MS = 10_000;

/**
 * The programs `peer` and `orderer` in a folder; undefined: on PATH. Rejects with a FabricError NO_PROGRAM that says
 * which is missing, or cannot run, or is too old.
 */
export async function findPrograms(
  folder: string | undefined,
  searchPath = process.env['PATH'] ?? '',
): Promise<NativePrograms> {
  const folders = foldersOf(folder, searchPath);
  const where = folder === undefined ? 'on PATH' : `in ${folder}`;
  const [peer, orderer] = await Promise.all(
    (['peer', 'orderer'] as const).map((name) => probe(name, locate(name, folders, where))),
  );
  if (peer === undefined || orderer === undefined) throw new TypeError('two programs were asked for');
  return { peer, orderer };
}

/**
 * The programs of each folder, the oldest first; those on PATH if there is no folder. Rejects with a FabricError
 * NO_PROGRAM.
 */
export async function findAllPrograms(folders: readonly string[]): Promise<readonly NativePrograms[]> {
  if (folders.length === 0) return [await findPrograms(undefined)];
  const found = await Promise.all(folders.map((folder) => findPrograms(folder)));
  return found.sort((a, b) => olderFirst(a.peer.version, b.peer.version));
}

/** Whether both programs are there, for a choice between targets; they may still not run. */
export function hasPrograms(folder: string | undefined, searchPath = process.env['PATH'] ?? ''): boolean {
  const folders = foldersOf(folder, searchPath);
  return ['peer', 'orderer'].every((name) => folders.some((one) => isExecutable(join(one, name))));
}

const foldersOf = (folder: string | undefined, searchPath: string): readonly string[] =>
  folder === undefined ? searchPath.split(delimiter).filter(Boolean) : [folder];

function locate(name: NodeKind, folders: readonly string[], where: string): string {
  const paths = folders.map((folder) => resolve(folder, name));
  const path = paths.find(isExecutable);
  if (path !== undefined) return path;
  const there = paths.find((one) => existsSync(one));
  if (there !== undefined) {
    throw new FabricError('NO_PROGRAM', `${there} is not executable: chmod +x it, or name another folder.`);
  }
  const advice = 'Name a folder that holds Fabric’s peer and orderer (--fabric-bin).';
  throw new FabricError('NO_PROGRAM', `There is no program ${name} ${where}. ${advice}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function probe(name: NodeKind, path: string): Promise<NativeProgram> {
  const output = await new Promise<string>((done, fail) => {
    execFile(path, ['version'], { env: {}, timeout: VERSION_TIMEOUT_MS }, (cause, stdout, stderr) => {
      if (cause === null) {
        done(stdout);
        return;
      }
      const reason = stderr.trim().split('\n').at(-1) ?? '';
      const advice = 'Is it Fabric’s program, made for this machine?';
      fail(
        new FabricError('NO_PROGRAM', `${path} does not run: ${reason || cause.message}. ${advice}`, {
          cause,
        }),
      );
    });
  });
  const [, version, major, minor] = /Version:\s*v?((\d+)\.(\d+)\S*)/.exec(output) ?? [];
  if (version === undefined) {
    throw new FabricError('NO_PROGRAM', `${path} is no Fabric ${name}: it tells no version.`);
  }
  const age = Number(major) - OLDEST.major || Number(minor) - OLDEST.minor;
  if (age < 0) {
    const needed = `${OLDEST.major}.${OLDEST.minor} or later is needed`;
    throw new FabricError('NO_PROGRAM', `${path} is of version ${version}; ${needed}.`);
  }
  return { path, version };
}
