import type { Millis } from '../ports/clock';

/** The time of an input, read once by the driver, so that a step sees one time only. */
export interface Instant {
  /** Monotonic, for intervals. */
  readonly nowMs: Millis;
  /** Milliseconds since the Unix epoch, for the validity of certificates. */
  readonly wallMs: number;
}
