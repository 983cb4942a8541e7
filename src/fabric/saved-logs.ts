import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FabricError } from './fabric-error';
import { namesIn, ownFolders } from './own-folders';
import type { NetworkNode } from './running-network';

/** Every folder of logs bears this name and six letters of its own. */
const PREFIX = 'gossipspec-logs-';
const OWNER_ONLY = 0o600;

/**
 * Keeps the logs of nodes that are about to be taken away, a file each, in a folder for its owner alone. Resolves to its
 * path; undefined where there is nothing to keep, or no room for it.
 */
export async function saveLogs(nodes: Iterable<NetworkNode>): Promise<string | undefined> {
  const logs = await Promise.all(
    [...nodes].map(async (node) => ({ name: node.name, text: await node.logs().catch(() => '') })),
  );
  const written = logs.filter(({ text }) => text !== '');
  if (written.length === 0) return undefined;
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), PREFIX));
    for (const { name, text } of written) {
      writeFileSync(join(folder, `${name}.log`), `${text}\n`, { mode: OWNER_ONLY });
    }
    return folder;
  } catch {
    // The disk may be full, which is why they are of interest in the first place.
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
}

/** Keeps the logs of nodes of a network that failed. Resolves to the error, which then says where they are. */
export async function withLogs(error: FabricError, nodes: Iterable<NetworkNode>): Promise<FabricError> {
  const folder = await saveLogs(nodes);
  if (folder === undefined) return error;
  const { code, message, evidence, cause } = error;
  // What a node says of itself need not be a sentence.
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return new FabricError(code, `${sentence} All logs are in ${folder}.`, { evidence, cause });
}

/** Logs that some run has kept. */
export interface LogsLeft {
  readonly path: string;
  /** Whose they are. */
  readonly nodes: readonly string[];
  remove(): void;
}

/** All logs that runs of this user have kept. */
export const leftLogs = (parent = tmpdir()): readonly LogsLeft[] =>
  ownFolders(PREFIX, parent).map((path) => ({
    path,
    nodes: namesIn(path).map((name) => name.replace(/\.log$/, '')),
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  }));
