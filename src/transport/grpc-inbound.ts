import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls';
import type { Clock, Millis, Timer } from '../ports/clock';
import type { TlsBinding } from '../ports/transport';
import { formatEndpoint, parseEndpoint } from './endpoint';
import { prepareServerTls, remoteCertificate, serverContextOptions, type ServerTls } from './grpc-tls';
import { TransportError, type TransportErrorCode } from './transport-error';

export interface InboundOptions {
  readonly clock: Clock;
  /** Undefined: plaintext. */
  readonly tls: ServerTls | undefined;
  /** A connection that has not begun HTTP/2 by then is dropped (RPC-07). */
  readonly connectionTimeoutMs: Millis;
  /** Told of each TCP connection, before TLS. */
  readonly observer?: { connected(remoteAddress: string): void } | undefined;
}

interface Inbound {
  readonly tcp: Socket;
  readonly setUp: Timer;
  /** Undefined before TLS stands, without TLS, and where the client showed none. */
  remoteCertificate: Uint8Array | undefined;
}

const LISTEN_FAULTS: Readonly<Record<string, readonly [TransportErrorCode, string]>> = {
  EADDRINUSE: ['ADDRESS_IN_USE', 'something listens there already: stop it or take another port'],
  EADDRNOTAVAIL: ['ADDRESS_NOT_AVAILABLE', 'that is no address of this machine'],
  EACCES: ['ADDRESS_DENIED', 'not allowed: take a port above 1023, or run with the right to listen there'],
  ENOTFOUND: ['BAD_ADDRESS', 'the host name does not resolve'],
  EAI_AGAIN: ['BAD_ADDRESS', 'the host name does not resolve'],
};

/**
 * The listening socket and all that come in by it. They are kept here, and TLS is done here, so that a client
 * certificate is asked for without being required and no CAs are named, the certificate of each connection is known
 * whether it verifies or not, and closing closes everything.
 */
export class InboundSockets {
  readonly #options: InboundOptions;
  readonly #begun: (socket: Socket) => void;
  readonly #server: Server;
  readonly #localCertificate: Uint8Array | undefined;
  /** By remote address. */
  readonly #inbound = new Map<string, Inbound>();
  #tls: ServerTls | undefined;

  /** `begun`: takes a socket, its TLS done, on which the client has begun to speak. Throws BAD_CREDENTIALS. */
  constructor(options: InboundOptions, begun: (socket: Socket) => void) {
    this.#options = options;
    this.#begun = begun;
    this.#tls = options.tls;
    this.#localCertificate = options.tls && prepareServerTls(options.tls).localCertificate;
    this.#server = options.tls === undefined ? this.#createPlain() : this.#createSecure(options.tls);
    // The TLS server's own TCP connections come by the same event.
    this.#server.on('connection', (tcp: Socket) => {
      this.#track(tcp);
    });
  }

  /** Listens on host:port; resolves with the one really bound. Rejects with a TransportError. */
  listen(address: string): Promise<string> {
    const wanted = parseEndpoint(address);
    if (wanted === undefined) {
      return Promise.reject(
        new TransportError('BAD_ADDRESS', `Cannot listen on "${address}": not host:port`),
      );
    }
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(listenError(address, error));
      });
      this.#server.listen(wanted.port, wanted.host, () => {
        const bound = this.#server.address();
        resolve(
          bound === null || typeof bound === 'string' ? address : formatEndpoint(bound.address, bound.port),
        );
      });
    });
  }

  /** The certificates of the connection from that remote address; undefined where it is gone. */
  bindingOf(remoteAddress: string): TlsBinding | undefined {
    const inbound = this.#inbound.get(remoteAddress);
    if (inbound === undefined) {
      return undefined;
    }
    return {
      tls: this.#tls !== undefined,
      localCertificate: this.#localCertificate,
      remoteCertificate: inbound.remoteCertificate,
    };
  }

  /** Trusts other client certificates from the next connection on. No-op without TLS. Throws BAD_CREDENTIALS. */
  setClientRoots(clientRoots: readonly string[]): void {
    if (this.#tls !== undefined && this.#server instanceof TlsServer) {
      const tls = { ...this.#tls, clientRoots };
      prepareServerTls(tls);
      this.#server.setSecureContext(serverContextOptions(tls));
      this.#tls = tls;
    }
  }

  /** Stops listening; resolves when every connection is gone. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  /** Breaks every connection. */
  destroy(): void {
    for (const { tcp } of this.#inbound.values()) {
      tcp.destroy();
    }
  }

  #createPlain(): Server {
    return createTcpServer({ noDelay: true }, (socket) => {
      this.#awaitFirstBytes(socket);
    });
  }

  #createSecure(tls: ServerTls): Server {
    const options = {
      ...serverContextOptions(tls),
      noDelay: true,
      requestCert: true,
      rejectUnauthorized: tls.clientAuthRequired === true,
      ALPNProtocols: [...(tls.alpnProtocols ?? ['h2'])],
    };
    return createTlsServer(options, (socket) => {
      const inbound = this.#inbound.get(addressOf(socket));
      // Gone again already.
      if (inbound === undefined) {
        socket.destroy();
        return;
      }
      inbound.remoteCertificate = remoteCertificate(socket);
      socket.on('error', ignore);
      this.#awaitFirstBytes(socket);
    });
  }

  #track(tcp: Socket): void {
    const address = addressOf(tcp);
    this.#options.observer?.connected(address);
    const setUp = this.#options.clock.after(this.#options.connectionTimeoutMs, () => {
      tcp.destroy();
    });
    this.#inbound.set(address, { tcp, setUp, remoteCertificate: undefined });
    tcp.on('error', ignore);
    tcp.once('close', () => {
      setUp.cancel();
      // The address may be another's by now.
      if (this.#inbound.get(address)?.tcp === tcp) {
        this.#inbound.delete(address);
      }
    });
  }

  #awaitFirstBytes(socket: Socket): void {
    socket.once('readable', () => {
      // Readable for its end.
      if (socket.readableLength === 0) {
        socket.destroy();
        return;
      }
      this.#inbound.get(addressOf(socket))?.setUp.cancel();
      this.#begun(socket);
    });
  }
}

/** Spelled as grpc-js spells a call's peer. */
function addressOf(socket: Socket): string {
  return `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
}

/** An error on a socket is followed by its close; without a handler it would end the process. */
function ignore(): void {
  // The close handler does the work.
}

function listenError(address: string, error: Error): TransportError {
  const errno = 'code' in error ? String(error.code) : '';
  const [code, advice] = LISTEN_FAULTS[errno] ?? (['LISTEN_FAILED', error.message] as const);
  return new TransportError(code, `Cannot listen on ${address}: ${advice}`, { cause: error });
}
