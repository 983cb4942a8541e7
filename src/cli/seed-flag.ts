import { UsageError } from '../../conformance/run-types';

/** Throws a UsageError for what is no whole number. */
export function parseSeed(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed))
    throw new UsageError(`--seed "${text}" is no whole number`);
  return seed;
}
