import type { CheckResult } from '../../src/report/model';
import { needsExplaining } from '../../src/report/verdict';
import type { NodeLogs } from './target';

/**
 * Keeps the nodes' logs where they may say why a run did not end well. Resolves to their folder; undefined where all is
 * well, or they cannot be kept, which `note` is told.
 */
export async function keepIfWorth(
  logs: NodeLogs | undefined,
  results: readonly CheckResult[],
  note: (line: string) => void,
): Promise<string | undefined> {
  if (logs === undefined || !(logs.nodeDied() || needsExplaining(results))) return undefined;
  const folder = await logs.save();
  if (folder === undefined) note('the logs of the nodes cannot be kept');
  return folder;
}
