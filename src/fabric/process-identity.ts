import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, as it is found again by a later one. */
export interface ProcessMark {
  readonly pid: number;
  /** Tells it from a later one of the same number. */
  readonly identity: string;
  /** Where its number counts: machines and containers may share a disk or an engine, and not their processes. */
  readonly space: string;
}

/** This machine; on Linux its namespace of processes too, as a container may have the name of its host. */
function processSpace(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** The mark of a process of this machine; undefined if it does not run, or the system does not tell. */
export function markOf(pid: number): ProcessMark | undefined {
  const identity = processIdentity(pid);
  return identity === undefined ? undefined : { pid, identity, space: processSpace() };
}

export const isMark = (value: unknown): value is ProcessMark =>
  typeof value === 'object' &&
  value !== null &&
  typeof Reflect.get(value, 'pid') === 'number' &&
  ['identity', 'space'].every((name) => typeof Reflect.get(value, name) === 'string');

/** What has become of a process: one of another machine or container cannot be seen. */
export function fateOf({ pid, identity, space }: ProcessMark): 'running' | 'gone' | 'elsewhere' {
  if (space !== processSpace()) return 'elsewhere';
  return processIdentity(pid) === identity ? 'running' : 'gone';
}

/**
 * What tells a process from another that got the same number later: when it started, and since which start of the
 * machine that counts. Not its program, which a wrapper replaces by another. Undefined if no such process runs (a zombie
 * does not).
 */
export function processIdentity(pid: number): string | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** The fields of /proc/PID/stat after the name, which may hold spaces: state first, start time (in ticks) twentieth. */
const START_TIME_FIELD = 19;
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

function fromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return `${fields[START_TIME_FIELD] ?? ''} ${readFileSync(BOOT_ID, 'latin1').trim()}`;
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return line.trim() || undefined;
  } catch {
    return undefined;
  }
}
