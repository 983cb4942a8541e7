import { UsageError, type TargetOptions } from '../../conformance/run-types';
import type { TargetKind } from './choose-target';
import { isTagged, olderFirst } from '../fabric/release';
import type { ConformanceFlags } from './conformance-flags';
import { parseTimingProfile, refuseTimingProfile } from './timing-flag';

type Options<Kind extends TargetKind> = Extract<TargetOptions, { kind: Kind }>;

/** Flags that say something about the network, and the targets that they go with. */
const flagsOfTargets: readonly {
  readonly name: keyof ConformanceFlags;
  readonly flag: string;
  readonly kinds: readonly TargetKind[];
}[] = [
  { name: 'fabricBin', flag: '--fabric-bin', kinds: ['native'] },
  { name: 'mixed', flag: '--mixed', kinds: ['native', 'docker'] },
  { name: 'fabric', flag: '--fabric', kinds: ['docker'] },
  { name: 'peerImage', flag: '--peer-image', kinds: ['docker'] },
  { name: 'ordererImage', flag: '--orderer-image', kinds: ['docker'] },
  { name: 'node', flag: '--node', kinds: ['native', 'docker'] },
  { name: 'keep', flag: '--keep', kinds: ['native', 'docker'] },
  { name: 'peer', flag: '--peer', kinds: ['attach'] },
  { name: 'testNetwork', flag: '--test-network', kinds: ['attach'] },
  { name: 'profile', flag: '--profile', kinds: ['attach'] },
  { name: 'tester', flag: '--tester', kinds: ['attach'] },
  { name: 'issuer', flag: '--issuer', kinds: ['attach'] },
  { name: 'channel', flag: '--channel', kinds: ['attach'] },
  { name: 'listen', flag: '--listen', kinds: ['attach', 'docker'] },
  { name: 'coreYaml', flag: '--core-yaml', kinds: ['attach'] },
  { name: 'timing', flag: '--timing', kinds: ['attach', 'native', 'docker'] },
  { name: 'fabricVersion', flag: '--fabric-version', kinds: ['attach'] },
];

/** What a target lacks that goes by these flags. */
const needed: Partial<Record<TargetKind, string>> = {
  attach: ', which needs --peer host:port, --test-network DIR or --profile FILE',
};

/** Which release of Fabric a network in containers is of, where nobody says. */
const DEFAULT_FABRIC = '2.5.16';

/** The networks to judge one after the other, as the flags describe them. Throws a UsageError. */
export function parseTargets(kind: TargetKind, flags: ConformanceFlags): readonly TargetOptions[] {
  const stray = flagsOfTargets.find(({ name, kinds }) => flags[name] !== undefined && !kinds.includes(kind));
  if (stray !== undefined) {
    const fitting = stray.kinds.map((one) => `--target ${one}`).join(' or ');
    const [only] = stray.kinds.length === 1 ? stray.kinds : [];
    throw new UsageError(`${stray.flag} goes with ${fitting}${(only && needed[only]) ?? ''}`);
  }
  switch (kind) {
    case 'embedded':
      return [{ kind, tls: flags.tls }];
    case 'native':
      return parseNative(flags);
    case 'docker':
      return parseDocker(flags);
    case 'attach':
      return [parseAttach(flags)];
  }
}

/** The peers to judge; of mixed versions, the first two of an organisation are of one each. */
const nodesOf = ({ node, mixed }: ConformanceFlags): readonly string[] =>
  node ?? (mixed === undefined ? ['org1.peer0'] : ['org1.peer0', 'org1.peer1']);

function parseNative(flags: ConformanceFlags): readonly TargetOptions[] {
  const { tls, fabricBin: folders = [], mixed, keep = false } = flags;
  const [nodes, timingProfile] = [nodesOf(flags), parseTimingProfile(flags.timing)];
  const target = (binaries: readonly string[]): Options<'native'> => {
    return { kind: 'native', tls, binaries, timingProfile, nodes, keep };
  };
  if (typeof mixed === 'string')
    throw new UsageError(
      `--mixed ${mixed} names releases of images, which go with --target docker; programs are mixed by --mixed alone and two --fabric-bin`,
    );
  if (mixed === undefined)
    return folders.length === 0 ? [target([])] : folders.map((folder) => target([folder]));
  if (folders.length !== 2)
    throw new UsageError('--mixed needs two folders of programs: give --fabric-bin twice');
  return [target(folders)];
}

/** A release such as 2.5.16, or a line of them such as 2.5, as images are tagged. */
function parseFabric(flag: string, text: string): string {
  if (/^\d+\.\d+(\.\d+)?([-.][\w.]+)?$/.test(text)) return text;
  throw new UsageError(`${flag} "${text}" is no version of Fabric, such as 2.5.16 or 3.1`);
}

function parseDocker(flags: ConformanceFlags): readonly TargetOptions[] {
  const { tls, mixed, peerImage, ordererImage, listen, keep = false } = flags;
  const [nodes, timingProfile] = [nodesOf(flags), parseTimingProfile(flags.timing)];
  const networks =
    mixed === undefined
      ? (flags.fabric ?? [DEFAULT_FABRIC]).map((version) => [parseFabric('--fabric', version)])
      : [mixedReleases(mixed, flags)];
  const rest = { tls, peerImage, ordererImage, listen, timingProfile, nodes, keep };
  return networks.map((versions) => ({ kind: 'docker', versions, ...rest }));
}

/** The releases of --mixed, the older first. */
function mixedReleases(
  mixed: string | true,
  { fabric, peerImage, ordererImage }: ConformanceFlags,
): readonly string[] {
  if (fabric !== undefined)
    throw new UsageError(
      '--fabric judges releases one after the other, --mixed in one network: give one of them',
    );
  const releases = mixed === true ? [] : mixed.split(',').map((one) => parseFabric('--mixed', one.trim()));
  if (releases.length !== 2 || new Set(releases).size !== 2)
    throw new UsageError('--mixed with images needs two releases, such as --mixed 2.5.16,3.1.5');
  const tagged = [peerImage, ordererImage].find((image) => image !== undefined && isTagged(image));
  if (tagged !== undefined)
    throw new UsageError(`${tagged} has a tag already: --mixed tags an image with either release`);
  return releases.sort(olderFirst);
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

function parseAttach(flags: ConformanceFlags): Options<'attach'> {
  const { peer = [], tester = [], issuer: issuers = [], issue, channel, listen, tls } = flags;
  const { testNetwork, profile } = flags;
  refuseTimingProfile(flags.timing);
  if (testNetwork !== undefined && profile !== undefined) {
    throw new UsageError('--test-network and --profile both describe the network: give one of them');
  }
  const described =
    testNetwork !== undefined
      ? ({ kind: 'test-network', path: testNetwork } as const)
      : profile && ({ kind: 'profile', path: profile } as const);
  if (peer.length === 0 && !described) {
    throw new UsageError(
      '--target attach needs at least one --peer host:port, or --test-network DIR or --profile FILE',
    );
  }
  if (!issue && issuers.length > 0) throw new UsageError('--issuer and --no-issue contradict each other');
  const [peers, testers] = [peer.map(parsePeer), tester.map(parseTester)];
  return {
    kind: 'attach',
    described: described || undefined,
    peers,
    testers,
    issuers,
    issue,
    channel,
    listen,
    tls,
  };
}
