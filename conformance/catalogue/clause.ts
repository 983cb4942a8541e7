import type { ClauseInfo, Level } from '../../src/report/model';

/** Whom a clause binds: the side that opens the stream, the side that accepts it, or either. */
export type Role = 'init' | 'resp' | 'both';

/**
 * What a clause rests on. `live`: seen on running peers of Fabric 2.5.16 and 3.1.5. `live25`: seen on 2.5.16, the source
 * of 3.1.5 is the same. `code`: read in the source of both.
 */
export type Evidence = 'live' | 'live25' | 'code';

/** One clause of Fabric's gossip protocol. Its texts call the peer under test PUT and the outside peer that judges it OP. */
export interface Clause<Id extends string = string> extends ClauseInfo {
  /** Permanent: a withdrawn id is never used again. */
  readonly id: Id;
  readonly role: Role;
  readonly evidence: Evidence;
  /** Whether Fabric 2.5.16 and 3.1.5 differ in it. */
  readonly differs: boolean;
  /** How an outside peer sees it. */
  readonly observation: string;
  /** Why no outside peer can see it; undefined where one can. */
  readonly unobservable: string | undefined;
  /** Why no check judges it, though an outside peer can see it; undefined where one does. */
  readonly unjudged: string | undefined;
}

/** A clause as the data files hold it. */
export interface ClauseData {
  readonly level: Level;
  readonly role: Role;
  readonly evidence: Evidence;
  readonly differs?: true;
  readonly text: string;
  readonly source: string;
  readonly observation: string;
  readonly unobservable?: string;
  readonly unjudged?: string;
}

/** Makes the clauses of one family, in the order of `data`, which all belong to `area`. */
export function family<const Id extends string>(
  area: string,
  data: Readonly<Record<Id, ClauseData>>,
): readonly Clause<Id>[] {
  const ids = Object.keys(data) as Id[];
  return ids.map((id) => ({
    differs: false,
    unobservable: undefined,
    unjudged: undefined,
    ...data[id],
    id,
    area,
  }));
}
