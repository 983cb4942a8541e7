import { pack } from 'tar-stream';

/** Keys are for their owner alone. */
const KEY_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** A tar archive of text files, by paths relative to a folder of its own, root's throughout. */
export async function archiveOf(folder: string, files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack();
  // Folders that no entry describes are made open to everybody.
  for (const name of foldersOf(folder, Object.keys(files)))
    archive.entry({ name, type: 'directory', mode: FOLDER_MODE });
  for (const [name, text] of Object.entries(files)) {
    archive.entry({ name: `${folder}/${name}`, mode: KEY_MODE }, text);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The folder and all that paths in it pass through, outer ones first. */
function foldersOf(folder: string, paths: readonly string[]): readonly string[] {
  const inner = paths.flatMap((path) => {
    const parts = path.split('/').slice(0, -1);
    return parts.map((_, index) => [folder, ...parts.slice(0, index + 1)].join('/'));
  });
  return [...new Set([folder, ...inner.sort()])];
}
