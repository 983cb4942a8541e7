import type { Millis } from '../ports/clock';

/** The time of an input, read once by the driver, so that a step sees one time only. */
export interface Instant {
  /** Monotonic, for intervals. */
  readonly nowMs: Millis;
  /** Milliseconds since the Unix epoch, for the validity of certificates. */
  readonly wallMs: number;
}

/** Nanoseconds since the Unix epoch, exact to the microsecond: what peers count their incarnations by. */
export const wallNanos = ({ wallMs }: Instant): bigint => BigInt(Math.round(wallMs * 1000)) * 1000n;
