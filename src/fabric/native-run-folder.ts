import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { processIdentity } from './process-identity';

/** Every run folder bears this name and six letters of its own. */
const PREFIX = 'gossipspec-native-';
const OWNER_FILE = 'owner.json';
const PROCESSES = 'processes';
/** Keys and ledgers are for their owner alone. */
const OWNER_ONLY = 0o700;
const KEY_MODE = 0o600;

/** A process and what tells it from a later one of the same number. */
interface ProcessRecord {
  readonly pid: number;
  readonly identity: string;
  /** Containers may share a folder for temporary files, and not their processes. */
  readonly host: string;
}

/** What one run keeps on disk: the nodes' files and logs, and who started which process. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes a folder for this process. */
  static create(parent = tmpdir()): RunFolder {
    const path = mkdtempSync(join(parent, PREFIX));
    const folder = new RunFolder(path);
    mkdirSync(join(path, PROCESSES), { mode: OWNER_ONLY });
    writeRecord(join(path, OWNER_FILE), process.pid);
    return folder;
  }

  homeOf(node: string): string {
    return join(this.path, node);
  }

  logOf(node: string): string {
    return join(this.path, `${node}.log`);
  }

  /** Writes a node's files below its home. */
  write(node: string, files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.homeOf(node), name);
      mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY });
      writeFileSync(path, text, { mode: KEY_MODE });
    }
  }

  /** Notes a process just started, for a later run to find should this one be killed. */
  record(node: string, pid: number): void {
    writeRecord(join(this.path, PROCESSES, node), pid);
  }

  /** Kills the recorded processes that still run. */
  killAll(): void {
    for (const file of namesIn(join(this.path, PROCESSES)))
      kill(readRecord(join(this.path, PROCESSES, file)));
  }

  /** Takes away the folder with all keys in it. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }

  /** Whether the process that made it is known to have ended. */
  isAbandoned(): boolean {
    const owner = readRecord(join(this.path, OWNER_FILE));
    return owner !== undefined && owner.host === hostname() && !isRunning(owner);
  }
}

/**
 * Run folders of this user whose maker is gone. The maker's record is written first of all: a folder without one is
 * about to get it.
 */
export function abandonedRuns(parent = tmpdir()): readonly RunFolder[] {
  const { uid } = userInfo();
  return namesIn(parent)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(parent, name))
    .filter((path) => isFolderOf(path, uid))
    .map((path) => new RunFolder(path))
    .filter((folder) => folder.isAbandoned());
}

/** Kills and removes what runs that were themselves killed have left. Returns the folders. */
export function sweepAbandonedRuns(parent = tmpdir()): readonly string[] {
  return abandonedRuns(parent).map((folder) => {
    folder.killAll();
    folder.remove();
    return folder.path;
  });
}

function writeRecord(path: string, pid: number): void {
  const identity = processIdentity(pid);
  if (identity === undefined) return;
  const record: ProcessRecord = { pid, identity, host: hostname() };
  writeFileSync(path, JSON.stringify(record), { mode: KEY_MODE });
}

function readRecord(path: string): ProcessRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is ProcessRecord =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  typeof value.pid === 'number' &&
  ['identity', 'host'].every((name) => typeof Reflect.get(value, name) === 'string');

const isRunning = ({ pid, identity }: ProcessRecord): boolean => processIdentity(pid) === identity;

function kill(record: ProcessRecord | undefined): void {
  if (record === undefined || !isRunning(record)) return;
  try {
    process.kill(record.pid, 'SIGKILL');
  } catch {
    // It ended just now.
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A folder of another user in a shared directory is none of ours, whatever its name. */
function isFolderOf(path: string, uid: number): boolean {
  try {
    const stat = statSync(path);
    return stat.isDirectory() && (uid < 0 || stat.uid === uid);
  } catch {
    return false;
  }
}
