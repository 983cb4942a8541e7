import { createServer, type Server, type Socket } from 'node:net';
import { parseEndpoint, TransportError } from '../../transport';

/** So many connections at once; peers have two or three with each other. */
const MAX_CONNECTIONS = 256;

/** Listens where others believe a peer to be. */
export class Front {
  readonly #server: Server;

  private constructor(accept: (tcp: Socket) => void) {
    this.#server = createServer({ noDelay: true }, accept);
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Rejects with a TransportError. */
  static listen(endpoint: string, accept: (tcp: Socket) => void): Promise<Front> {
    const front = new Front(accept);
    const { host, port } = parseEndpoint(endpoint) ?? {};
    return new Promise((resolve, reject) => {
      front.#server.once('error', (cause) => {
        reject(
          new TransportError('LISTEN_FAILED', `Cannot listen on ${endpoint}: ${cause.message}`, { cause }),
        );
      });
      front.#server.listen({ host, port }, () => {
        resolve(front);
      });
    });
  }

  /** host:port really bound. */
  get address(): string {
    const bound = this.#server.address();
    return bound === null || typeof bound === 'string' ? '' : `${bound.address}:${bound.port}`;
  }

  /** Resolves when it listens no more and every connection is gone. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}
