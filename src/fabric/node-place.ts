import type { HostPort } from './channel-profile';

/** The listeners that nodes have; `front` is that of whatever stands between a peer and the others. */
export type PortName = 'service' | 'front' | 'operations' | 'chaincode' | 'admin' | 'cluster';

/** Where a node lives: an address of this machine, or a container. */
export interface NodePlace {
  /** Name or address by which the other nodes reach it. */
  readonly host: string;
  /** Address that it listens on. */
  readonly listenHost: string;
  readonly ports: Readonly<Record<PortName, number>>;
  /** Where others are told to reach its service, where something stands in front of that. */
  readonly front?: HostPort | undefined;
  /** Names and addresses that its TLS certificate is valid for, besides its own name. */
  readonly sans: readonly string[];
  /** Absolute path, as the node sees it, of the folder with its files; it holds its ledger too. */
  readonly home: string;
}

export type NodeKind = 'peer' | 'orderer';

/** Where nodes that have an address of their own listen: Fabric's usual ports. */
export const usualPorts: Readonly<Record<NodeKind, Readonly<Record<PortName, number>>>> = {
  peer: { service: 7051, front: 7061, chaincode: 7052, operations: 9443, admin: 9444, cluster: 7055 },
  orderer: { service: 7050, front: 7060, chaincode: 7052, operations: 8443, admin: 9443, cluster: 7055 },
};

/** Where the other nodes reach its service. */
export const advertisedAt = ({ front, host, ports }: NodePlace): HostPort =>
  front ?? { host, port: ports.service };

/** The same as host:port. */
export const advertisedAddress = (place: NodePlace): string => {
  const { host, port } = advertisedAt(place);
  return `${host}:${port}`;
};

/** The host of host:port. */
export const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'));

export const addressAt = (host: string, place: Pick<NodePlace, 'ports'>, port: PortName): string =>
  `${host}:${place.ports[port]}`;
