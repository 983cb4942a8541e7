import type { ContentKind } from '../../src/wire';
import type { ClauseId } from '../clauses';
import { watch, type RecordedCheck } from './recorded-check';

/** A check that pushes of one kind are passed on as the very bytes that their author signed, with its signature. */
export const relayed = (clause: ClauseId, title: string, kind: ContentKind): RecordedCheck =>
  watch(clause, title, (_, docket) => ({
    met: ({ item: { seen, content }, isTrue }) => {
      if (isTrue === undefined || content.kind !== kind || seen.kind !== kind) return;
      docket.demand(seen, isTrue.signature, 'an envelope of its author', 'another under the same timestamp');
    },
  }));
