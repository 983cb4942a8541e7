/** Where to dial or listen. `host`: a name or an IP address, IPv6 without its brackets. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

const ENDPOINT = /^(?:\[(?<bracketed>[^[\]]+)\]|(?<plain>[^[\]:]+)):(?<port>\d{1,5})$/;
const MAX_PORT = 65_535;

/** Reads `host:port` or `[IPv6 address]:port`; undefined where it is neither. */
export function parseEndpoint(endpoint: string): HostAndPort | undefined {
  const parts = ENDPOINT.exec(endpoint)?.groups;
  const host = parts?.['bracketed'] ?? parts?.['plain'];
  const port = Number(parts?.['port']);
  return host === undefined || port > MAX_PORT ? undefined : { host, port };
}

/** The reverse of {@link parseEndpoint}. */
export function formatEndpoint(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
