import { aliveMutants } from './alive';
import { certMutants } from './cert';
import { connMutants } from './conn';
import { deadMutants } from './dead';
import { emitMutants } from './emit';
import { lifeMutants } from './life';
import { membMutants } from './memb';
import type { EmbeddedMutant } from './mutant';
import { pullMutants } from './pull';
import { storeMutants } from './store';
import { tagMutants } from './tag';

/** Every mutant, in the order of the clauses they break. */
export const mutants: readonly EmbeddedMutant[] = [
  ...tagMutants,
  ...connMutants,
  ...lifeMutants,
  ...emitMutants,
  ...storeMutants,
  ...aliveMutants,
  ...membMutants,
  ...deadMutants,
  ...pullMutants,
  ...certMutants,
];
