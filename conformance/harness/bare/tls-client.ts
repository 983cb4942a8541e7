import { isIP } from 'node:net';
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls';
import type { TlsCredentials } from '../../../src/identity';
import type { Clock, Millis } from '../../../src/ports/clock';
import type { Random } from '../../../src/ports/random';
import { Signal } from '../signal';
import { connectTcp, hostAndPort } from './tcp';
import { clientHello, readServerFlight, type ServerFlight } from './tls-hello';

/** What came on a bare TCP connection, and whether the peer closed it. */
export interface Overheard {
  readonly bytes: Uint8Array;
  readonly closed: boolean;
}

/**
 * Sends bytes over a bare TCP connection and listens until `enough` says so, the peer closes, or time is up. A
 * Violation where nobody listens.
 */
export async function sayAndListen(
  clock: Clock,
  endpoint: string,
  bytes: Uint8Array,
  withinMs: Millis,
  enough: (bytes: Uint8Array) => boolean = () => false,
): Promise<Overheard> {
  const socket = await connectTcp(endpoint);
  const changed = new Signal();
  let heard = Buffer.alloc(0);
  let closed = false;
  socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    changed.notify();
  });
  socket.on('close', () => {
    closed = true;
    changed.notify();
  });
  const deadline = clock.now() + withinMs;
  socket.write(bytes);
  while (!hasClosed() && !enough(heard) && clock.now() < deadline) {
    await changed.wait(clock, deadline - clock.now(), 'an answer to raw bytes');
  }
  socket.destroy();
  return { bytes: heard, closed: hasClosed() };

  function hasClosed(): boolean {
    return closed;
  }
}

/** What a server answers to a ClientHello of this version, up to where the client would have to go on. */
export async function askServerFlight(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  endpoint: string,
  version: number,
  withinMs: Millis,
): Promise<ServerFlight> {
  const chance = Buffer.concat(Array.from({ length: 4 }, () => eightBytes(random.uint64())));
  const { bytes } = await sayAndListen(clock, endpoint, clientHello(version, chance), withinMs, (heard) => {
    const flight = readServerFlight(heard);
    return flight.complete || flight.alert !== undefined;
  });
  return readServerFlight(bytes);
}

function eightBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export interface TlsClientOptions {
  /** What to show; undefined: nothing. */
  readonly shown: TlsCredentials | undefined;
  /** The only version to speak; any from 1.2 by default. */
  readonly version?: SecureVersion;
}

/** Begins TLS as a client that takes any server certificate and offers ALPN `h2`. A Violation where nobody listens. */
export async function beginTls(endpoint: string, { shown, version }: TlsClientOptions): Promise<TLSSocket> {
  const { host } = hostAndPort(endpoint);
  return connectTls({
    socket: await connectTcp(endpoint),
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
    ...(shown === undefined ? {} : { cert: shown.certificateChainPem, key: shown.privateKeyPem }),
  });
}
