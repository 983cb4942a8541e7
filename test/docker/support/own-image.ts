import { transform } from '@swc/core';
import Docker from 'dockerode';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pack, type Pack } from 'tar-stream';

const ROOT = join(__dirname, '..', '..', '..');
/** Of the packages that the whole project needs, those that its command line loads to run a peer. */
const PEER_PACKAGES = [
  '@bufbuild/protobuf',
  '@grpc/grpc-js',
  '@hyperledger/fabric-protos',
  '@peculiar/x509',
  'cli-table3',
  'commander',
  'picocolors',
  'reflect-metadata',
  'xmlbuilder2',
  'yaml',
];
const PROGRAM_MODE = 0o755;

/** An image made of what is on this machine: nothing is fetched from anywhere. */
export interface OwnImage {
  readonly name: string;
  /** Has the engine forget it. */
  remove(): Promise<void>;
}

/** A system with this process's own Node and nothing else. */
export async function makeBaseImage(docker = new Docker()): Promise<OwnImage> {
  const repo = `gossipspec-test-${process.pid}-base`;
  await importImage(docker, nodeSystem(), repo);
  return imageNamed(docker, `${repo}:latest`);
}

/** Our own peer on such a base, by docker/peer.Dockerfile. */
export async function makePeerImage(docker = new Docker()): Promise<OwnImage & { readonly base: string }> {
  const base = await makeBaseImage(docker);
  const name = `gossipspec-test-${process.pid}-peer:latest`;
  const stream = await docker.buildImage(await peerContext(), {
    dockerfile: 'docker/peer.Dockerfile',
    buildargs: { BASE: base.name },
    t: name,
    forcerm: true,
  });
  await followed(docker, stream);
  const peer = imageNamed(docker, name);
  return {
    name,
    base: base.name,
    remove: async () => {
      await peer.remove();
      await base.remove();
    },
  };
}

const imageNamed = (docker: Docker, name: string): OwnImage => ({
  name,
  remove: async () => {
    await docker.getImage(name).remove({ force: true });
  },
});

async function importImage(docker: Docker, system: Pack, repo: string): Promise<void> {
  const stream = await docker.importImage(system, {
    repo,
    tag: 'latest',
    changes: 'ENV PATH=/usr/local/bin:/usr/bin:/bin',
  });
  await followed(docker, stream);
}

const followed = (docker: Docker, stream: NodeJS.ReadableStream): Promise<void> =>
  new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, events: readonly { readonly error?: string }[]) => {
      const failure = error ?? events.find((event) => event.error !== undefined)?.error;
      if (failure === undefined) resolve();
      else reject(failure instanceof Error ? failure : new Error(failure));
    });
  });

/** This process's own Node with the libraries that it loads. */
function nodeSystem(): Pack {
  const archive = pack();
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' });
  const paths = [...libraries.matchAll(/(\/\S+\.so\S*)/g)].map(([path]) => path);
  archive.entry({ name: 'usr/local/bin/node', mode: PROGRAM_MODE }, readFileSync(process.execPath));
  for (const path of new Set(paths)) {
    archive.entry({ name: path.slice(1), mode: PROGRAM_MODE }, readFileSync(realpathSync(path)));
  }
  archive.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  archive.finalize();
  return archive;
}

/** What peer.Dockerfile copies: the sources as `npm run build` compiles them, and the packages that a peer loads. */
async function peerContext(): Promise<Pack> {
  const archive = pack();
  const add = (path: string, text: string | Buffer): unknown => archive.entry({ name: path }, text);
  for (const file of ['package.json', 'docker/peer.Dockerfile']) add(file, readFileSync(join(ROOT, file)));
  const sources = ['src', 'conformance', 'docker'].flatMap((folder) => filesBelow(join(ROOT, folder), '.ts'));
  for (const path of sources) {
    const { code } = await transform(readFileSync(path, 'utf8'), {
      filename: path,
      module: { type: 'commonjs' },
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    });
    add(`dist/${relative(ROOT, path).replace(/\.ts$/, '.js')}`, code);
  }
  for (const folder of packagesOf(PEER_PACKAGES)) {
    const name = folder.slice(folder.lastIndexOf('node_modules/'));
    for (const path of filesBelow(folder)) add(join(name, relative(folder, path)), readFileSync(path));
  }
  archive.finalize();
  return archive;
}

/** The folders of packages and of all that they depend on. */
function packagesOf(names: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  const visit = (name: string, from: string): void => {
    const folder = folderOf(name, from);
    if (folder === undefined || folders.has(folder)) return;
    folders.add(folder);
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      readonly dependencies?: Readonly<Record<string, string>>;
    };
    for (const dependency of Object.keys(dependencies)) visit(dependency, folder);
  };
  for (const name of names) visit(name, ROOT);
  return folders;
}

/** Where Node finds a package, be it that its `exports` hide its package.json. */
function folderOf(name: string, from: string): string | undefined {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((path) => isFolder(path));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Files of a package of its own; packages that it brings along are followed by themselves. */
function filesBelow(folder: string, ending = ''): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(path, ending);
    return entry.isFile() && path.endsWith(ending) ? [path] : [];
  });
}
