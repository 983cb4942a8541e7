import type { Clock, Millis } from '../ports/clock';
import type { Dialling, DialResult, Listener, StreamAcceptor, Transport } from '../ports/transport';
import { GrpcDialer, type RouteOf } from './grpc-dialer';
import { GrpcListener } from './grpc-server';
import type { GrpcSettings } from './grpc-settings';
import type { TlsKeyPair } from './grpc-tls';

/** A peer's TLS, as `peer.tls.*` sets it up. Certificates, keys and roots are PEM. */
export interface PeerTls {
  /** `peer.tls.cert` and `peer.tls.key`. */
  readonly server: TlsKeyPair;
  /** `peer.tls.clientCert` and `peer.tls.clientKey`; the server's where there is none (TLS-06). */
  readonly client?: TlsKeyPair;
  /** `peer.tls.rootcert` and the TLS roots of the channels' organisations: what servers dialled must lead to (TLS-04). */
  readonly serverRoots: readonly string[];
  /** `peer.tls.clientAuthRequired`: whether clients must lead to `clientRoots`; false by default (TLS-03). */
  readonly clientAuthRequired?: boolean;
  /** `peer.tls.clientRootCAs` and the TLS roots of the channels' organisations. */
  readonly clientRoots?: readonly string[];
}

export interface GrpcTransportOptions {
  readonly clock: Clock;
  /** host:port to listen on (`peer.listenAddress`); port 0 takes a free one. */
  readonly listenAddress: string;
  /** Undefined: plaintext, both ways (TLS-01). */
  readonly tls: PeerTls | undefined;
  readonly settings?: Partial<GrpcSettings> | undefined;
  readonly routeOf?: RouteOf | undefined;
}

/** Gossip over gRPC, as a peer does it: one address for both methods (RPC-01), one TLS for both directions. */
export class GrpcTransport implements Transport {
  readonly #options: GrpcTransportOptions;
  readonly #dialer: GrpcDialer;
  readonly #listeners = new Set<GrpcListener>();
  #clientRoots: readonly string[] | undefined;

  /** Throws TransportError BAD_CREDENTIALS. */
  constructor(options: GrpcTransportOptions) {
    const { clock, tls, settings, routeOf } = options;
    this.#options = options;
    this.#clientRoots = tls?.clientRoots;
    this.#dialer = new GrpcDialer({
      clock,
      tls: tls && { keyPair: tls.client ?? tls.server, roots: tls.serverRoots },
      settings,
      routeOf,
    });
  }

  /**
   * Replaces the roots: a channel joined brings its organisations' (TLS-03, TLS-04). Holds for connections from now
   * on, not for those that stand. No-op without TLS. Throws TransportError BAD_CREDENTIALS.
   */
  setRoots(roots: {
    readonly serverRoots: readonly string[];
    readonly clientRoots: readonly string[];
  }): void {
    this.#dialer.setRoots(roots.serverRoots);
    this.#clientRoots = roots.clientRoots;
    for (const listener of this.#listeners) {
      listener.setClientRoots(roots.clientRoots);
    }
  }

  async listen(accept: StreamAcceptor): Promise<Listener> {
    const { clock, listenAddress, tls, settings } = this.#options;
    const listener = await GrpcListener.listen(
      {
        clock,
        address: listenAddress,
        tls: tls && {
          keyPair: tls.server,
          clientAuthRequired: tls.clientAuthRequired ?? false,
          clientRoots: this.#clientRoots ?? [],
        },
        settings,
      },
      accept,
    );
    this.#listeners.add(listener);
    return {
      address: listener.address,
      close: () => {
        this.#listeners.delete(listener);
        return listener.close();
      },
    };
  }

  dial(endpoint: string, timeoutMs: Millis, done: (result: DialResult) => void): Dialling {
    return this.#dialer.dial(endpoint, timeoutMs, done);
  }
}
