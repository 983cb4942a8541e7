/** Milliseconds; fractions allowed. */
export type Millis = number;

/** An armed one-shot timer. */
export interface Timer {
  /** Keeps the timer from firing. May be called twice, and after it fired. */
  cancel(): void;
}

/** Time as the protocol sees it. Real in `node/`, virtual in simulations and unit tests. */
export interface Clock {
  /** Monotonic time in milliseconds since an arbitrary origin; for intervals only. */
  now(): Millis;
  /** Wall time in nanoseconds since the Unix epoch; for `PeerTime.incNum` and certificate validity. */
  wallNanos(): bigint;
  /** Calls `fire` once, `delayMs` from now. Timers of one instant fire in the order they were armed. */
  after(delayMs: Millis, fire: () => void): Timer;
}

export const NANOS_PER_MILLI = 1_000_000n;

/** Wall time in whole milliseconds since the Unix epoch, as certificates and gRPC deadlines count it. */
export const wallMs = (clock: Clock): number => Number(clock.wallNanos() / NANOS_PER_MILLI);
