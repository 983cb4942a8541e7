import type { Millis } from '../../src/ports/clock';
import { median } from '../../src/statistics';
import { demandInTime } from '../harness/verdict';

/** Of so many times between two, a busy machine spares one for sure. */
const MANY_GAPS = 3;

/**
 * A Lateness unless these come at each interval: most of them not much sooner, and not all of them much later. What makes
 * one late on a busy machine spares another.
 */
export function demandPace(times: readonly Millis[], intervalMs: Millis, what: string): void {
  const gaps = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));
  const mostMs = (gaps.length >= MANY_GAPS ? 1.35 : 1.5) * intervalMs;
  demandInTime(
    median(gaps) >= 0.7 * intervalMs && Math.min(...gaps) <= mostMs,
    `${what} every ${intervalMs} ms`,
    `${gaps.map(Math.round).join(', ')} ms between them`,
  );
}
