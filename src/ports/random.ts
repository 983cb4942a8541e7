/** Chance as the protocol uses it. A seeded one makes a whole run repeatable. */
export interface Random {
  /** A uniform 64-bit nonce. */
  uint64(): bigint;
  /** A uniform integer in `[0, bound)`; `bound` is at least 1. */
  below(bound: number): number;
}

/** Up to `count` distinct elements of `from`, uniformly chosen, in random order. */
export function sample<T>(random: Random, from: readonly T[], count: number): T[] {
  const pool = [...from];
  const taken: T[] = [];
  while (taken.length < count && pool.length > 0) {
    taken.push(...pool.splice(random.below(pool.length), 1));
  }
  return taken;
}
