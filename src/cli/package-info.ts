import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface PackageInfo {
  readonly name: string;
  readonly version: string;
}

/** Name and version from the package.json above this file, be it in the sources or in what was built of them. */
export function packageInfo(): PackageInfo {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error(`no package.json above ${__dirname}`);
    folder = dirname(folder);
  }
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageInfo;
  return { name, version };
}
