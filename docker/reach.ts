import { existsSync } from 'node:fs';
import { connect, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { ContainerAddresses, Engine, EngineNetwork } from './engine';

/** How we and the containers of a network reach each other. */
export interface Reach {
  /** Undefined where containers are dialled at their own addresses; else the engine's host, and what it binds to. */
  readonly published: { readonly host: string; readonly bindIp: string } | undefined;
  /** An address of this machine that the containers can dial; undefined if there is none. */
  readonly ownHost: string | undefined;
}

const BRIDGE_ID_LETTERS = 12;
const LOCALHOST = '127.0.0.1';

/**
 * Containers are dialled directly where the network's bridge is an interface of this machine: nothing stands between
 * then, and they dial us at the bridge's own address. Otherwise (an engine elsewhere, in a virtual machine or without
 * root) through ports published on its host, and they dial us at the address that the engine sees us at.
 */
export async function reachOf(engine: Engine, network: EngineNetwork): Promise<Reach> {
  if (existsSync(`/sys/class/net/br-${network.id.slice(0, BRIDGE_ID_LETTERS)}`)) {
    return { published: undefined, ownHost: network.gateway };
  }
  const bindIp = isLoopback(engine.host) ? LOCALHOST : '';
  const seenAt = engine.remote === undefined ? undefined : await ownAddressTowards(engine.remote);
  return { published: { host: engine.host, bindIp }, ownHost: seenAt ?? firstOutsideAddress() };
}

/** host:port of a container's port. Undefined while it is not on any network. */
export function reachedAt(
  { published }: Reach,
  { byNetwork: [own], published: ports }: ContainerAddresses,
  port: number,
): string | undefined {
  const host = published === undefined ? own : published.host;
  const outer = published === undefined ? port : ports.get(port);
  return host === undefined || outer === undefined ? undefined : `${host}:${outer}`;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.startsWith('127.') || host === '::1';

/** The address of ours that connections to a host come from. Undefined if it does not answer, or is this machine. */
function ownAddressTowards(remote: {
  readonly host: string;
  readonly port: number;
}): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(remote);
    socket.once('error', () => {
      resolve(undefined);
    });
    socket.once('connect', () => {
      const address = socket.localAddress?.replace(/^::ffff:/, '');
      socket.destroy();
      resolve(address === undefined || isLoopback(address) || !isIPv4(address) ? undefined : address);
    });
  });
}

const firstOutsideAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
