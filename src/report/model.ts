/** A run's result as plain data: every report, and the exit code, is made from this and from nothing else. */

export type Level = 'must' | 'should' | 'impl';

/** How one check of one clause against one peer ended. Only `pass` is a pass. */
export type Verdict =
  | 'pass'
  | 'fail'
  /** It fails as the baseline says that it does. */
  | 'known-deviation'
  /** The control failed, or too little was seen to judge. */
  | 'inconclusive'
  /** The target lacks what the check needs; `reason` says what. */
  | 'not-run';

/** What a report says of a clause. */
export interface ClauseInfo {
  /** Permanent: `CONN-07`. */
  readonly id: string;
  /** The specification's section: `Connection handshake`. */
  readonly area: string;
  readonly level: Level;
  readonly text: string;
  /** Fabric file and function. */
  readonly source: string;
}

/** One rung of the ladder of messages: who said what to whom, when. */
export interface LadderLine {
  /** Milliseconds since the check began. */
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  /** One line: `memRes nonce=4711 alive=3 dead=0`, or an event: `stream ended: UNKNOWN (…)`. */
  readonly what: string;
}

/** What a check waited for, in words, and for how long in all. */
export interface Wait {
  readonly what: string;
  readonly ms: number;
}

/** An attempt that was not held to be a judgement, and after which the check was run again. */
export interface Attempt {
  readonly verdict: Verdict;
  readonly reason: string;
  /** Why it was run again: `it could not judge`, or that this machine stood still. */
  readonly because: string;
}

/** A failure that somebody knows of and has set a term to: an entry of a baseline. */
export interface KnownDeviation {
  readonly clause: string;
  /** Fabric's versions that it holds for: `any`, `2.5.16`, `2.5.x`, `>=2.5.11 <3`. */
  readonly version: string;
  /** The peer's name or endpoint; any if undefined. */
  readonly peer: string | undefined;
  /** The check's title; any of the clause's if undefined. */
  readonly check: string | undefined;
  /** What the reason of the failure contains. */
  readonly failure: string;
  readonly reason: string;
  readonly link: string;
  /** The last day on which it is accepted: `2026-12-31`. */
  readonly expires: string;
}

/** How much a check saw of what it needs to see before it may pass. */
export interface Observed {
  /** What was counted, in words: `intervals between heartbeats`. */
  readonly what: string;
  /** With less, the check is inconclusive. */
  readonly needed: number;
  readonly seen: number;
}

export interface CheckResult {
  readonly clause: ClauseInfo;
  /** What the check does, in words. */
  readonly title: string;
  /** The peer judged: a name or its endpoint. */
  readonly peer: string;
  readonly verdict: Verdict;
  /** Why it did not run, or could not be judged, or what was violated. Empty for a pass. */
  readonly reason: string;
  /** For a failure: what would have conformed, one entry each. */
  readonly expected: readonly string[];
  /** For a failure: what came instead. */
  readonly actual: string;
  readonly ladder: readonly LadderLine[];
  readonly durationMs: number;
  /** Longest first; only those that took a moment. */
  readonly waits?: readonly Wait[] | undefined;
  /** What the verdict rests on; undefined where the check did not run. */
  readonly observed?: Observed | undefined;
  /** The attempts before the one that is told here; undefined where the first was it. */
  readonly attempts?: readonly Attempt[] | undefined;
  /** For a failure that the baseline lists: `holds`, or why it is not accepted. */
  readonly listed?: { readonly deviation: KnownDeviation; readonly state: DeviationState } | undefined;
}

/** What became of an entry of the baseline; see `isStale` for those that a run does not put up with. */
export type DeviationState =
  | 'holds'
  | 'passes'
  | 'expired'
  /** It fails, but not in the words of the entry. */
  | 'fails-otherwise'
  /** The clause has no check of the title that the entry names. */
  | 'no-such-check'
  /** Not selected, not run or inconclusive. */
  | 'not-judged'
  | 'other-version'
  /** The entry is for some versions, and nobody has said which this is. */
  | 'unknown-version';

export interface DeviationOutcome {
  readonly deviation: KnownDeviation;
  /** The peer that this was found of; undefined where it is of none in particular. */
  readonly peer: string | undefined;
  readonly state: DeviationState;
}

/** What a peer sent that no peer of Fabric sends, and that no clause under judgement asked for. It decides nothing. */
export interface Unexpected {
  readonly peer: string;
  /** In words without particulars: `memReq with a tag that is not its own`. */
  readonly what: string;
  readonly count: number;
  readonly first: {
    /** The message in one line, or why the bytes are none. */
    readonly message: string;
    /** The check that was under way. */
    readonly during: { readonly clause: string; readonly title: string };
  };
}

/** A check that could run against a peer, and came to no verdict. */
export interface Lost {
  readonly clause: ClauseInfo;
  readonly title: string;
  readonly peer: string;
}

/** What a run is held to besides the clauses themselves. */
export interface Gate {
  /** The levels that decide: must alone, or must and should alike; undefined: see `conclude`. */
  readonly require: 'must' | 'should' | undefined;
  /** With fewer clauses judged, nothing can be told. */
  readonly minClauses: number | undefined;
  readonly baseline: { readonly file: string; readonly deviations: readonly DeviationOutcome[] } | undefined;
}

export interface TargetInfo {
  /** `embedded`, `attach`, … */
  readonly kind: string;
  /** Whether real Fabric peers, or at least peers not of this project, were judged. */
  readonly real: boolean;
  /** One line: which peers, TLS or not, how it was reached. */
  readonly description: string;
  /** As told by the user or the target; undefined if nobody knows. */
  readonly fabricVersion: string | undefined;
  readonly peers: readonly string[];
  /** In a network of several versions, that of each peer. */
  readonly versionByPeer?: Readonly<Record<string, string>> | undefined;
}

/**
 * `conformant`: no must clause failed and each that ran could be judged. `stale baseline`: nor did any, but a known
 * deviation is not what the baseline says any more.
 */
export type Conclusion = 'conformant' | 'not conformant' | 'stale baseline' | 'cannot tell';

export interface RunResult {
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** The command that repeats this run; never holds key material. */
  readonly command: string;
  /** What testers, and faults between peers, drew their chance from; undefined where nobody did. */
  readonly seed?: number | undefined;
  readonly target: TargetInfo;
  readonly results: readonly CheckResult[];
  readonly gate?: Gate | undefined;
  /** Selected clauses that no check judges, and why. */
  readonly unjudged?: readonly { readonly clause: ClauseInfo; readonly reason: string }[] | undefined;
  /** What could have been judged, and was not: with any, nothing can be told. */
  readonly lost?: readonly Lost[] | undefined;
  readonly unexpected?: readonly Unexpected[] | undefined;
  /** Our own faults: checks that broke by an error that is no verdict. Any makes the run exit with 70. */
  readonly harnessErrors: readonly string[];
  /** What is wrong with what was judged, where that was read from files, with file and line: then nothing is conformant. */
  readonly inputFaults?: readonly string[] | undefined;
  /** How long the network took until it could be judged, and to be taken down; undefined where the run did neither. */
  readonly network?: { readonly upMs: number; readonly downMs: number | undefined } | undefined;
  /** What stays up after the run and how to reach it, a line each; undefined where nothing does. */
  readonly kept?: readonly string[] | undefined;
  /** The folder with the full logs of the nodes, where these may explain what was found. */
  readonly logs?: string | undefined;
}
