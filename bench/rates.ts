import { median } from '../src/statistics';

/** One task measured. */
export interface Rate {
  readonly name: string;
  readonly perSecond: number;
}

/** Work on item number `index`; its result is of no use but must not be optimised away. */
export type Task = (index: number) => unknown;

/**
 * Runs each task over all items, `rounds` times, the tasks in turn, so that what else the machine does hits all of
 * them alike. The rate is that of the median round; one round before warms up.
 */
export function measure(
  tasks: Readonly<Record<string, Task>>,
  items: number,
  rounds: number,
): readonly Rate[] {
  const secondsOf = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, task] of Object.entries(tasks)) {
      const start = process.hrtime.bigint();
      for (let index = 0; index < items; index++) task(index);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      const measured = secondsOf.get(name) ?? [];
      if (round > 0) measured.push(seconds);
      secondsOf.set(name, measured);
    }
  }
  return [...secondsOf].map(([name, seconds]) => ({ name, perSecond: items / median(seconds) }));
}
