import type {
  CheckResult,
  DeviationOutcome,
  DeviationState,
  Gate,
  KnownDeviation,
  TargetInfo,
} from './model';
import { isInRange, parseVersionRange } from './version-range';

/** Known deviations, as a file lists them. */
export interface Baseline {
  /** For the report. */
  readonly file: string;
  readonly deviations: readonly KnownDeviation[];
}

/** What known deviations are held against. */
export interface Setting {
  readonly target: TargetInfo;
  /** The day of the run, `2026-01-31`. */
  readonly today: string;
}

const versionOf = ({ fabricVersion, versionByPeer }: TargetInfo, peer: string): string | undefined =>
  versionByPeer?.[peer] ?? fabricVersion;

const isExpired = ({ expires }: KnownDeviation, { today }: Setting): boolean => today > expires;

/** Whether an entry is about this version; `unknown` where nobody has said which one this is. */
function isOfVersion(deviation: KnownDeviation, version: string | undefined): boolean | 'unknown' {
  const range = parseVersionRange(deviation.version);
  return range === undefined ? false : isInRange(range, version);
}

const isAbout = (deviation: KnownDeviation, { clause, peer, title }: CheckResult): boolean =>
  deviation.clause === clause.id && (deviation.peer ?? peer) === peer && (deviation.check ?? title) === title;

/**
 * A result as it stands with a baseline: a failure that it lists becomes a known deviation. One that it lists in
 * other words, or for a term that is over, stays a failure and says so.
 */
export function withBaseline(
  result: CheckResult,
  { deviations }: Pick<Baseline, 'deviations'>,
  setting: Setting,
): CheckResult {
  if (result.verdict !== 'fail') return result;
  const about = deviations.filter(
    (one) => isAbout(one, result) && isOfVersion(one, versionOf(setting.target, result.peer)) === true,
  );
  const said = about.filter(({ failure }) => result.reason.includes(failure));
  const inForce = said.find((one) => !isExpired(one, setting));
  if (inForce !== undefined) {
    return { ...result, verdict: 'known-deviation', listed: { deviation: inForce, state: 'holds' } };
  }
  const [expired] = said;
  if (expired !== undefined) return { ...result, listed: { deviation: expired, state: 'expired' } };
  const [other] = about;
  return other === undefined ? result : { ...result, listed: { deviation: other, state: 'fails-otherwise' } };
}

/** What became of an entry on one peer, whose results those are: at least one. */
function stateOn(
  deviation: KnownDeviation,
  results: readonly CheckResult[],
  version: string | undefined,
): DeviationState {
  const isOf = isOfVersion(deviation, version);
  if (isOf === 'unknown') return 'unknown-version';
  if (!isOf) return 'other-version';
  const about = results.filter((result) => isAbout(deviation, result));
  if (about.length === 0) return 'no-such-check';
  const failures = about.filter(({ verdict }) => verdict === 'fail' || verdict === 'known-deviation');
  if (failures.length > 0) {
    return failures.some(({ reason }) => reason.includes(deviation.failure)) ? 'holds' : 'fails-otherwise';
  }
  const isOpen = about.some(({ verdict }) => verdict === 'inconclusive');
  const passed = about.some(({ verdict }) => verdict === 'pass');
  return passed && !isOpen ? 'passes' : 'not-judged';
}

/** What became of every entry of a baseline, on every peer. */
export function deviationsOf(
  { deviations }: Pick<Baseline, 'deviations'>,
  results: readonly CheckResult[],
  setting: Setting,
): readonly DeviationOutcome[] {
  return deviations.flatMap((deviation): readonly DeviationOutcome[] => {
    if (isExpired(deviation, setting)) return [{ deviation, peer: undefined, state: 'expired' }];
    const { peers } = setting.target;
    const found = peers
      .filter((peer) => (deviation.peer ?? peer) === peer)
      .map((peer) => ({
        deviation,
        peer,
        results: results.filter((one) => one.clause.id === deviation.clause && one.peer === peer),
      }))
      .filter((one) => one.results.length > 0);
    if (found.length === 0) return [{ deviation, peer: undefined, state: 'not-judged' }];
    return found.map(({ peer, results: ofPeer }) => ({
      deviation,
      peer,
      state: stateOn(deviation, ofPeer, versionOf(setting.target, peer)),
    }));
  });
}

/** Whether a run must not put up with it: the baseline says what is not so, or not any more. */
export function isStale({ state }: Pick<DeviationOutcome, 'state'>): boolean {
  switch (state) {
    case 'passes':
    case 'expired':
    case 'fails-otherwise':
    case 'no-such-check':
      return true;
    case 'holds':
    case 'not-judged':
    case 'other-version':
    case 'unknown-version':
      return false;
  }
}

/** The entries that a run must not put up with. */
export const staleDeviations = (gate: Gate | undefined): readonly DeviationOutcome[] =>
  gate?.baseline?.deviations.filter(isStale) ?? [];

/** What became of an entry, in words. */
export function deviationText({ deviation, peer, state }: DeviationOutcome): string {
  const { clause, check, version, expires, failure } = deviation;
  const what = [
    clause,
    ...(check === undefined ? [] : [`“${check}”`]),
    ...(peer === undefined ? [] : [`on ${peer}`]),
  ].join(' ');
  switch (state) {
    case 'holds':
      return `${what} deviates as listed (${deviation.reason}; ${deviation.link}; until ${expires})`;
    case 'passes':
      return `${what} passes now: take it off the baseline`;
    case 'expired':
      return `${what} was to be put up with until ${expires} only: ${deviation.link}`;
    case 'fails-otherwise':
      return `${what} fails otherwise than listed: no failure says “${failure}”`;
    case 'no-such-check':
      return `${what}: the clause has no check of this title`;
    case 'not-judged':
      return `${what} was not judged`;
    case 'other-version':
      return `${what} is listed for ${version}, which is another version`;
    case 'unknown-version':
      return `${what} is listed for ${version}, and which version this is nobody has said (see --fabric-version)`;
  }
}
