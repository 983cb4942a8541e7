import type { ClauseInfo, RunResult, Verdict } from './model';
import { duration, oneLine } from './text';
import { conclude, outcomes } from './verdict';

/** What the suite found of one version of Fabric; `noNetwork` says why its network did not come up. */
export type VersionOutcome =
  | { readonly label: string; readonly run: RunResult; readonly noNetwork?: undefined }
  | { readonly label: string; readonly run?: undefined; readonly noNetwork: string };

/** A clause by version, in the order of the versions. */
export interface ClauseByVersion {
  readonly clause: ClauseInfo;
  /** Undefined where its network did not come up. */
  readonly verdicts: readonly (Verdict | undefined)[];
}

const words: Readonly<Record<Verdict, string>> = {
  pass: 'passed',
  fail: 'FAILED',
  'known-deviation': 'known deviation',
  inconclusive: 'inconclusive',
  'not-run': 'not run',
};

/** Every clause by version. */
export function clausesByVersion(versions: readonly VersionOutcome[]): readonly ClauseByVersion[] {
  const found = versions.map(
    ({ run }) => new Map(outcomes(run?.results ?? []).map((one) => [one.clause.id, one])),
  );
  const clauses = new Map(found.flatMap((one) => [...one.values()].map(({ clause }) => [clause.id, clause])));
  return [...clauses.values()].map((clause) => ({
    clause,
    verdicts: found.map((one) => one.get(clause.id)?.verdict),
  }));
}

/** The clauses that did not pass on every version, a line each below a heading, and the totals. */
export function versionTable(versions: readonly VersionOutcome[]): readonly string[] {
  const all = clausesByVersion(versions);
  const notable = all.filter(({ verdicts }) => verdicts.some((verdict) => verdict !== 'pass'));
  const totals = (Object.keys(words) as Verdict[]).map((verdict) => [
    'clauses',
    words[verdict].toLowerCase(),
    ...versions.map(({ run }, i) =>
      run === undefined ? '-' : String(all.filter(({ verdicts }) => verdicts[i] === verdict).length),
    ),
  ]);
  const rows = [
    ['clause', 'level', ...versions.map(({ label }) => oneLine(label))],
    ...notable.map(({ clause, verdicts }) => [
      clause.id,
      clause.level,
      ...verdicts.map((verdict) => (verdict === undefined ? '-' : words[verdict])),
    ]),
    ...totals,
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The worst conclusion, and that of each version, in one line. */
export function versionsLine(versions: readonly VersionOutcome[]): string {
  const conclusions = versions.map(({ run }) => (run === undefined ? 'no network' : conclude(run)));
  const order = ['not conformant', 'stale baseline', 'no network', 'cannot tell', 'conformant'] as const;
  return [
    order.find((one) => conclusions.includes(one)) ?? 'cannot tell',
    ...versions.map(({ label }, i) => `${oneLine(label)}: ${conclusions[i] ?? ''}`),
    duration(versions.reduce((sum, { run }) => sum + (run?.durationMs ?? 0), 0)),
  ].join(' · ');
}
