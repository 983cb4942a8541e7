import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Clock, Millis } from '../../../src/ports/clock';

/** One TCP connection that a mute server took. Times are monotonic. */
export interface MuteVisit {
  readonly atMs: Millis;
  closedAtMs: Millis | undefined;
}

/** Takes TCP connections, and says nothing on them: neither TLS nor HTTP/2 gets anywhere. */
export class MuteServer implements AsyncDisposable {
  /** In the order in which they came. */
  readonly visits: MuteVisit[] = [];

  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #host: string;

  private constructor(clock: Clock, host: string) {
    this.#host = host;
    this.#server = createServer((socket) => {
      const visit: MuteVisit = { atMs: clock.now(), closedAtMs: undefined };
      this.visits.push(visit);
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        visit.closedAtMs = clock.now();
        this.#sockets.delete(socket);
      });
      // What is not read hides the end behind it.
      socket.resume();
    });
  }

  /** Listens on a free port of `host`. Rejects where the address cannot be had. */
  static listen(clock: Clock, host: string): Promise<MuteServer> {
    const mute = new MuteServer(clock, host);
    return new Promise((resolve, reject) => {
      mute.#server.once('error', reject);
      mute.#server.listen(0, host, () => {
        resolve(mute);
      });
    });
  }

  /** host:port. */
  get address(): string {
    return `${this.#host}:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Stops listening and breaks every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
