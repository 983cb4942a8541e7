import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FabricError } from './fabric-error';
import { namesIn, ownFolders } from './own-folders';
import { fateOf, isMark, markOf, type ProcessMark } from './process-identity';

/** Every run folder bears this name and six letters of its own. */
const PREFIX = 'gossipspec-run-';
const OWNER_FILE = 'owner.json';
const KEPT_FILE = 'kept';
const PROCESSES = 'processes';
/** Less than this on a disk is none. */
const LITTLE_BYTES = 256 * 1024;
/** Keys and ledgers are for their owner alone. */
const OWNER_ONLY = 0o700;
const KEY_MODE = 0o600;

/** What one run keeps on disk: the nodes' files and logs, and who started which process. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes a folder for this process. @throws FabricError NO_SPACE */
  static create(parent = tmpdir()): RunFolder {
    const path = guarded(parent, () => mkdtempSync(join(parent, PREFIX)));
    const folder = new RunFolder(path);
    try {
      guarded(path, () => {
        mkdirSync(join(path, PROCESSES), { mode: OWNER_ONLY });
      });
      writeMark(join(path, OWNER_FILE), process.pid);
    } catch (error) {
      folder.remove();
      throw error;
    }
    return folder;
  }

  homeOf(node: string): string {
    return join(this.path, node);
  }

  logOf(node: string): string {
    return join(this.path, `${node}.log`);
  }

  /** Writes a node's files below its home. @throws FabricError NO_SPACE */
  write(node: string, files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.homeOf(node), name);
      guarded(path, () => {
        mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY });
        writeFileSync(path, text, { mode: KEY_MODE });
      });
    }
  }

  /** Opens a node's log to be written on. @throws FabricError NO_SPACE */
  openLog(node: string): number {
    const path = this.logOf(node);
    return guarded(path, () => openSync(path, 'a', KEY_MODE));
  }

  /** Notes a process just started, for a later run to find should this one be killed. */
  record(node: string, pid: number): void {
    writeMark(this.#recordOf(node), pid);
  }

  /** Kills the recorded processes that still run. */
  killAll(): void {
    for (const { pid } of this.processes()) kill(pid);
  }

  /** Takes away what there is of a node that has ended. */
  removeNode(node: string): void {
    for (const path of [this.#recordOf(node), this.logOf(node), this.homeOf(node)]) remove(path);
  }

  /** Takes away the folder with all keys in it. */
  remove(): void {
    remove(this.path);
  }

  /** The recorded processes that still run. */
  processes(): readonly { readonly node: string; readonly pid: number }[] {
    return namesIn(join(this.path, PROCESSES)).flatMap((node) => {
      const mark = readMark(this.#recordOf(node));
      return mark !== undefined && isRunning(mark) ? [{ node, pid: mark.pid }] : [];
    });
  }

  /** From now on no later run takes it for abandoned; only who asks for it removes it. */
  keep(): void {
    guarded(this.path, () => {
      writeFileSync(join(this.path, KEPT_FILE), '', { mode: KEY_MODE });
    });
  }

  get isKept(): boolean {
    return existsSync(join(this.path, KEPT_FILE));
  }

  /** Whether the process that made it is known to have ended. */
  isAbandoned(): boolean {
    const owner = readMark(join(this.path, OWNER_FILE));
    return owner !== undefined && fateOf(owner) === 'gone';
  }

  /** Whether the disk that it is on has no room for a ledger's next block. */
  isFull(): boolean {
    try {
      const { bavail, bsize } = statfsSync(this.path);
      return bavail * bsize < LITTLE_BYTES;
    } catch {
      return false;
    }
  }

  get fullAdvice(): string {
    return fullAdvice(this.path);
  }

  #recordOf(node: string): string {
    return join(this.path, PROCESSES, node);
  }
}

/**
 * Run folders of this user whose maker is gone, those that were kept among them. The maker's record is written first of
 * all: a folder without one is about to get it.
 */
export function leftRuns(parent = tmpdir()): readonly RunFolder[] {
  return ownFolders(PREFIX, parent)
    .map((path) => new RunFolder(path))
    .filter((folder) => folder.isAbandoned());
}

/** Kills and removes what runs that were themselves killed have left, not what was kept. Returns the folders. */
export function sweepAbandonedRuns(parent = tmpdir()): readonly string[] {
  return leftRuns(parent)
    .filter((folder) => !folder.isKept)
    .map((folder) => {
      folder.killAll();
      folder.remove();
      return folder.path;
    });
}

const remove = (path: string): void => {
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
};

const fullAdvice = (path: string): string =>
  `There is no room left where ${path} is: free some, or name a folder on another disk by TMPDIR.`;

/** Does `write`; what the disk refuses becomes a FabricError NO_SPACE. */
function guarded<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const advice = isFull
      ? fullAdvice(path)
      : `${path} cannot be written (${message}): name another folder by TMPDIR.`;
    throw new FabricError('NO_SPACE', advice, { cause });
  }
}

function writeMark(path: string, pid: number): void {
  const mark = markOf(pid);
  if (mark === undefined) return;
  guarded(path, () => {
    writeFileSync(path, JSON.stringify(mark), { mode: KEY_MODE });
  });
}

function readMark(path: string): ProcessMark | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isMark(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const isRunning = (mark: ProcessMark): boolean => fateOf(mark) === 'running';

function kill(leader: number): void {
  // A node leads a process group of its own.
  for (const pid of [-leader, leader]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended just now, or leads no group.
    }
  }
}
