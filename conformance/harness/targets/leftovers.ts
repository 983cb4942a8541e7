import { leftRuns } from '../../../src/fabric/native-run-folder';

/**
 * Removes what earlier runs have left, networks that were kept included; with `dryRun` only finds it. Yields what each
 * is, in words, once it is gone.
 */
export function* removeLeftovers(dryRun: boolean): Generator<string> {
  yield* nativeLeftovers(dryRun);
}

function* nativeLeftovers(dryRun: boolean): Generator<string> {
  for (const folder of leftRuns()) {
    const processes = folder.processes().map(({ node, pid }) => `${node} (process ${pid})`);
    const running = processes.length === 0 ? 'no node of it runs' : processes.join(', ');
    const what = folder.isKept ? 'a network that was kept' : 'a network of a run that was killed';
    if (!dryRun) {
      folder.killAll();
      folder.remove();
    }
    yield `${folder.path}, ${what}: ${running}`;
  }
}
