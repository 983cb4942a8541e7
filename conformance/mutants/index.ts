import { certMutants } from './cert';
import { connMutants } from './conn';
import type { EmbeddedMutant } from './mutant';
import { pullMutants } from './pull';

/** Every mutant, in the order of the clauses they break. */
export const mutants: readonly EmbeddedMutant[] = [...connMutants, ...pullMutants, ...certMutants];
