import { lstatSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** What is in a folder; nothing where it cannot be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * Paths of this user's folders in a shared one whose names begin so. Those of others are none of ours, whatever their
 * name.
 */
export function ownFolders(prefix: string, parent: string): readonly string[] {
  const { uid } = userInfo();
  return namesIn(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name))
    .filter((path) => isFolderOf(path, uid));
}

function isFolderOf(path: string, uid: number): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isDirectory() && (uid < 0 || stat.uid === uid);
  } catch {
    return false;
  }
}
