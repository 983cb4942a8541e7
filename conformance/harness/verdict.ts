/** How a check ends other than well: what is thrown inside a check, and what it means. */

/** The peer did what the clause forbids, or did not do what it demands. */
export class Violation extends Error {
  override readonly name: string = 'Violation';
  /** What would have conformed, one entry each. */
  readonly expected: readonly string[];
  /** What came instead. */
  readonly actual: string;

  constructor(expected: string | readonly string[], actual: string, options?: ErrorOptions) {
    const list = typeof expected === 'string' ? [expected] : expected;
    super(`expected ${list.join(', or ')}; got ${actual}`, options);
    this.expected = list;
    this.actual = actual;
  }
}

/**
 * A Violation that delay or chance can explain: what was awaited did not come, or no longer held when it was looked at.
 * Attempts may be repeated, and a machine that stood still excuses it. Neither excuses what the peer did and may not do.
 */
export class Lateness extends Violation {
  override readonly name: string = 'Lateness';
}

/** A Lateness because the stream ended on which something was to come. */
export class CutOff extends Lateness {
  override readonly name = 'CutOff';
}

/** The check could not judge: its control failed, or it saw too little. */
export class Inconclusive extends Error {
  override readonly name = 'Inconclusive';
}

/** Throws a {@link Violation} unless `holds`. */
export function demand(holds: boolean, expected: string, actual: string | (() => string)): asserts holds {
  if (!holds) throw new Violation(expected, typeof actual === 'string' ? actual : actual());
}

/** As {@link demand}, for what delay or chance can spoil: throws a {@link Lateness}. */
export function demandInTime(
  holds: boolean,
  expected: string,
  actual: string | (() => string),
): asserts holds {
  if (!holds) throw new Lateness(expected, typeof actual === 'string' ? actual : actual());
}
