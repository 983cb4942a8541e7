import { createServer, type Server } from 'node:net';
import type { Random } from '../ports/random';
import { FabricError } from './fabric-error';
import { ORDERER } from './network-plan';
import { usualPorts, type NodePlace, type PortName } from './node-place';

/** Places without the home folder, by node. */
export type NativeAddresses = ReadonlyMap<string, Omit<NodePlace, 'home'>>;

const PORT_NAMES: readonly PortName[] = ['service', 'front', 'operations', 'chaincode', 'admin', 'cluster'];
const TRIES = 32;
/** The node's own number in the last part of its address. */
const FIRST_NODE = 2;
/** Below the ports that systems give to outgoing connections, which could take a node's while it is down. */
const PORT_RANGE = { first: 20_000, last: 32_000 };
const LOCALHOST = '127.0.0.1';
const END_LISTENERS = 'End programs that listen on many of them, and run again.';

/** The first three parts of addresses that hardly anybody uses. */
const anySubnet = (random: Random): string => `127.${64 + random.below(63)}.${random.below(256)}`;

/** The first of so many ports in a row. */
const anyFirstPort = (random: Random, count: number): number =>
  PORT_RANGE.first + random.below(PORT_RANGE.last - PORT_RANGE.first - count);

const noRoomFor = (whom: string): FabricError =>
  new FabricError(
    'NO_ADDRESS',
    `There is no room on loopback for ${whom}: all ports tried are taken. ${END_LISTENERS}`,
  );

/**
 * An address on loopback for each node, with Fabric's usual ports; where the system has 127.0.0.1 alone (macOS), free
 * ports on it. Nothing else of this machine listens there. Rejects with a FabricError NO_ADDRESS.
 */
export async function allocateAddresses(names: readonly string[], random: Random): Promise<NativeAddresses> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const places = addressesIn(anySubnet(random), names);
    const outcome = await tryAll(places);
    if (outcome === 'free') return places;
    if (outcome === 'no such address') break;
  }
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const places = portsFrom(anyFirstPort(random, names.length * PORT_NAMES.length), names);
    if ((await tryAll(places)) === 'free') return places;
  }
  throw noRoomFor('the nodes');
}

/**
 * A place for one node more: ports that nothing on 127.0.0.1 has either, at an address of its own where the system has
 * more than that one. Rejects with a FabricError NO_ADDRESS.
 */
export async function allocatePlace(random: Random): Promise<Omit<NodePlace, 'home'>> {
  const name = 'node';
  const hosts = [`${anySubnet(random)}.${1 + random.below(254)}`, LOCALHOST];
  for (const host of hosts) {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const first = anyFirstPort(random, PORT_NAMES.length);
      const [atHost, atLocalhost] = [portsFrom(first, [name], host), portsFrom(first, [name])];
      const outcomes = [await tryAll(atHost), await tryAll(atLocalhost)];
      if (outcomes.includes('no such address')) break;
      const place = atHost.get(name);
      if (place !== undefined && !outcomes.includes('taken')) return place;
    }
  }
  throw noRoomFor('one node more');
}

function addressesIn(subnet: string, names: readonly string[]): NativeAddresses {
  return new Map(
    names.map((name, index) => {
      const host = `${subnet}.${FIRST_NODE + index}`;
      const ports = usualPorts[name === ORDERER ? 'orderer' : 'peer'];
      return [name, { host, listenHost: host, ports, sans: [host, LOCALHOST, 'localhost'] }];
    }),
  );
}

function portsFrom(first: number, names: readonly string[], host = LOCALHOST): NativeAddresses {
  return new Map(
    names.map((name, index) => {
      const at = (port: PortName): number => first + index * PORT_NAMES.length + PORT_NAMES.indexOf(port);
      const ports = {
        service: at('service'),
        front: at('front'),
        operations: at('operations'),
        chaincode: at('chaincode'),
        admin: at('admin'),
        cluster: at('cluster'),
      };
      const sans = [...new Set([host, LOCALHOST, 'localhost'])];
      return [name, { host, listenHost: host, ports, sans }];
    }),
  );
}

/** Ports of an address of this machine on which nobody listens at this moment. Rejects with a FabricError NO_ADDRESS. */
export async function freePorts(host: string, count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    return await Promise.all(servers.map((server) => anyPort(server, host)));
  } catch (cause) {
    throw new FabricError('NO_ADDRESS', `There is no free port at ${host}. ${END_LISTENERS}`, { cause });
  } finally {
    await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  }
}

const anyPort = (server: Server, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0, exclusive: true }, () => {
      const bound = server.address();
      resolve(bound === null || typeof bound === 'string' ? 0 : bound.port);
    });
  });

type Outcome = 'free' | 'taken' | 'no such address';

async function tryAll(places: NativeAddresses): Promise<Outcome> {
  const outcomes = await Promise.all(
    [...places.values()].flatMap(({ listenHost, ports }) =>
      PORT_NAMES.map((name) => tryPort(listenHost, ports[name])),
    ),
  );
  return (['no such address', 'taken'] as const).find((bad) => outcomes.includes(bad)) ?? 'free';
}

function tryPort(host: string, port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRNOTAVAIL' ? 'no such address' : 'taken');
    });
    server.listen({ host, port, exclusive: true }, () =>
      server.close(() => {
        resolve('free');
      }),
    );
  });
}
