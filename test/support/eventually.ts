import { systemClock } from '../../src/node';

export const pause = (ms: number): Promise<void> => new Promise((resolve) => systemClock.after(ms, resolve));

/** Awaits that something holds, looking again ten times a second; for what other processes do. */
export async function eventually(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = 20_000,
): Promise<void> {
  const deadline = systemClock.now() + withinMs;
  while (!(await holds())) {
    if (systemClock.now() > deadline) throw new Error(`not within ${withinMs / 1_000} s: ${what}`);
    await pause(100);
  }
}
