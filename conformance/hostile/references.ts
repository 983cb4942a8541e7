import type { Check } from '../harness/check';
import { under } from '../references';
import { badInputs } from './bad-inputs';

/**
 * Of each bad input that some clause's checks send: those checks under the input's own name. What they find of a peer is
 * found once, and told under both.
 */
export const referencesTo = (checks: readonly Check[]): readonly Check[] =>
  [...badInputs.values()].flatMap(({ id, judgedBy }) => {
    if (judgedBy === undefined) return [];
    return under(
      id,
      checks.filter(
        ({ clause, title }) => clause === judgedBy.clause && (judgedBy.title?.test(title) ?? true),
      ),
    );
  });
