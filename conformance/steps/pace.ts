import type { Millis } from '../../src/ports/clock';
import { median } from '../../src/statistics';
import { demandInTime } from '../harness/verdict';

/** Of so many times between two, a busy machine spares one for sure. */
const MANY_GAPS = 3;

/** The time between each of these and the next. */
export const gapsOf = (times: readonly Millis[]): readonly Millis[] =>
  times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0));

/**
 * A Lateness unless these come at each interval: most of them not much sooner, and not all of them much later. What makes
 * one late on a busy machine spares another.
 */
export function demandPace(times: readonly Millis[], intervalMs: Millis, what: string): void {
  const gaps = gapsOf(times);
  const mostMs = (gaps.length >= MANY_GAPS ? 1.35 : 1.5) * intervalMs;
  demandInTime(
    median(gaps) >= 0.7 * intervalMs && Math.min(...gaps) <= mostMs,
    `${what} every ${intervalMs} ms`,
    `${gaps.map(Math.round).join(', ')} ms between them`,
  );
}

/** How often something is timed. */
const LOOKS = 3;

/**
 * A Lateness unless something takes as long as it should, no less than most of that and little more, at one look of three:
 * what makes it late on a busy machine spares it another time. `look` resolves to how long it took.
 */
export async function demandDuration(
  look: () => Promise<Millis>,
  durationMs: Millis,
  what: string,
): Promise<void> {
  const [least, most] = [durationMs * 0.8, durationMs * 1.2 + 100];
  const seen: Millis[] = [];
  for (let looks = LOOKS; looks > 0; looks--) {
    const tookMs = await look();
    if (tookMs >= least && tookMs <= most) return;
    seen.push(tookMs);
  }
  demandInTime(
    false,
    `${what}, ${durationMs} ms (${Math.round(least)} to ${Math.round(most)} ms)`,
    seen.map((ms) => `${Math.round(ms)} ms`).join(', then '),
  );
}
