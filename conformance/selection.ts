import type { Level } from '../src/report/model';
import { levels } from '../src/report/verdict';
import { clauses, familyOf, isClauseId, type ClauseId } from './clauses';
import { UsageError, type Selection } from './run-types';
import { unknownName } from './suggest';

/** What a user names, as typed. Clauses and areas add up; levels narrow the sum. Nothing named: every clause. */
export interface SelectionRequest {
  /** `CONN-07`, in any case. */
  readonly clauses: readonly string[];
  /** A family (`CONN`) or the name of a section (`Connection handshake`), in any case. */
  readonly areas: readonly string[];
  readonly levels: readonly string[];
}

const catalogue = [...clauses.values()];
const families = new Set(catalogue.map(({ id }) => familyOf(id)));
const areas = new Set(catalogue.map(({ area }) => area));

/** The clause that a user means, in any case. Throws a UsageError where there is none of that id. */
export function resolveClause(text: string): ClauseId {
  const id = text.toUpperCase();
  if (isClauseId(id)) return id;
  throw new UsageError(unknownName('clause', text, clauses.keys(), `ids look like CONN-07, see --list`));
}

function resolveArea(text: string): readonly ClauseId[] {
  const wanted = text.toLowerCase();
  const found = catalogue.filter(({ id, area }) =>
    [familyOf(id), area].some((name) => name.toLowerCase() === wanted),
  );
  if (found.length > 0) return found.map(({ id }) => id);
  const otherwise = `areas are ${[...families].join(', ')}`;
  throw new UsageError(unknownName('area', text, [...families, ...areas], otherwise));
}

function resolveLevel(text: string): Level {
  const level = levels.find((name) => name === text.toLowerCase());
  if (level !== undefined) return level;
  throw new UsageError(`unknown level "${text}"; levels are ${levels.join(', ')}`);
}

/** The clauses that a request names. Throws a UsageError for a name that does not exist, and if nothing is left. */
export function resolveSelection(request: SelectionRequest): Selection {
  const named = new Set([...request.clauses.map(resolveClause), ...request.areas.flatMap(resolveArea)]);
  const wanted = new Set(request.levels.map(resolveLevel));
  const chosen = catalogue.filter(
    ({ id, level }) => (named.size === 0 || named.has(id)) && (wanted.size === 0 || wanted.has(level)),
  );
  if (chosen.length === 0) {
    throw new UsageError(`no clause is left: none of those named has the level ${[...wanted].join(' or ')}`);
  }
  return new Set(chosen.map(({ id }) => id));
}
