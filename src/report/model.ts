/** A run's result as plain data: every report, and the exit code, is made from this and from nothing else. */

export type Level = 'must' | 'should' | 'impl';

/** How one check of one clause against one peer ended. Only `pass` is a pass. */
export type Verdict =
  | 'pass'
  | 'fail'
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
}

/** `conformant`: no must clause failed and each that ran could be judged. */
export type Conclusion = 'conformant' | 'not conformant' | 'cannot tell';

export interface RunResult {
  readonly tool: { readonly name: string; readonly version: string };
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** The command that repeats this run; never holds key material. */
  readonly command: string;
  readonly target: TargetInfo;
  readonly results: readonly CheckResult[];
  /** Our own faults: checks that broke by an error that is no verdict. Any makes the run exit with 70. */
  readonly harnessErrors: readonly string[];
  /** How long the network took until it could be judged, and to be taken down; undefined where the run did neither. */
  readonly network?: { readonly upMs: number; readonly downMs: number | undefined } | undefined;
  /** What stays up after the run and how to reach it, a line each; undefined where nothing does. */
  readonly kept?: readonly string[] | undefined;
  /** The folder with the full logs of the nodes, where these may explain what was found. */
  readonly logs?: string | undefined;
}
