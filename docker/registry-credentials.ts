import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FabricError } from '../src/fabric/fabric-error';

/** What an engine is given to log in to a registry with, as its API has it. */
export type RegistryCredentials =
  | { readonly username: string; readonly password: string; readonly serveraddress: string }
  | { readonly identitytoken: string; readonly serveraddress: string };

/** Where images live that name no registry, and the name under which `docker login` keeps its credentials. */
const DOCKER_HUB = 'docker.io';
const DOCKER_HUB_LOGIN = 'https://index.docker.io/v1/';
/** In place of a user's name, says that the secret is a token. */
const TOKEN_USER = '<token>';

type Entry = Readonly<Record<string, unknown>>;

/**
 * The user's credentials for the registry of an image, as `docker login` keeps them: in config.json of DOCKER_CONFIG
 * (~/.docker otherwise), or with the credential helper that it names. Undefined where there are none. Rejects with a
 * FabricError BAD_CREDENTIALS where what is there cannot be read.
 */
export async function credentialsFor(
  image: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RegistryCredentials | undefined> {
  const file = join(env['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'config.json');
  const config = readConfig(file);
  const registry = registryOf(image);
  const server = registry === DOCKER_HUB ? DOCKER_HUB_LOGIN : registry;
  const helpers = entryIn(config['credHelpers']);
  const helper = helpers[registry] ?? helpers[server] ?? config['credsStore'];
  if (typeof helper === 'string' && helper !== '') return askHelper(helper, server, env);
  const found = Object.entries(entryIn(config['auths'])).find(([name]) => hostOf(name) === hostOf(server));
  return found && credentialsIn(entryIn(found[1]), server);
}

/** The registry that an image's name begins with, which has a dot, a port, or is localhost; Docker Hub otherwise. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : DOCKER_HUB;
}

/** Credentials are kept under a host, or a URL of it. */
const hostOf = (server: string): string => server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');

function readConfig(file: string): Entry {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return {};
    throw unreadable(file, error);
  }
  try {
    return entryIn(JSON.parse(text));
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): FabricError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FabricError(
    'BAD_CREDENTIALS',
    `The credentials of registries cannot be read from ${file}: ${reason}.`,
    { cause },
  );
}

const entryIn = (value: unknown): Entry =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** An entry of `auths`: a token, or name and password, together in base64 or apart. */
function credentialsIn(entry: Entry, serveraddress: string): RegistryCredentials | undefined {
  const textOf = (name: string): string => (typeof entry[name] === 'string' ? entry[name] : '');
  const identitytoken = textOf('identitytoken');
  if (identitytoken !== '') return { identitytoken, serveraddress };
  const [, username = textOf('username'), password = textOf('password')] =
    /^([^:]*):(.*)$/s.exec(Buffer.from(textOf('auth'), 'base64').toString()) ?? [];
  // What ends a password is no part of it: older clients padded it.
  return username === '' ? undefined : { username, password: password.replace(/\0+$/, ''), serveraddress };
}

/** Asks a program `docker-credential-…`, which takes the server on its standard input. */
function askHelper(
  helper: string,
  server: string,
  env: NodeJS.ProcessEnv,
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${helper}`;
  return new Promise((resolve, reject) => {
    const asked = execFile(program, ['get'], { env, encoding: 'utf8' }, (error, answer) => {
      if (error === null) {
        try {
          resolve(credentialsOfHelper(entryIn(JSON.parse(answer)), server));
        } catch (cause) {
          reject(unreadable(program, cause));
        }
      } else if (/credentials not found/i.test(answer)) resolve(undefined);
      else reject(unreadable(program, answer.trim() === '' ? error : answer.trim()));
    });
    // One that is not there, or ends without reading, is told of above.
    asked.stdin?.on('error', () => undefined);
    asked.stdin?.end(server);
  });
}

function credentialsOfHelper(
  { Username: username, Secret: secret }: Entry,
  server: string,
): RegistryCredentials | undefined {
  if (typeof username !== 'string' || typeof secret !== 'string') return undefined;
  return username === TOKEN_USER
    ? { identitytoken: secret, serveraddress: server }
    : { username, password: secret, serveraddress: server };
}
