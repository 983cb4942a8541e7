import { availableParallelism } from 'node:os';
import { abortable } from '../../src/ports/abortable';
import { UsageError, type Mutant, type MutantResult, type MutantsOptions } from '../run-types';
import { unknownName } from '../suggest';
import { Crew } from './crew';
import { mutants } from './index';
import { missedBy } from './matrix';

/** Networks that one process has up at once. More upset one another: a late timer looks like a broken rule. */
const SIDE_BY_SIDE = { quick: 8, full: 2 };
/** How often a mutant is judged: one that was missed in the crowd again, when the machine is less busy. */
const MAX_TRIES = 4;

export const listMutants = (): readonly Mutant[] => mutants;

/** Judges mutants, each on a network of its own, in as many processes as there are processors. */
export async function runMutants(options: MutantsOptions): Promise<readonly MutantResult[]> {
  const { quick, signal, finished } = options;
  const chosen = named(options.only);
  const width = quick ? SIDE_BY_SIDE.quick : SIDE_BY_SIDE.full;
  const size = Math.min(availableParallelism(), Math.ceil(chosen.length / width));
  await using crew = new Crew(Math.max(1, size));

  const results = new Map<Mutant, MutantResult>();
  const judge = async (mutant: Mutant, tries: number): Promise<MutantResult> => {
    signal.throwIfAborted();
    return { mutant, ...(await crew.judge({ name: mutant.name, quick })), tries };
  };
  const settle = (result: MutantResult): void => {
    results.set(result.mutant, result);
    finished(result);
  };

  const again: Mutant[] = [];
  const judging = inParallel(chosen, size * width, async (mutant) => {
    const result = await judge(mutant, 1);
    if (isUnsettled(result)) again.push(mutant);
    else settle(result);
  });
  await abortable(judging, signal);
  const judgingAgain = inParallel(again, size, async (mutant) => {
    let result = await judge(mutant, 2);
    while (isUnsettled(result) && result.tries < MAX_TRIES) result = await judge(mutant, result.tries + 1);
    settle(result);
  });
  await abortable(judgingAgain, signal);
  return mutants.flatMap((mutant) => results.get(mutant) ?? []);
}

/** Missed by a clause that had to find it: among many networks a late timer hides a broken rule as it feigns one. */
const isUnsettled = (result: MutantResult): boolean => missedBy(result).length > 0;

async function inParallel<T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next);
  };
  await Promise.all(Array.from({ length: width }, work));
}

function named(names: readonly string[]): readonly Mutant[] {
  for (const name of names) {
    if (mutants.some((one) => one.name === name)) continue;
    const known = mutants.map((one) => one.name);
    throw new UsageError(unknownName('mutant', name, known, 'see --list'));
  }
  return names.length === 0 ? mutants : mutants.filter(({ name }) => names.includes(name));
}
