import type { Server } from '@grpc/grpc-js';
import { EventEmitter } from 'node:events';
import { constants, type ServerHttp2Session } from 'node:http2';
import type { Clock, Millis } from '../ports/clock';

/** Early pings that are forgiven; the next one is not (grpc-go `maxPingStrikes`). */
const MAX_STRIKES = 2;

interface Record {
  lastMs: Millis;
  strikes: number;
  /** A message went to this client since its last ping, which forgives all strikes. */
  forgiven: boolean;
}

/**
 * Ends connections whose clients send HTTP/2 pings faster than once in `minIntervalMs`, with GOAWAY and the words "too
 * many pings" (RPC-05; grpc-go `http2Server.handlePing`).
 */
export class PingPolicy {
  readonly #clock: Clock;
  readonly #minIntervalMs: Millis;
  /** By remote address. */
  readonly #records = new Map<string, Record>();

  constructor(clock: Clock, minIntervalMs: Millis) {
    this.#clock = clock;
    this.#minIntervalMs = minIntervalMs;
  }

  /** Watches the connections that come to a server from now on. To be called before there are any. */
  watch(server: Server): void {
    for (const http2Server of http2ServersOf(server)) {
      http2Server.on('session', (session: ServerHttp2Session) => {
        this.#watchSession(session);
      });
    }
  }

  /** A message goes to the client at that remote address. */
  sending(remoteAddress: string): void {
    const record = this.#records.get(remoteAddress);
    if (record !== undefined) record.forgiven = true;
  }

  #watchSession(session: ServerHttp2Session): void {
    const { remoteAddress = '', remotePort = 0 } = session.socket;
    const address = `${remoteAddress}:${remotePort}`;
    const record: Record = { lastMs: -Infinity, strikes: 0, forgiven: false };
    this.#records.set(address, record);
    session.on('ping', () => {
      if (!this.#isOneTooMany(record)) return;
      session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
      // Once it is written.
      this.#clock.after(0, () => {
        session.destroy();
      });
    });
    session.once('close', () => {
      if (this.#records.get(address) === record) this.#records.delete(address);
    });
  }

  #isOneTooMany(record: Record): boolean {
    const nowMs = this.#clock.now();
    const isEarly = nowMs < record.lastMs + this.#minIntervalMs;
    record.lastMs = nowMs;
    if (record.forgiven) {
      record.forgiven = false;
      record.strikes = 0;
      return false;
    }
    if (isEarly) record.strikes++;
    return record.strikes > MAX_STRIKES;
  }
}

/** grpc-js shows its HTTP/2 servers to nobody, and has no hook for pings: this looks where it keeps them. */
function http2ServersOf(server: Server): readonly EventEmitter[] {
  const kept: unknown = Reflect.get(server, 'http2Servers');
  const servers = kept instanceof Map ? [...kept.keys()].filter((one) => one instanceof EventEmitter) : [];
  if (servers.length === 0) throw new TypeError('this release of grpc-js keeps its HTTP/2 servers elsewhere');
  return servers;
}
