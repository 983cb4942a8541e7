import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { UsageError } from '../../run-types';
import type { DescribedNetwork } from './network-description';

/** Where releases of fabric-samples have the services of test-network, and its third organisation. */
const COMPOSE_FILES = [
  'compose/compose-test-net.yaml',
  'compose/docker/docker-compose-test-net.yaml',
  'docker/docker-compose-test-net.yaml',
  'addOrg3/compose/compose-org3.yaml',
  'addOrg3/docker/docker-compose-org3.yaml',
];
/** The ports that fabric-samples documents. */
const USUAL_PORTS: Readonly<Record<string, number>> = {
  'peer0.org1.example.com': 7051,
  'peer0.org2.example.com': 9051,
  'peer0.org3.example.com': 11051,
};
const CORE_YAMLS = ['compose/docker/peercfg/core.yaml', 'docker/peercfg/core.yaml'];
/** Where a service is published if the compose file names no address. */
const PUBLISHED = '127.0.0.1';

/**
 * Reads the folder of fabric-samples' test-network, which is up: its peers where docker-compose publishes them, and the
 * CAs of its organisations to issue testers from, as network.sh makes them with cryptogen. Throws a UsageError that says
 * what is missing.
 */
export function readTestNetwork(dir: string): DescribedNetwork {
  const organisations = join(dir, 'organizations', 'peerOrganizations');
  const domains = foldersIn(organisations);
  if (domains.length === 0) {
    throw new UsageError(
      `${organisations} has no organisation: is ${dir} fabric-samples’ test-network, and is it up (./network.sh up createChannel)?`,
    );
  }
  const published = publishedPorts(dir);
  const names = domains.flatMap((domain) => foldersIn(join(organisations, domain, 'peers')));
  const peers = names.flatMap((name) => {
    const usual = USUAL_PORTS[name];
    return published.get(name) ?? (usual === undefined ? [] : `${PUBLISHED}:${usual}`);
  });
  if (peers.length === 0) {
    throw new UsageError(
      `no port is known of ${names.join(', ') || 'any peer'}: ${COMPOSE_FILES[0] ?? ''} in ${dir} does not publish it; name it with --peer HOST:PORT`,
    );
  }
  const issuers = domains.map((domain) => join(organisations, domain)).filter(hasCaKeys);
  if (issuers.length === 0) {
    throw new UsageError(
      `${organisations} has no CA keys (ca/priv_sk and tlsca/priv_sk, as network.sh makes them without -ca): name a tester with --tester DIR`,
    );
  }
  return {
    peers,
    testers: [],
    issuers,
    channel: channelOf(dir),
    listen: undefined,
    tls: true,
    timing: {
      coreYaml: CORE_YAMLS.map((file) => join(dir, file)).find((file) => existsSync(file)),
      overrides: {},
    },
    fabricVersion: undefined,
  };
}

const hasCaKeys = (organisation: string): boolean =>
  ['ca', 'tlsca'].every((ca) => filesIn(join(organisation, ca)).some((file) => file.endsWith('_sk')));

/** network.sh leaves the first block of each channel that it makes. */
function channelOf(dir: string): string | undefined {
  const blocks = filesIn(join(dir, 'channel-artifacts')).filter((file) => file.endsWith('.block'));
  return blocks.map((file) => file.slice(0, -'.block'.length)).find((name) => name !== 'genesis');
}

/** host:port at which this machine has the peers' listeners, by service. */
function publishedPorts(dir: string): ReadonlyMap<string, string> {
  const services = COMPOSE_FILES.map((file) => join(dir, file))
    .filter((file) => existsSync(file))
    .flatMap(servicesOf);
  return new Map(
    services.flatMap(([name, service]) => {
      const address = addressOf(service);
      return address === undefined ? [] : [[name, address]];
    }),
  );
}

type Service = Readonly<Record<string, unknown>>;

function servicesOf(file: string): readonly (readonly [string, Service])[] {
  let compose: unknown;
  try {
    compose = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${String(error)}`, { cause: error });
  }
  const services: unknown = isMap(compose) ? compose['services'] : undefined;
  if (!isMap(services)) return [];
  return Object.entries(services).flatMap(([name, service]) =>
    isMap(service) ? [[name, service] as const] : [],
  );
}

/** Of the published ports, that of the address on which the peer says that it is called. */
function addressOf({ environment, ports }: Service): string | undefined {
  const own = /:(\d+)$/.exec(settingOf(environment, 'CORE_PEER_ADDRESS') ?? '')?.[1];
  const published = (Array.isArray(ports) ? ports : []).flatMap((port: unknown) => {
    const [, host, outside, inside] = /^(?:([\d.]+):)?(\d+):(\d+)(?:\/tcp)?$/.exec(String(port)) ?? [];
    return outside === undefined ? [] : [{ host, outside, inside }];
  });
  const found = published.find(({ inside }) => inside === own);
  if (found === undefined) return undefined;
  const { host = PUBLISHED, outside } = found;
  return `${host === '0.0.0.0' ? PUBLISHED : host}:${outside}`;
}

/** A variable of a service, whose environment is a list of assignments or a map. */
function settingOf(environment: unknown, name: string): string | undefined {
  if (Array.isArray(environment)) {
    const prefix = `${name}=`;
    const line = environment.map(String).find((one) => one.startsWith(prefix));
    return line?.slice(prefix.length);
  }
  const value = isMap(environment) ? environment[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}
