import type { ClauseId } from '../clauses';
import type { CheckContext } from './context';
import { anySign, type Floor } from './floor';
import type { RecruitSettings } from './recruit';
import type { Need } from './target';

/**
 * Where a check may run beside others. `aside`: it never enters the peer's membership view, so nobody notices it.
 * `view`: it does, and so takes a share of the peer's attention. `alone`: nothing else runs meanwhile.
 */
export type Lane = 'aside' | 'view' | 'alone';

export interface CheckOptions {
  readonly lane?: Lane;
  /** Testers of the peer's own organisation; 1 by default. */
  readonly own?: number;
  /** Testers of another organisation; implies the need `foreign`. */
  readonly foreign?: number;
  readonly needs?: readonly Need[];
  /** It waits for something that takes seconds, and so is begun before others of its lane. */
  readonly long?: boolean;
  /** What it must have seen before it may pass; any sign of the peer by default. */
  readonly floor?: Floor;
  /**
   * Judges a peer that is started for this check alone, with these settings, in the place of the one under test; implies
   * the need `recruit`. Nobody of the network knows it, so the lane may be `aside` though testers are its members.
   */
  readonly recruit?: RecruitSettings;
}

/** One check of one clause. */
export interface Check {
  readonly clause: ClauseId;
  /** What it does, in words: "refuses the hash of a certificate the tester did not present". */
  readonly title: string;
  readonly lane: Lane;
  readonly own: number;
  readonly foreign: number;
  readonly needs: readonly Need[];
  readonly long: boolean;
  readonly floor: Floor;
  readonly recruit: RecruitSettings | undefined;
  /** Another check that does the very same: where both are to be judged, one result stands for both. */
  readonly refersTo: Check | undefined;
  readonly run: (context: CheckContext) => Promise<void>;
}

/** Whether it may bring the peer down: then that is down, however busy the machine. */
export const isDestructive = ({ needs }: Check): boolean => needs.includes('disposable');

/** Declares a check. It returns for a pass and throws a Violation, an Inconclusive, or an assertion of chai's. */
export function check(
  clause: ClauseId,
  title: string,
  options: CheckOptions,
  run: (context: CheckContext) => Promise<void>,
): Check {
  const { lane = 'aside', own = 1, foreign = 0, long = false, floor = anySign, recruit } = options;
  const needs = new Set(options.needs);
  if (foreign > 0) needs.add('foreign');
  if (recruit !== undefined) needs.add('recruit');
  if (recruit?.neighbour) needs.add('between-peers');
  return {
    clause,
    title,
    lane,
    own,
    foreign,
    needs: [...needs],
    long,
    floor,
    recruit,
    refersTo: undefined,
    run,
  };
}
