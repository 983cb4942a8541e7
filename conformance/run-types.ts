import type { Baseline } from '../src/report/baseline';
import type { CheckResult, Gate, RunResult, TargetInfo } from '../src/report/model';
import type { Clause, ClauseId } from './clauses';

/** Our own peers, in this process, Fabric's programs on this machine or in containers, or peers that are already up. */
export type TargetOptions =
  | { readonly kind: 'embedded'; readonly tls: boolean }
  | {
      readonly kind: 'native';
      readonly tls: boolean;
      /** The folder with `peer` and `orderer`, none: PATH; of two, each organisation has a peer of either. */
      readonly binaries: readonly string[];
      readonly timingProfile: 'fast' | 'fabric';
      /** The peers to judge, such as org1.peer0; at least one. */
      readonly nodes: readonly string[];
      /** Whether the network stays up after a run that came to its end. */
      readonly keep: boolean;
    }
  | {
      readonly kind: 'docker';
      readonly tls: boolean;
      /** Tags of Fabric's images, such as 2.5.16 or 3.1; of two, the older first, each organisation has a peer of either. */
      readonly versions: readonly string[];
      /** Names of images, with or without a tag, in place of Fabric's own. */
      readonly peerImage: string | undefined;
      readonly ordererImage: string | undefined;
      /** The address on which testers listen for the peers; one that containers can reach is found if undefined. */
      readonly listen: string | undefined;
      readonly timingProfile: 'fast' | 'fabric';
      /** The peers to judge, such as org1.peer0; at least one. */
      readonly nodes: readonly string[];
      /** Whether the network stays up after the run. */
      readonly keep: boolean;
    }
  | {
      readonly kind: 'attach';
      /** What describes the network besides; the fields here go before it. */
      readonly described: NetworkDescription | undefined;
      /** host:port each; at least one, unless a description names them. */
      readonly peers: readonly string[];
      /** Folders with msp/ and tls/. Without an MSP-ID it is found by matching the peers' certificate chains. */
      readonly testers: readonly { readonly mspId: string | undefined; readonly dir: string }[];
      /** Organisation folders with CA keys, as cryptogen lays them out; testers are issued from them. */
      readonly issuers: readonly string[];
      /** Whether testers may be issued at all, also from an organisation folder found beside a tester. */
      readonly issue: boolean;
      readonly channel: string | undefined;
      /** The address on which testers listen for the peers. */
      readonly listen: string | undefined;
      readonly tls: boolean;
    };

/** Where to read of a network that is up: a folder of fabric-samples' test-network, or a YAML profile of ours. */
export interface NetworkDescription {
  readonly kind: 'test-network' | 'profile';
  readonly path: string;
}

/** The clauses to judge, in the order of the catalogue; made by `resolveSelection`. */
export type Selection = ReadonlySet<ClauseId>;

/** A network that is already up. */
export type AttachOptions = Extract<TargetOptions, { kind: 'attach' }>;

/** A network of Fabric's programs on this machine. */
export type NativeTargetOptions = Extract<TargetOptions, { kind: 'native' }>;

/** A network of Fabric's images on a Docker engine. */
export type DockerTargetOptions = Extract<TargetOptions, { kind: 'docker' }>;

export interface ConformanceOptions {
  readonly target: TargetOptions;
  /** The peers' gossip settings: Fabric's defaults, then a core.yaml, then single keys (`pullInterval` → `1s`). */
  readonly timing: {
    readonly coreYaml: string | undefined;
    readonly overrides: Readonly<Record<string, string>>;
  };
  /** For the report and the baseline. */
  readonly fabricVersion: string | undefined;
  readonly select: Selection;
  /** At most so many checks at once; the target's own number if undefined. */
  readonly jobs: number | undefined;
  /** How often each check judges each peer, to see whether it says the same each time. */
  readonly times: number;
  /** What testers, and faults between peers, draw their chance from; drawn at random if undefined. */
  readonly seed: number | undefined;
  /** Whether checks run that bring some versions of Fabric down; only on a network that is started for the run. */
  readonly destructive: boolean;
  /** What the run is held to besides the clauses; undefined: nothing. */
  readonly gate: GateOptions | undefined;
  /** Where to record what testers send and receive; undefined: nowhere. */
  readonly record: RecordOptions | undefined;
  /** Aborts the run: everything started is stopped, then the run rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly view: RunView;
  /** For the result: who ran, and by which command. */
  readonly tool: { readonly name: string; readonly version: string };
  readonly command: string;
}

/** What a run is held to besides the clauses themselves. */
export type GateOptions = Pick<Gate, 'require' | 'minClauses'> & { readonly baseline: Baseline | undefined };

/** A recording of a run. */
export interface RecordOptions {
  /** It must not hold one yet. */
  readonly folder: string;
  /** The machine, for the manifest. */
  readonly host: string;
}

/** Sees a run as it happens. */
export interface RunView {
  /** The target is reached; `total` results will follow, those of checks that cannot run included. */
  started(target: TargetInfo, total: number): void;
  finished(result: CheckResult): void;
  /** One line worth telling: what is being brought up, what was found out. */
  note(line: string): void;
}

/** What a run of a selection consists of, without looking at any network. */
export type ListedCheck =
  | { readonly clause: Clause<ClauseId>; readonly title: string }
  /** A clause that no check judges, and why. */
  | { readonly clause: Clause<ClauseId>; readonly missing: string };

/** The user asked for something that cannot be: one clear sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The network could not be reached or brought up: one clear sentence. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  /** What shows why, in lines: the end of a node's log; empty if there is none. */
  readonly evidence: string;

  constructor(message: string, { evidence = '', ...options }: ErrorOptions & { evidence?: string } = {}) {
    super(message, options);
    this.evidence = evidence;
  }
}

/** What there is on this machine to test a Fabric network with, for who has not named a target. */
export interface AtHand {
  /** A Docker engine answers. */
  readonly docker: boolean;
  /** PATH has Fabric's `peer` and `orderer`. */
  readonly native: boolean;
}

/** What the command line needs of `conformance/run.ts`. */
export interface ConformanceRunner {
  /** Rejects with a UsageError, a NetworkError, the reason of an abort, or a fault of our own. */
  readonly runConformance: (options: ConformanceOptions) => Promise<RunResult>;
  readonly listChecks: (select: Selection) => readonly ListedCheck[];
  readonly atHand: () => Promise<AtHand>;
}

/** Our peer with one rule broken. */
export interface Mutant {
  /** Kebab-case: `accepts-wrong-tls-hash`. */
  readonly name: string;
  /** The rule it breaks, in words. */
  readonly breaks: string;
  /** The clauses whose checks must find it. */
  readonly expected: readonly ClauseId[];
}

/** What the suite found of one mutant. */
export interface MutantResult {
  readonly mutant: Mutant;
  /** Every clause that failed, in the order of the catalogue. */
  readonly foundBy: readonly ClauseId[];
  /** Clauses that neither failed nor passed, with the reason. */
  readonly undecided: readonly string[];
  /** Clauses with a check that can run on this mutant's network. */
  readonly judgeable: readonly ClauseId[];
  /** Errors in checks that are no verdict: faults of ours. */
  readonly faults: readonly string[];
  /** How often it was judged; more than once where it was missed before. */
  readonly tries: number;
  readonly durationMs: number;
}

export interface MutantsOptions {
  /** The names to run; every mutant if empty. */
  readonly only: readonly string[];
  /** Runs each mutant's expected clauses alone: whether the suite finds it, not what else it trips over. */
  readonly quick: boolean;
  readonly signal: AbortSignal;
  readonly finished: (result: MutantResult) => void;
}

/** What the command line needs of `conformance/mutants/run.ts`. */
export interface MutantsRunner {
  readonly listMutants: () => readonly Mutant[];
  /** Rejects as `runConformance` does. */
  readonly runMutants: (options: MutantsOptions) => Promise<readonly MutantResult[]>;
}
