import { UsageError, type ConformanceOptions, type GateOptions } from '../../conformance/run-types';
import { readBaseline } from './baseline-file';
import { recordingHost } from './recording-host';
import type { TargetFlags } from './choose-target';
import type { ReportFlags } from './report-flags';
import type { SelectionFlags } from './selection-flags';
import { parseSeed } from './seed-flag';
import { parseTimers } from './timing-flag';

/** The flags of `conformance`, as commander gives them. */
export interface ConformanceFlags extends TargetFlags, SelectionFlags, ReportFlags {
  readonly keep?: true;
  readonly peerImage?: string;
  readonly ordererImage?: string;
  readonly node?: readonly string[];
  readonly tester?: readonly string[];
  readonly issuer?: readonly string[];
  readonly issue: boolean;
  readonly channel?: string;
  readonly listen?: string;
  readonly coreYaml?: string;
  readonly timing?: readonly string[];
  readonly fabricVersion?: string;
  readonly tls: boolean;
  readonly baseline?: string;
  readonly require?: 'must' | 'should';
  readonly minClauses?: string;
  readonly list?: true;
  readonly jobs?: string;
  readonly times?: string;
  readonly seed?: string;
  readonly destructive?: true;
  readonly record?: string;
  readonly verbose?: true;
}

function parseCount(flag: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`${flag} "${text}" is no number from 1 to 9999`);
}

/** Undefined where no flag holds the run to more than its clauses. */
function parseGate({ baseline, require, minClauses }: ConformanceFlags): GateOptions | undefined {
  if (baseline === undefined && require === undefined && minClauses === undefined) return undefined;
  return {
    require,
    minClauses: minClauses === undefined ? undefined : parseCount('--min-clauses', minClauses),
    baseline: baseline === undefined ? undefined : readBaseline(baseline),
  };
}

/** What flags say of the run besides its target, checked. Throws a UsageError. */
export function parseFlags(
  flags: ConformanceFlags,
): Pick<
  ConformanceOptions,
  'timing' | 'fabricVersion' | 'jobs' | 'times' | 'seed' | 'destructive' | 'gate' | 'record'
> {
  return {
    timing: { coreYaml: flags.coreYaml, overrides: parseTimers(flags.timing) },
    fabricVersion: flags.fabricVersion,
    jobs: flags.jobs === undefined ? undefined : parseCount('--jobs', flags.jobs),
    times: parseCount('--times', flags.times ?? '1'),
    seed: parseSeed(flags.seed),
    destructive: flags.destructive ?? false,
    gate: parseGate(flags),
    record: flags.record === undefined ? undefined : { folder: flags.record, host: recordingHost() },
  };
}
