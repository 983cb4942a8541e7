import type { Mark, Recorded, RecordedEnvelope, StreamEnded, StreamOpened } from '../../src/capture';
import type { LadderLine } from '../../src/report/model';
import type { ContentKind } from '../../src/wire';
import type { ClauseId } from '../clauses';
import type { Met } from './copies';
import type { Scene } from './scene';
import type { Seen, Unread } from './seen';
import type { JudgedSignature } from './signature-judge';

/** What a recording must have for a check to judge it. */
export type RecordedNeed = 'timing' | 'between-peers' | 'channel' | 'tls' | 'organisations' | 'marks';

/** Looks at a recording as it passes; memory must not grow with its length. */
export interface Watcher {
  /** The kinds of message that `envelope` looks at; all of them where this is left out. */
  readonly kinds?: readonly ContentKind[];
  readonly envelope?: (seen: Seen) => void;
  /** A signed message was met, by itself or within another. */
  readonly met?: (met: Met) => void;
  readonly unread?: (unread: Unread) => void;
  readonly opened?: (opened: StreamOpened) => void;
  readonly ended?: (ended: StreamEnded) => void;
  readonly mark?: (mark: Mark) => void;
  /** A signature was verified; in no order. */
  readonly signature?: (signature: JudgedSignature) => void;
  /** The recording is over. */
  readonly finish?: () => void;
}

/** One check of one clause on recordings. */
export interface RecordedCheck {
  readonly clause: ClauseId;
  readonly title: string;
  readonly needs: readonly RecordedNeed[];
  readonly start: (scene: Scene, docket: Docket) => Watcher;
}

/** What was found of one peer. */
export interface Findings {
  readonly looked: number;
  readonly violations: number;
  readonly expected: string;
  readonly actual: string;
  readonly ladder: readonly LadderLine[];
}

/** Shown of each peer; the others are counted. */
const MAX_SHOWN = 5;

interface Found {
  looked: number;
  violations: number;
  expected: string;
  actual: string;
  ladder: LadderLine[];
}

/** Where a check puts what it finds, by who said it. */
export class Docket {
  readonly #found = new Map<string, Found>();
  readonly #scene: Scene;
  readonly #describe: (recorded: Recorded) => LadderLine;

  constructor(scene: Scene, describe: (recorded: Recorded) => LadderLine) {
    this.#scene = scene;
    this.#describe = describe;
  }

  /** Demands something of the sender of `at`; of `who` where it is another. */
  demand(
    at: { readonly recorded: RecordedEnvelope } | Recorded,
    holds: boolean,
    expected: string,
    actual: string | (() => string),
    who?: string,
  ): void {
    const recorded = 'recorded' in at ? at.recorded : at;
    const name = who ?? (recorded.type === 'envelope' ? recorded.from.name : undefined);
    const found = name === undefined ? undefined : this.#of(name);
    if (found === undefined) return;
    found.looked += 1;
    if (holds) return;
    found.violations += 1;
    if (found.violations === 1) {
      found.expected = expected;
      found.actual = typeof actual === 'string' ? actual : actual();
    }
    if (found.ladder.length < MAX_SHOWN) found.ladder.push(this.#describe(recorded));
  }

  /** Demands something of a peer as a whole. */
  demandOf(name: string, holds: boolean, expected: string, actual: string): void {
    const found = this.#of(name);
    if (found === undefined) return;
    found.looked += 1;
    if (holds) return;
    found.violations += 1;
    found.expected = expected;
    found.actual = actual;
  }

  /** Undefined for who is not judged. */
  #of(name: string): Found | undefined {
    const known = this.#found.get(name);
    if (known !== undefined || !this.#scene.judges(name)) return known;
    const found = newFound();
    this.#found.set(name, found);
    return found;
  }

  get findings(): ReadonlyMap<string, Findings> {
    return this.#found;
  }
}

const newFound = (): Found => ({ looked: 0, violations: 0, expected: '', actual: '', ladder: [] });

/** A check that watches as it likes. */
export const watch = (
  clause: ClauseId,
  title: string,
  start: (scene: Scene, docket: Docket) => Watcher,
  ...needs: readonly RecordedNeed[]
): RecordedCheck => ({ clause, title, needs, start });

/** Demands something of the sender of a message. */
export type Demand = (holds: boolean, expected: string, actual: string | (() => string)) => void;

/** A check of every message of one kind by itself. */
export const each = <K extends ContentKind>(
  clause: ClauseId,
  title: string,
  kind: K,
  look: (seen: Seen<K>, demand: Demand, scene: Scene) => void,
  ...needs: readonly RecordedNeed[]
): RecordedCheck =>
  watch(
    clause,
    title,
    (scene, docket) => ({
      kinds: [kind],
      envelope: (seen) => {
        if (!isOf(seen, kind)) return;
        look(
          seen,
          (holds, expected, actual) => {
            docket.demand(seen, holds, expected, actual);
          },
          scene,
        );
      },
    }),
    ...needs,
  );

export const isOf = <K extends ContentKind>(seen: Seen, kind: K): seen is Seen<K> => seen.kind === kind;
