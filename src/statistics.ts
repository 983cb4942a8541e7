/** What lies so far through the values, sorted, `share` from 0 to below 1; NaN of none. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(share * values.length)] ?? Number.NaN;

/** The one in the middle; of an even number the upper. NaN of none. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);
