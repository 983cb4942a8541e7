import { formatGoDuration } from './go-duration';
import { settingsTable } from './settings-table';

const PREFIX = 'peer.gossip.';

/** Timers as core.yaml has them: keys below peer.gossip (`digestWaitTime` for `digestWaitTimeMs`), durations of Go. */
export function toldTimers(timers: object): Readonly<Record<string, string>> {
  const values = new Map<string, unknown>(Object.entries(timers));
  const told = Object.keys(settingsTable).flatMap((key) => {
    const name = key.startsWith(PREFIX) ? key.slice(PREFIX.length) : '';
    const camel = name.replace(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());
    const value = values.get(`${camel}Ms`);
    return typeof value === 'number' ? [[name, formatGoDuration(value)] as const] : [];
  });
  return Object.fromEntries(told);
}
