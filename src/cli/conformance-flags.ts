import type { ConformanceOptions, TargetOptions } from '../../conformance/run-types';
import { UsageError } from '../../conformance/run-types';

/** The flags of `conformance`, as commander gives them. */
export interface ConformanceFlags {
  readonly target?: 'embedded' | 'native' | 'attach';
  readonly fabricBin?: string;
  readonly node?: readonly string[];
  readonly timingProfile?: 'fast' | 'fabric';
  readonly peer?: readonly string[];
  readonly tester?: readonly string[];
  readonly issuer?: readonly string[];
  readonly issue: boolean;
  readonly channel?: string;
  readonly listen?: string;
  readonly coreYaml?: string;
  readonly timing?: readonly string[];
  readonly fabricVersion?: string;
  readonly tls: boolean;
  readonly clause?: readonly string[];
  readonly area?: readonly string[];
  readonly level?: readonly string[];
  readonly list?: true;
  readonly json?: string;
  readonly junit?: string;
  readonly jobs?: string;
  readonly verbose?: true;
}

function parsePeer(text: string): string {
  const port = Number(/^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/.exec(text)?.[1]);
  if (port >= 1 && port <= 65_535) return text;
  throw new UsageError(`--peer "${text}" is no host:port`);
}

/** `DIR` or `MSPID=DIR`; what is left of the first equals sign counts as an MSP-ID only if it is no part of a path. */
function parseTester(text: string): { mspId: string | undefined; dir: string } {
  const [, mspId, dir] = /^([^=/\\]+)=(.+)$/s.exec(text) ?? [];
  return mspId === undefined || dir === undefined ? { mspId: undefined, dir: text } : { mspId, dir };
}

function parseTiming(texts: readonly string[]): Readonly<Record<string, string>> {
  const entries = texts.map((text): [string, string] => {
    const [, key, value] = /^(?:peer\.gossip\.)?([A-Za-z][\w.]*)=(\S+)$/.exec(text) ?? [];
    if (key === undefined || value === undefined) {
      throw new UsageError(`--timing "${text}" is no KEY=DURATION, such as pullInterval=1s`);
    }
    return [key, value];
  });
  return Object.fromEntries(entries);
}

function parseJobs(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`--jobs "${text}" is no number of checks from 1 to 9999`);
}

/** Flags that say something about a network that is already up. */
const attachFlags = {
  peer: '--peer',
  tester: '--tester',
  issuer: '--issuer',
  channel: '--channel',
  listen: '--listen',
  coreYaml: '--core-yaml',
  timing: '--timing',
  fabricVersion: '--fabric-version',
} as const;

/** Flags that say something about a network to be started. */
const nativeFlags = { fabricBin: '--fabric-bin', node: '--node', timingProfile: '--timing-profile' } as const;

/** The flag of the first of these options that is given. */
const firstGiven = (
  names: Partial<Record<keyof ConformanceFlags, string>>,
  flags: ConformanceFlags,
): string | undefined =>
  (Object.keys(names) as (keyof typeof names)[])
    .filter((name) => flags[name] !== undefined)
    .map((name) => names[name])[0];

const kindOf = ({ target, peer, fabricBin }: ConformanceFlags): TargetOptions['kind'] =>
  target ?? ((peer ?? []).length > 0 ? 'attach' : fabricBin === undefined ? 'embedded' : 'native');

function parseTarget(flags: ConformanceFlags): TargetOptions {
  const { peer = [], tester = [], issuer = [], issue, channel, listen, tls } = flags;
  const kind = kindOf(flags);
  const strayNative = kind === 'native' ? undefined : firstGiven(nativeFlags, flags);
  if (strayNative !== undefined) throw new UsageError(`${strayNative} goes with --target native`);
  if (kind !== 'attach') {
    const stray = firstGiven(attachFlags, flags);
    if (stray !== undefined) {
      throw new UsageError(`${stray} goes with --target attach, which needs --peer host:port`);
    }
    if (kind === 'embedded') return { kind, tls };
    const { fabricBin: binaries, timingProfile = 'fast', node: nodes = ['org1.peer0'] } = flags;
    return { kind, tls, binaries, timingProfile, nodes };
  }
  if (peer.length === 0) throw new UsageError('--target attach needs at least one --peer host:port');
  if (!issue && issuer.length > 0) throw new UsageError('--issuer and --no-issue contradict each other');
  return {
    kind,
    peers: peer.map(parsePeer),
    testers: tester.map(parseTester),
    issuers: issuer,
    issue,
    channel,
    listen,
    tls,
  };
}

/** What flags say of the network, checked. Throws a UsageError. */
export function parseFlags(
  flags: ConformanceFlags,
): Pick<ConformanceOptions, 'target' | 'timing' | 'fabricVersion' | 'jobs'> {
  return {
    target: parseTarget(flags),
    timing: { coreYaml: flags.coreYaml, overrides: parseTiming(flags.timing ?? []) },
    fabricVersion: flags.fabricVersion,
    jobs: flags.jobs === undefined ? undefined : parseJobs(flags.jobs),
  };
}

/** Which target is judged and why that one: the first line of every run. */
export function targetReason(flags: ConformanceFlags): string {
  if (flags.target !== undefined) return `target ${flags.target}, as --target says`;
  switch (kindOf(flags)) {
    case 'attach':
      return 'target attach, because --peer is given';
    case 'native':
      return 'target native, because --fabric-bin is given';
    case 'embedded':
      return 'target embedded, because no --peer is given: judges our own peers, no Fabric peer';
  }
}
