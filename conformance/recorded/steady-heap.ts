import { setFlagsFromString } from 'node:v8';

/**
 * By so much the heap may grow over what is alive before garbage is collected; V8 allows itself up to four times as
 * much.
 */
const GROWTH_PERCENT = 20;

/**
 * Keeps the memory of this process flat over any number of messages: what is kept of a recording is bounded, and without
 * this the garbage of hours would lie beside it for as long as the machine has memory.
 */
export const keepHeapSteady = (): void => {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
};
