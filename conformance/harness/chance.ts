import { createHash } from 'node:crypto';
import type { Random } from '../../src/ports/random';
import { SeededRandom } from '../../src/ports/seeded-random';

/** So many bytes of a hash are a number without loss. */
const SEED_BYTES = 6;

/**
 * The chance of one part of a run, such as a check: its own for each name, so that the same seed gives each part the same
 * again, whatever runs beside it.
 */
export const chanceOf = (seed: number, name: string): Random =>
  new SeededRandom(createHash('sha256').update(`${seed} ${name}`).digest().readUIntBE(0, SEED_BYTES));
