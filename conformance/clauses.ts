import type { ClauseInfo, Level } from '../src/report/model';
import { ack } from './catalogue/ack';
import { alive } from './catalogue/alive';
import { block } from './catalogue/block';
import { boot } from './catalogue/boot';
import { cert } from './catalogue/cert';
import { cfg } from './catalogue/cfg';
import { conn } from './catalogue/conn';
import { dead } from './catalogue/dead';
import { elect } from './catalogue/elect';
import { emit } from './catalogue/emit';
import { id } from './catalogue/id';
import { leave } from './catalogue/leave';
import { life } from './catalogue/life';
import { memb } from './catalogue/memb';
import { pull } from './catalogue/pull';
import { pvt } from './catalogue/pvt';
import { rpc } from './catalogue/rpc';
import { sign } from './catalogue/sign';
import { sinf } from './catalogue/sinf';
import { state } from './catalogue/state';
import { store } from './catalogue/store';
import { tag } from './catalogue/tag';
import { tls } from './catalogue/tls';
import type { Clause } from './catalogue/clause';
import { hostileClauses, type BadInputId } from './hostile/bad-inputs';

export type { Clause, Evidence, Role } from './catalogue/clause';

/** In the order of the specification. */
const families = [
  rpc,
  tls,
  id,
  sign,
  tag,
  conn,
  life,
  emit,
  store,
  alive,
  memb,
  dead,
  boot,
  leave,
  pull,
  cert,
  sinf,
  block,
  state,
  elect,
  ack,
  pvt,
  cfg,
] as const;

const specified: readonly Clause<SpecifiedId>[] = families.flat();

type SpecifiedId = (typeof families)[number][number]['id'];

/** The id of a clause: `CONN-07`; or of a bad input: `BAD-11`. One that does not exist does not compile. */
export type ClauseId = SpecifiedId | BadInputId;

function levelOf(id: string): Level {
  const clause = specified.find((one) => one.id === id);
  if (clause === undefined) throw new Error(`a bad input is judged by ${id}, which does not exist`);
  return clause.level;
}

/** Every clause by its id, in the order of the specification, and then every bad input. */
export const clauses: ReadonlyMap<ClauseId, Clause<ClauseId>> = new Map(
  [...specified, ...hostileClauses(levelOf)].map((clause) => [clause.id, clause]),
);

export const isClauseId = (text: string): text is ClauseId =>
  (clauses as ReadonlyMap<string, Clause>).has(text);

/** What the catalogue says of a clause. */
export function clauseOf(id: ClauseId): Clause<ClauseId> {
  const clause = clauses.get(id);
  if (clause === undefined) throw new Error(`the catalogue lacks ${id}`);
  return clause;
}

/** What a report says of a clause. */
export function clauseInfo(id: ClauseId): ClauseInfo {
  const { area, level, text, source } = clauseOf(id);
  return { id, area, level, text, source };
}

/** The family of a clause: `CONN` of `CONN-07`. */
export const familyOf = (id: string): string => id.slice(0, id.indexOf('-'));
