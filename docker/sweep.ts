import { Engine, type Labelled } from './engine';
import { KEEP_LABEL, OWNER_LABEL, ownerIn, ownerState, RUN_LABEL, type Owner } from './labels';
import { removeRun } from './removal';

/** A run of which an engine still has something. */
export interface DockerRunLeft {
  readonly id: string;
  readonly owner: Owner | undefined;
  /**
   * `running`: its process is at work. `abandoned`: that has ended and left this. `kept`: that was asked to leave it.
   * `elsewhere`: of another machine or user, so that nobody knows.
   */
  readonly state: 'running' | 'abandoned' | 'kept' | 'elsewhere';
  /** Names of its containers and networks. */
  readonly containers: readonly string[];
  readonly networks: readonly string[];
}

/** All runs of which an engine has something. Rejects with a FabricError. */
export async function listDockerRuns(engine?: Engine): Promise<readonly DockerRunLeft[]> {
  const asked = engine ?? (await Engine.connect());
  const [containers, networks] = await Promise.all([
    asked.containersWith(RUN_LABEL),
    asked.networksWith(RUN_LABEL),
  ]);
  const ids = new Set([...containers, ...networks].map(({ labels }) => labels[RUN_LABEL] ?? ''));
  const namesOf = (id: string, all: readonly Labelled[]): readonly string[] =>
    all.filter(({ labels }) => labels[RUN_LABEL] === id).map(({ name }) => name);
  return [...ids].map((id) => {
    const [one] = [...containers, ...networks].filter(({ labels }) => labels[RUN_LABEL] === id);
    const owner = ownerIn(one?.labels[OWNER_LABEL]);
    return {
      id,
      owner,
      state: stateOf(owner, one?.labels[KEEP_LABEL] !== undefined),
      containers: namesOf(id, containers),
      networks: namesOf(id, networks),
    };
  });
}

function stateOf(owner: Owner | undefined, isKept: boolean): DockerRunLeft['state'] {
  const state = ownerState(owner);
  if (state !== 'gone') return state;
  return isKept ? 'kept' : 'abandoned';
}

export interface SweepOptions {
  /** The usual one if not given. */
  readonly engine?: Engine;
  /** Tells what would be removed, and removes nothing. */
  readonly dryRun?: boolean;
  /** Takes away what was kept on purpose, too. */
  readonly kept?: boolean;
}

/**
 * Removes what runs of this user on this machine have left on an engine and nothing else. Resolves to those runs.
 * Rejects with a FabricError.
 */
export async function sweepDockerRuns(options: SweepOptions = {}): Promise<readonly DockerRunLeft[]> {
  const engine = options.engine ?? (await Engine.connect());
  const runs = await listDockerRuns(engine);
  const left = runs.filter(
    ({ state }) => state === 'abandoned' || (state === 'kept' && options.kept === true),
  );
  if (options.dryRun !== true) await Promise.all(left.map(({ id }) => removeRun(engine, id)));
  return left;
}
