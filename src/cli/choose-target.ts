import { UsageError, type AtHand, type TargetOptions } from '../../conformance/run-types';

export type TargetKind = TargetOptions['kind'];

/** The flags that say which target is meant. */
export interface TargetFlags {
  readonly target?: TargetKind;
  readonly peer?: readonly string[];
  readonly testNetwork?: string;
  readonly profile?: string;
  readonly fabricBin?: readonly string[];
  readonly fabric?: readonly string[];
  /** With releases, images of these; without, the programs of two --fabric-bin. */
  readonly mixed?: string | true;
  /** Undefined: neither --gate nor --no-gate. */
  readonly gate?: boolean;
}

export interface Choice {
  readonly kind: TargetKind;
  /** The first line of every run: which target and why that one. */
  readonly reason: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const naming =
  'name one: --target docker, --target native (--fabric-bin DIR), or --peer HOST:PORT, --test-network DIR or --profile FILE for a network that is up';

/** Which targets a flag stands for where --target is not given. */
const standsFor: readonly {
  flag: Exclude<keyof TargetFlags, 'target' | 'gate' | 'mixed'>;
  kind: TargetKind;
}[] = [
  { flag: 'peer', kind: 'attach' },
  { flag: 'testNetwork', kind: 'attach' },
  { flag: 'profile', kind: 'attach' },
  { flag: 'fabricBin', kind: 'native' },
  { flag: 'fabric', kind: 'docker' },
];

/** As it is typed: `testNetwork` is --test-network. */
const flagText = (name: string): string => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

/** Why this run is a gate; undefined: it is none. */
function gateReason({ gate }: TargetFlags, env: Env): string | undefined {
  if (gate === true) return '--gate is given';
  return gate === undefined && env['CI'] === 'true' ? 'CI=true (--no-gate: no gate all the same)' : undefined;
}

/**
 * The target that the flags name, or the best that is at hand: Docker, Fabric's programs, our own peers. A gate takes no
 * second best: it must be named a target, and one that tests Fabric. Throws a UsageError.
 */
export async function chooseTarget(
  flags: TargetFlags,
  env: Env,
  atHand: () => Promise<AtHand>,
): Promise<Choice> {
  const named = namedTarget(flags);
  const gate = gateReason(flags, env);
  if (gate !== undefined && named === undefined) {
    throw new UsageError(
      `a gate must be told its target, and none is named; ${naming}. It is a gate because ${gate}`,
    );
  }
  if (gate !== undefined && named?.kind === 'embedded') {
    throw new UsageError(
      `target embedded judges our own peers, no Fabric, so a gate refuses it; ${naming}. It is a gate because ${gate}`,
    );
  }
  return named ?? fallBack(await atHand());
}

function namedTarget(flags: TargetFlags): Choice | undefined {
  const { target } = flags;
  if (target === 'embedded') {
    return {
      kind: target,
      reason: 'target embedded, as --target says: judges our own peers, no Fabric peer',
    };
  }
  if (target !== undefined) return { kind: target, reason: `target ${target}, as --target says` };
  const found = standsFor.find(({ flag }) => flags[flag] !== undefined);
  if (found !== undefined) {
    return { kind: found.kind, reason: `target ${found.kind}, because ${flagText(found.flag)} is given` };
  }
  return typeof flags.mixed === 'string'
    ? { kind: 'docker', reason: 'target docker, because --mixed names releases of Fabric’s images' }
    : undefined;
}

function fallBack({ docker, native }: AtHand): Choice {
  if (docker) return { kind: 'docker', reason: 'target docker, because a Docker engine answers' };
  const noDocker = 'no Docker engine answers';
  if (native) {
    return {
      kind: 'native',
      reason: `target native, because ${noDocker} and Fabric’s peer and orderer are on PATH`,
    };
  }
  return {
    kind: 'embedded',
    reason: `target embedded, because ${noDocker} and PATH has no Fabric peer and orderer: judges our own peers, no Fabric peer`,
  };
}
