import type { ContentKind } from '../../src/wire';
import type { ClauseId } from '../clauses';
import { sameBytes } from '../steps/bytes';
import { Authored } from './authored';
import { watch, type RecordedCheck } from './recorded-check';
import { signedItemsIn } from './signed-items';

/** A check that pushes of one kind are passed on as the very bytes that their author signed, with its signature. */
export const relayed = (clause: ClauseId, title: string, kind: ContentKind): RecordedCheck =>
  watch(clause, title, (scene, docket) => {
    const authored = new Authored(
      scene,
      (one, other) => sameBytes(one.payload, other.payload) && sameBytes(one.signature, other.signature),
    );
    return {
      envelope: (seen) => {
        for (const item of signedItemsIn(seen)) {
          if (item.content.kind !== kind) continue;
          const isTrue = authored.isTrue(item);
          if (isTrue !== undefined && seen.kind === kind) {
            docket.demand(seen, isTrue, 'an envelope of its author', 'another under the same timestamp');
          }
        }
      },
    };
  });
