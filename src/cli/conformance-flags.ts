import type { ConformanceOptions, TargetOptions } from '../../conformance/run-types';
import { UsageError } from '../../conformance/run-types';

/** The flags of `conformance`, as commander gives them. */
export interface ConformanceFlags {
  readonly target?: 'embedded' | 'native' | 'docker' | 'attach';
  readonly fabricBin?: string;
  readonly fabric?: string;
  readonly peerImage?: string;
  readonly ordererImage?: string;
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

/** Flags that say something about a network to be started, by who starts it. */
const nativeFlags = { fabricBin: '--fabric-bin' } as const;
const dockerFlags = {
  fabric: '--fabric',
  peerImage: '--peer-image',
  ordererImage: '--orderer-image',
} as const;
const startedFlags = { node: '--node', timingProfile: '--timing-profile' } as const;

/** Which release of Fabric a network in containers is of, where nobody says. */
const DEFAULT_FABRIC = '2.5.16';

/** The flag of the first of these options that is given. */
const firstGiven = (
  names: Partial<Record<keyof ConformanceFlags, string>>,
  flags: ConformanceFlags,
): string | undefined =>
  (Object.keys(names) as (keyof typeof names)[])
    .filter((name) => flags[name] !== undefined)
    .map((name) => names[name])[0];

function kindOf({ target, peer, fabricBin, fabric }: ConformanceFlags): TargetOptions['kind'] {
  if (target !== undefined) return target;
  if ((peer ?? []).length > 0) return 'attach';
  if (fabricBin !== undefined) return 'native';
  return fabric === undefined ? 'embedded' : 'docker';
}

/** A release such as 2.5.16, or a line of them such as 2.5, as images are tagged. */
function parseFabric(text: string): string {
  if (/^\d+\.\d+(\.\d+)?([-.][\w.]+)?$/.test(text)) return text;
  throw new UsageError(`--fabric "${text}" is no version of Fabric, such as 2.5.16 or 3.1`);
}

function parseTarget(flags: ConformanceFlags): TargetOptions {
  const { peer = [], tester = [], issuer = [], issue, channel, listen, tls } = flags;
  const kind = kindOf(flags);
  const strayNative = kind === 'native' ? undefined : firstGiven(nativeFlags, flags);
  if (strayNative !== undefined) throw new UsageError(`${strayNative} goes with --target native`);
  const strayDocker = kind === 'docker' ? undefined : firstGiven(dockerFlags, flags);
  if (strayDocker !== undefined) throw new UsageError(`${strayDocker} goes with --target docker`);
  const starts = kind === 'native' || kind === 'docker';
  const strayStarted = starts ? undefined : firstGiven(startedFlags, flags);
  if (strayStarted !== undefined)
    throw new UsageError(`${strayStarted} goes with --target native or --target docker`);
  if (kind !== 'attach') {
    const stray = firstGiven(attachFlags, flags);
    if (stray !== undefined && !(kind === 'docker' && stray === attachFlags.listen)) {
      throw new UsageError(`${stray} goes with --target attach, which needs --peer host:port`);
    }
    if (kind === 'embedded') return { kind, tls };
    const { fabricBin: binaries, timingProfile = 'fast', node: nodes = ['org1.peer0'] } = flags;
    if (kind === 'native') return { kind, tls, binaries, timingProfile, nodes };
    const { fabric = DEFAULT_FABRIC, peerImage, ordererImage } = flags;
    const version = parseFabric(fabric);
    return { kind, tls, version, peerImage, ordererImage, listen, timingProfile, nodes, keep: false };
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
    case 'docker':
      return 'target docker, because --fabric is given';
    case 'embedded':
      return 'target embedded, because no --peer is given: judges our own peers, no Fabric peer';
  }
}
