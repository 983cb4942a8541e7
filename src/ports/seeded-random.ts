import type { Random } from './random';

const TWO_TO_32 = 0x1_0000_0000;

/** A seed for who was given none: an integer of 32 bits. */
export const drawSeed = (random: Random): number => random.below(TWO_TO_32);

/**
 * Chance that repeats itself: equal seeds give equal sequences. xoshiro128** by Blackman and Vigna, its state filled
 * from the seed by splitmix32. Not for keys.
 */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `seed`: an integer; its low 32 bits and the 21 above them count. */
  constructor(seed: number) {
    const mix = splitMix32((seed ^ Math.imul(Math.trunc(seed / TWO_TO_32), 0x9e3779b1)) >>> 0);
    this.#a = mix();
    this.#b = mix();
    this.#c = mix();
    this.#d = mix();
  }

  uint64(): bigint {
    return (BigInt(this.#uint32()) << 32n) | BigInt(this.#uint32());
  }

  /** Throws RangeError unless `bound` is an integer between 1 and 2^32. */
  below(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > TWO_TO_32) {
      throw new RangeError(`No integer below ${bound} to choose from: the bound must be 1 to 2^32`);
    }
    // Draws at or above the largest multiple of the bound would favour small results: draw again.
    const limit = TWO_TO_32 - (TWO_TO_32 % bound);
    let draw = this.#uint32();
    while (draw >= limit) {
      draw = this.#uint32();
    }
    return draw % bound;
  }

  #uint32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function splitMix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}
