import { type CallCredentials, ChannelCredentials, credentials } from '@grpc/grpc-js';
import { isIP, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { TlsBinding } from '../ports/transport';
import { checkServerName, type PreparedClientTls, remoteCertificate } from './grpc-tls';

/** How far a dial got: 'http2' means that TCP, and TLS if on, stand. */
export type DialStage = 'tcp' | 'tls' | 'http2';

interface Upgraded {
  readonly socket: Socket;
  readonly secure: boolean;
}

/**
 * The one socket of an outbound connection. grpc-js opens TCP and hands it over; this does TLS on it and keeps it, so
 * that the server's certificate is known before anything is sent, a failure is told in full, and closing is closing.
 */
export class ClientLink {
  readonly #host: string;
  readonly #tls: PreparedClientTls | undefined;
  #stage: DialStage = 'tcp';
  #failure: Error | undefined;
  #socket: Socket | undefined;
  #remoteCertificate: Uint8Array | undefined;
  #destroyed = false;

  /** `host`: the name or address dialled, which the server's certificate must be for. `tls` undefined: plaintext. */
  constructor(host: string, tls: PreparedClientTls | undefined) {
    this.#host = host;
    this.#tls = tls;
  }

  get stage(): DialStage {
    return this.#stage;
  }

  /** What went wrong on the socket. Undefined where TCP did not even connect: grpc-js knows why. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  get binding(): TlsBinding {
    return {
      tls: this.#tls !== undefined,
      localCertificate: this.#tls?.localCertificate,
      remoteCertificate: this.#remoteCertificate,
    };
  }

  credentials(): ChannelCredentials {
    return new LinkCredentials(this.#tls !== undefined, (tcp) => this.#upgrade(tcp));
  }

  /** Calls `closed` once the socket is gone; there must be one. */
  onceClosed(closed: () => void): void {
    this.#socket?.once('close', closed);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#socket?.destroy();
  }

  async #upgrade(tcp: Socket): Promise<Upgraded> {
    // grpc-js would reconnect for a call on a lost connection; one link is one connection (RPC-08).
    if (this.#socket !== undefined || this.#destroyed) {
      throw new Error('the connection is gone');
    }
    this.#keep(tcp);
    if (this.#tls === undefined) {
      this.#stage = 'http2';
      return { socket: tcp, secure: false };
    }
    this.#stage = 'tls';
    const socket = await this.#handshake(tcp, this.#tls);
    this.#stage = 'http2';
    return { socket, secure: true };
  }

  #handshake(tcp: Socket, tls: PreparedClientTls): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({
        socket: tcp,
        host: this.#host,
        // An IP address is no server name (RFC 6066), but is still checked against the SANs.
        ...(isIP(this.#host) === 0 ? { servername: this.#host } : {}),
        secureContext: tls.context,
        ALPNProtocols: ['h2'],
        rejectUnauthorized: tls.verifyServer,
        checkServerIdentity: checkServerName,
      });
      this.#keep(socket);
      socket.once('error', reject);
      socket.once('close', () => {
        reject(new Error('closed during the TLS handshake'));
      });
      socket.once('secureConnect', () => {
        this.#remoteCertificate = remoteCertificate(socket);
        if (socket.alpnProtocol === 'h2') {
          resolve(socket);
        } else {
          // Before rejecting: grpc-js then destroys the TCP socket, and Node crashes if TLS still stands on it.
          socket.destroy(new Error('no HTTP/2: the server does not negotiate ALPN "h2"'));
        }
      });
    });
  }

  /** Remembers the socket and what goes wrong on it. A socket without an error handler would end the process. */
  #keep(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', (error) => {
      this.#failure ??= error;
    });
  }
}

/**
 * Credentials that leave TLS to a link. The only place that overrides what grpc-js declares with an underscore: its
 * public credentials hide a certificate that does not verify, and say only "failed to connect" of what went wrong.
 */
class LinkCredentials extends ChannelCredentials {
  readonly #secure: boolean;
  readonly #upgrade: (tcp: Socket) => Promise<Upgraded>;

  constructor(secure: boolean, upgrade: (tcp: Socket) => Promise<Upgraded>) {
    super();
    this.#secure = secure;
    this.#upgrade = upgrade;
  }

  override _isSecure(): boolean {
    return this.#secure;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(): {
    connect(tcp: Socket): Promise<Upgraded>;
    waitForReady(): Promise<void>;
    getCallCredentials(): CallCredentials;
    destroy(): void;
  } {
    return {
      connect: (tcp) => this.#upgrade(tcp),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => credentials.createEmpty(),
      destroy: () => undefined,
    };
  }
}
