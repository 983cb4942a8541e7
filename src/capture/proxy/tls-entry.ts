import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { FrontCertificate } from '../../ports/between';
import { serverContextOptions } from '../../transport/grpc-tls';

/**
 * Does TLS as a peer's server, on connections that come from elsewhere. It asks for a client certificate and takes any,
 * or none, and names no CAs, as a peer does (TLS-03, TLS-07).
 */
export class TlsEntry {
  readonly #server: Server;
  /** By remote address, from the TCP connection to the end of its handshake. */
  readonly #waiting = new Map<string, (socket: TLSSocket) => void>();

  constructor({ certificateChainPem: certificate, privateKeyPem: key }: FrontCertificate) {
    this.#server = createServer({
      ...serverContextOptions({ keyPair: { certificate, key } }),
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    this.#server.on('secureConnection', (socket) => {
      this.#waiting.get(addressOf(socket))?.(socket);
    });
    // Whoever gives up in the middle closes its socket.
    this.#server.on('tlsClientError', (_error, socket) => {
      socket.destroy();
    });
  }

  /** Calls `done` when TLS stands; what fails closes the socket. */
  secure(tcp: Socket, done: (socket: TLSSocket) => void): void {
    const address = addressOf(tcp);
    this.#waiting.set(address, (socket) => {
      this.#waiting.delete(address);
      done(socket);
    });
    tcp.once('close', () => this.#waiting.delete(address));
    this.#server.emit('connection', tcp);
  }
}

const addressOf = ({ remoteAddress = '', remotePort = 0 }: Socket): string =>
  `${remoteAddress}:${remotePort}`;
