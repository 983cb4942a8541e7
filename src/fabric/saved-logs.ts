import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FabricError } from './fabric-error';
import type { NetworkNode } from './running-network';

const OWNER_ONLY = 0o600;

/**
 * Keeps the logs of nodes that are about to be taken away, a file each, in a folder for temporary files. Resolves to the
 * error that says where they are; to the same one where there is nothing to keep.
 */
export async function withLogs(error: FabricError, nodes: Iterable<NetworkNode>): Promise<FabricError> {
  const logs = await Promise.all(
    [...nodes].map(async (node) => ({ name: node.name, text: await node.logs().catch(() => '') })),
  );
  const written = logs.filter(({ text }) => text !== '');
  if (written.length === 0) return error;
  try {
    const folder = mkdtempSync(join(tmpdir(), 'gossipspec-logs-'));
    for (const { name, text } of written) {
      writeFileSync(join(folder, `${name}.log`), `${text}\n`, { mode: OWNER_ONLY });
    }
    const { code, message, evidence, cause } = error;
    return new FabricError(code, `${message} All logs are in ${folder}.`, { evidence, cause });
  } catch {
    return error; // There may be no room for them, which is why it failed in the first place.
  }
}
