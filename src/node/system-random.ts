import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '../ports/random';

/** The machine's own chance. */
export const systemRandom: Random = {
  uint64(): bigint {
    return randomBytes(8).readBigUInt64BE();
  },

  /** Throws RangeError where `bound` is below 1 or above 2^48. */
  below(bound: number): number {
    return randomInt(bound);
  },
};
