import { listDockerRuns, RUN_LABEL, sweepDockerRuns } from '../../../docker';
import { FabricError } from '../../../src/fabric/fabric-error';
import { leftRuns } from '../../../src/fabric/run-folder';
import { leftLogs } from '../../../src/fabric/saved-logs';

/**
 * Removes what earlier runs have left, kept networks and logs included; with `dryRun` only finds it. Yields what each
 * is, in words, once it is gone. Rejects with a FabricError where an engine does not do what it is asked.
 */
export async function* removeLeftovers(dryRun: boolean): AsyncGenerator<string> {
  yield* nativeLeftovers(dryRun);
  yield* keptLogs(dryRun);
  for (const { id, state, containers, networks } of await dockerLeftovers(dryRun)) {
    const what = [...containers, ...networks].join(', ');
    yield `run ${id} in containers, ${wordsFor(state === 'kept')}: ${what}`;
  }
}

const wordsFor = (isKept: boolean): string => (isKept ? 'which was kept' : 'which was killed');

function* nativeLeftovers(dryRun: boolean): Generator<string> {
  for (const folder of leftRuns()) {
    const { path, isKept } = folder;
    const processes = folder.processes().map(({ node, pid }) => `${node} (process ${pid})`);
    if (!dryRun) {
      folder.killAll();
      folder.remove();
    }
    const running = processes.length === 0 ? 'no process of it runs' : processes.join(', ');
    yield `run ${path}, ${wordsFor(isKept)}: ${running}`;
  }
}

function* keptLogs(dryRun: boolean): Generator<string> {
  for (const logs of leftLogs()) {
    if (!dryRun) logs.remove();
    yield `logs ${logs.path}, of ${logs.nodes.join(', ')}`;
  }
}

/**
 * Runs on the engine of which nobody here can know whether they are over, in words that say how to remove them. Rejects as
 * {@link removeLeftovers} does.
 */
export async function runsOfOthers(): Promise<readonly string[]> {
  const runs = await unlessNoEngine(listDockerRuns());
  return runs
    .filter(({ state }) => state === 'elsewhere')
    .map(({ id, owner }) => {
      const whose = owner === undefined ? 'nobody who is known' : `${owner.user} on ${owner.space}`;
      const filter = `--filter label=${RUN_LABEL}=${id}`;
      return `run ${id} in containers, of ${whose}; where that is over: docker rm -fv $(docker ps -aq ${filter}); docker network prune -f ${filter}`;
    });
}

const dockerLeftovers = (dryRun: boolean): ReturnType<typeof sweepDockerRuns> =>
  unlessNoEngine(sweepDockerRuns({ dryRun, kept: true }));

/** Where no engine answers there is nothing of ours. */
async function unlessNoEngine<T>(asked: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof FabricError && error.code === 'NO_ENGINE') return [];
    throw error;
  }
}
