import type { Recorded } from '../../src/capture';
import type { CheckResult, LadderLine } from '../../src/report/model';
import { decodeEnvelope, decodeMessage, describe, WireError } from '../../src/wire';
import { clauseInfo, clauses } from '../clauses';
import type { Docket, RecordedCheck } from './recorded-check';

/** A line of a recording as a rung of the ladder. */
export const ladderLine = (recorded: Recorded): LadderLine => {
  const at = { atMs: recorded.us / 1000 };
  if (recorded.type !== 'envelope') return { ...at, from: '', to: '', what: `line ${recorded.line}` };
  return {
    ...at,
    from: recorded.from.name,
    to: recorded.to.name,
    what: `line ${recorded.line}: ${summaryOf(recorded.bytes)}`,
  };
};

function summaryOf(bytes: Uint8Array): string {
  try {
    return describe(decodeMessage(decodeEnvelope(bytes).payload));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return error.message;
  }
}

/** The result of a check that cannot judge this recording. */
export const notRun = (check: RecordedCheck, reason: string): CheckResult => ({
  clause: clauseInfo(check.clause),
  title: check.title,
  peer: 'all peers',
  verdict: 'not-run',
  reason,
  expected: [],
  actual: '',
  ladder: [],
  durationMs: 0,
});

/**
 * What a check found, by peer. `hasGaps`: lines are missing, in which may have been said what makes a failure none: who
 * speaks on a stream, a question, an earlier message. Then nobody is accused.
 */
export function resultsOf(
  check: RecordedCheck,
  { findings }: Docket,
  { hasGaps }: { readonly hasGaps: boolean },
): readonly CheckResult[] {
  if (findings.size === 0) return [notRun(check, 'the recording shows nothing of the kind')];
  return [...findings].map(([peer, { looked, violations, expected, actual, ladder }]) => {
    const found = `${violations} of ${looked}: expected ${expected}; got ${actual}`;
    return {
      clause: clauseInfo(check.clause),
      title: check.title,
      peer,
      verdict: violations === 0 ? 'pass' : hasGaps ? 'inconclusive' : 'fail',
      reason:
        violations === 0
          ? ''
          : hasGaps
            ? `lines of the recording cannot be read, and what they said may explain it: ${found}`
            : found,
      expected: violations === 0 ? [] : [expected],
      actual,
      ladder,
      durationMs: 0,
    };
  });
}

const order: ReadonlyMap<string, number> = new Map([...clauses.keys()].map((id, index) => [id, index]));
/** In the order of the catalogue. */
export const byCatalogue = (a: CheckResult, b: CheckResult): number =>
  (order.get(a.clause.id) ?? 0) - (order.get(b.clause.id) ?? 0);
