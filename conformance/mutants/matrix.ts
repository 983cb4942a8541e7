import { clauses, type ClauseId } from '../clauses';
import type { Mutant, MutantResult } from '../run-types';

/** Which clause's checks found which mutant. */
export interface KillMatrix {
  /** Each clause that a check judged, and the mutants that it found; in the order of the catalogue. */
  readonly kills: ReadonlyMap<ClauseId, readonly string[]>;
  /** Clauses with a check that found no mutant: nothing shows that the check sees anything. */
  readonly blind: readonly ClauseId[];
  /** Mutants that a clause expected to find them did not find, with these clauses. */
  readonly living: ReadonlyMap<Mutant, readonly ClauseId[]>;
}

/** The clauses that had to find a mutant and did not. */
export const missedBy = ({ mutant, foundBy }: MutantResult): readonly ClauseId[] =>
  mutant.expected.filter((id) => !foundBy.includes(id));

/** The clauses that found a mutant though its broken rule is not theirs. */
export const alsoFoundBy = ({ mutant, foundBy }: MutantResult): readonly ClauseId[] =>
  foundBy.filter((id) => !mutant.expected.includes(id));

/**
 * Sums up what runs of mutants found. A clause counts as seeing where it finds a mutant that breaks it, not where it
 * trips over another's rule.
 */
export function killMatrix(results: readonly MutantResult[]): KillMatrix {
  const judgeable = new Set(results.flatMap((result) => result.judgeable));
  const inOrder = [...clauses.keys()].filter((id) => judgeable.has(id));
  const kills = new Map(
    inOrder.map((id) => [
      id,
      results.filter(({ foundBy }) => foundBy.includes(id)).map(({ mutant }) => mutant.name),
    ]),
  );
  const seeing = new Set(
    results.flatMap(({ mutant, foundBy }) => mutant.expected.filter((id) => foundBy.includes(id))),
  );
  const living = results
    .map((result) => [result.mutant, missedBy(result)] as const)
    .filter(([, missed]) => missed.length > 0);
  return { kills, blind: inOrder.filter((id) => !seeing.has(id)), living: new Map(living) };
}
