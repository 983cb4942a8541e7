import type { Millis } from '../../src/ports/clock';
import { demandInTime } from '../harness/verdict';

/** The one in the middle; NaN of none. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * A Lateness unless these come at each interval: most of them not much sooner, and not all of them much later. What makes
 * one late on a busy machine spares another.
 */
export function demandPace(times: readonly Millis[], intervalMs: Millis, what: string): void {
  const gaps = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));
  demandInTime(
    median(gaps) >= 0.7 * intervalMs && Math.min(...gaps) <= 1.5 * intervalMs,
    `${what} every ${intervalMs} ms`,
    `${gaps.map(Math.round).join(', ')} ms between them`,
  );
}
