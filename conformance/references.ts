import type { ClauseId } from './clauses';
import type { Check } from './harness/check';

/**
 * These checks under the name of another clause that they judge as well: what they find is found once, and told under
 * both.
 */
export const under = (clause: ClauseId, checks: readonly Check[]): readonly Check[] =>
  checks.map((check) => ({
    ...check,
    clause,
    title: `${check.clause}: ${check.title}`,
    refersTo: check,
  }));
