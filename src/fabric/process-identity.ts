import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

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
