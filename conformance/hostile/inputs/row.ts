import type { Level } from '../../../src/report/model';
import type { Evidence, Role } from '../../catalogue/clause';

/** Checks of a clause that send this very input; all of the clause's by default. */
export interface JudgedBy {
  readonly clause: string;
  /** What the title of each has in it. */
  readonly title?: RegExp;
}

/** A malformed or hostile input, and what a real peer does with it. */
export interface BadInput<Id extends string = string> {
  /** Permanent: `BAD-07`. */
  readonly id: Id;
  readonly input: string;
  /**
   * "Drop": ignored in silence; the stream stays open, nobody is banned. "End X": the stream ends with the gRPC status X.
   */
  readonly reaction: string;
  /** Whether it ends the process of some versions of Fabric; a conforming peer drops it. */
  readonly destructive: boolean;
  readonly evidence: Evidence;
  /** Fabric file and function. */
  readonly source: string;
  readonly role: Role;
  /** How much it matters; undefined: as much as the clause that it is judged by. */
  readonly level: Level | undefined;
  /** Undefined: by a check of its own. */
  readonly judgedBy: JudgedBy | undefined;
  /** Why no outside peer can see what becomes of it; undefined where one can. */
  readonly unobservable: string | undefined;
}

interface CommonData {
  readonly input: string;
  readonly reaction: string;
  readonly destructive?: true;
  readonly evidence: Evidence;
  readonly source: string;
  readonly unobservable?: string;
}

type BadInputData = CommonData & ({ readonly level: Level } | { readonly judgedBy: JudgedBy });

/** Rows of the table of bad inputs. */
export function rows<const Id extends string>(
  data: Readonly<Record<Id, BadInputData>>,
): readonly BadInput<Id>[] {
  const ids = Object.keys(data) as Id[];
  return ids.map((id) => {
    const row: BadInputData = data[id];
    return {
      destructive: false,
      level: undefined,
      judgedBy: undefined,
      unobservable: undefined,
      ...row,
      role: row.input.startsWith('As responder') ? 'init' : 'resp',
      id,
    };
  });
}
