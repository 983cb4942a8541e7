import { createServer, type AddressInfo, connect, type Server, type Socket } from 'node:net';

/** Listens on a free port of loopback. */
export function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve(`127.0.0.1:${port}`);
    });
  });
}

/** A TCP connection that the test makes itself. */
export function connected(endpoint: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(portOf(endpoint), '127.0.0.1', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
    socket.resume();
  });
}

/** Stands between a dialler and a server, counts the connections, keeps what the server sends, and can cut them. */
export class Relay {
  readonly fromServer: Buffer[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  endpoint = '';

  private constructor(target: string) {
    this.#server = createServer((inbound) => {
      this.connections++;
      const outbound = connect(portOf(target), '127.0.0.1');
      for (const [socket, other] of [
        [inbound, outbound],
        [outbound, inbound],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
      outbound.on('data', (chunk: Buffer) => this.fromServer.push(chunk));
    });
  }

  static async start(target: string): Promise<Relay> {
    const relay = new Relay(target);
    relay.endpoint = await listening(relay.#server);
    return relay;
  }

  /** Breaks every connection, and goes on listening. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));
}
