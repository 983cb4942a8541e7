/** Durations as Go writes them: `1.5s`, `500ms`, `1h30m`, `-2us`; a bare number is nanoseconds (CFG-03). */
import type { Millis } from '../ports/clock';

const millisPerUnit: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, micro sign
  μs: 1e-3, // U+03BC, Greek mu
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
};

const DURATION = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/u;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gu;
const BARE_NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/** Milliseconds; undefined for what is no duration. */
export function parseGoDuration(text: string): Millis | undefined {
  if (BARE_NUMBER.test(text)) {
    return Number(text) / 1e6;
  }
  const [, sign, parts] = DURATION.exec(text) ?? [];
  if (parts === undefined) {
    return undefined;
  }
  let millis = 0;
  for (const [, amount, unit = ''] of parts.matchAll(PART)) {
    millis += Number(amount) * (millisPerUnit[unit] ?? Number.NaN);
  }
  return sign === '-' ? -millis : millis;
}

/** A duration for humans, by its largest unit: 1500 ms is `1.5s`. */
export function formatGoDuration(millis: Millis): string {
  if (millis >= 36e5 && millis % 36e5 === 0) {
    return `${millis / 36e5}h`;
  }
  if (millis >= 6e4 && millis % 6e4 === 0) {
    return `${millis / 6e4}m`;
  }
  if (millis >= 1e3) {
    return `${millis / 1e3}s`;
  }
  return millis >= 1 || millis === 0 ? `${millis}ms` : `${Math.round(millis * 1e6)}ns`;
}
