import { deviationText, isStale } from './baseline';
import type {
  CheckResult,
  ClauseInfo,
  Conclusion,
  DeviationState,
  KnownDeviation,
  Lost,
  RunResult,
  TargetInfo,
  Unexpected,
} from './model';
import { clausesByVersion, type VersionOutcome } from './versions';
import { conclude, countClauses, exitCodeOf, judgedClauses, type Counts } from './verdict';

/**
 * The JSON report. A reader may rely on these names: they change only together with `formatVersion`; new ones may come.
 * `schema/report.schema.json` is its JSON schema.
 *
 * | field | what |
 * | --- | --- |
 * | `formatVersion` | 1 |
 * | `tool` | `name` and `version` of what judged |
 * | `startedAt`, `durationMs` | ISO 8601; milliseconds |
 * | `command` | repeats the run |
 * | `seed` | what the testers' chance was drawn from; `--seed` repeats it; missing where a recording was judged |
 * | `target` | `kind`, `real` (whether peers not of this project were judged), `description`, `fabricVersion` or null, `peers` |
 * | `conclusion` | `conformant`, `not conformant`, `stale baseline`, `cannot tell` |
 * | `exitCode` | as the process ends |
 * | `counts` | clauses: `counts.must.passed`, `.failed`, `.knownDeviations`, `.inconclusive`, `.notRun`; likewise `should` and `impl` |
 * | `results` | one for each check and peer: `clause`, `title`, `peer`, `verdict`, `reason`, `expected`, `actual`, `ladder` (empty where it passed), `durationMs`; `waits`: what it waited for, longest first; `observed`: what the verdict rests on (`what`, `needed`, `seen`); `attempts`: those before, where it was judged again; `listed`: what the baseline says of a failure |
 * | `gate` | `require` or null, `minClauses` or null, `judgedClauses`, `baseline` or null: `file`, and `deviations`: entry, `peer`, `state`, `stale`, `text` |
 * | `unjudged` | selected clauses that no check judges: `clause`, `reason` |
 * | `lost` | what could have been judged, and came to no verdict: `clause`, `title`, `peer` |
 * | `unexpected` | what peers sent that no peer of Fabric sends, and no clause under judgement asked for: `peer`, `what`, `count`, and `first`: `message`, `during` (`clause`, `title`) |
 * | `inputFaults` | where a recording was judged: what is wrong with it, with file and line, one text each |
 * | `harnessErrors` | faults of the tool itself, one text each |
 * | `network` | where one was started: `upMs` and `downMs`, how long it took to come up and to be taken down (null: kept) |
 * | `kept` | where one was kept: how to reach it, one line each |
 * | `logs` | where a run did not end well, or a node died: the folder with the logs of the nodes that it started |
 */
interface JsonReport {
  readonly formatVersion: 1;
  readonly tool: { readonly name: string; readonly version: string };
  readonly startedAt: string;
  readonly durationMs: number;
  readonly command: string;
  readonly seed?: number;
  readonly target: Omit<TargetInfo, 'fabricVersion'> & { readonly fabricVersion: string | null };
  readonly conclusion: Conclusion;
  readonly exitCode: number;
  readonly counts: Counts;
  readonly results: readonly CheckResult[];
  readonly gate?: JsonGate;
  readonly unjudged?: readonly { readonly clause: ClauseInfo; readonly reason: string }[];
  readonly lost?: readonly Lost[];
  readonly unexpected?: readonly Unexpected[];
  readonly inputFaults?: readonly string[];
  readonly harnessErrors: readonly string[];
  readonly network?: { readonly upMs: number; readonly downMs: number | null };
  readonly kept?: readonly string[];
  readonly logs?: string;
}

interface JsonGate {
  readonly require: 'must' | 'should' | null;
  readonly minClauses: number | null;
  readonly judgedClauses: number;
  readonly baseline: {
    readonly file: string;
    readonly deviations: readonly {
      readonly deviation: KnownDeviation;
      readonly peer: string | null;
      readonly state: DeviationState;
      readonly stale: boolean;
      readonly text: string;
    }[];
  } | null;
}

const textOf = (report: unknown): string => `${JSON.stringify(report, undefined, 2)}\n`;

/** The JSON report as text, with a newline at its end. */
export const jsonReport = (run: RunResult): string => textOf(reportOf(run));

/**
 * The JSON report of several versions: `formatVersion` as above, `exitCode` of the process, `versions`, each with `label`
 * and either `report`, as of a single run, or `noNetwork`, and `clauses`, each with `id`, `level` and `verdicts` in the order
 * of the versions (null: no network).
 */
export const versionsJson = (versions: readonly VersionOutcome[], exitCode: number): string =>
  textOf({
    formatVersion: 1,
    exitCode,
    versions: versions.map(({ label, run, noNetwork }) => ({
      label,
      ...(run === undefined ? { noNetwork } : { report: reportOf(run) }),
    })),
    clauses: clausesByVersion(versions).map(({ clause: { id, level }, verdicts }) => ({
      id,
      level,
      verdicts: verdicts.map((verdict) => verdict ?? null),
    })),
  });

function reportOf(run: RunResult): JsonReport {
  const {
    tool,
    startedAt,
    durationMs,
    command,
    seed,
    target,
    results,
    lost,
    unexpected,
    inputFaults,
    harnessErrors,
    network,
    kept,
    logs,
    unjudged,
  } = run;
  const gate = gateOf(run);
  return {
    formatVersion: 1,
    tool,
    startedAt,
    durationMs,
    command,
    ...(seed === undefined ? {} : { seed }),
    target: { ...target, fabricVersion: target.fabricVersion ?? null },
    conclusion: conclude(run),
    exitCode: exitCodeOf(run),
    counts: countClauses(results),
    results,
    ...(gate === undefined ? {} : { gate }),
    ...(unjudged === undefined ? {} : { unjudged }),
    ...(lost === undefined ? {} : { lost }),
    ...(unexpected === undefined ? {} : { unexpected }),
    ...(inputFaults === undefined ? {} : { inputFaults }),
    harnessErrors,
    ...(network === undefined ? {} : { network: { upMs: network.upMs, downMs: network.downMs ?? null } }),
    ...(kept === undefined ? {} : { kept }),
    ...(logs === undefined ? {} : { logs }),
  };
}

function gateOf({ gate, results }: RunResult): JsonGate | undefined {
  if (gate === undefined) return undefined;
  const { require, minClauses, baseline } = gate;
  return {
    require: require ?? null,
    minClauses: minClauses ?? null,
    judgedClauses: judgedClauses(countClauses(results)),
    baseline:
      baseline === undefined
        ? null
        : {
            file: baseline.file,
            deviations: baseline.deviations.map((one) => ({
              deviation: one.deviation,
              peer: one.peer ?? null,
              state: one.state,
              stale: isStale(one),
              text: deviationText(one),
            })),
          },
  };
}
