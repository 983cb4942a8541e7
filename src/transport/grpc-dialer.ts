import { Client, compressionAlgorithms, connectivityState, Metadata } from '@grpc/grpc-js';
import { lookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { Clock, Millis, Timer } from '../ports/clock';
import { type Dialling, type Ending, StatusCode } from '../ports/transport';
import { formatEndpoint, parseEndpoint } from './endpoint';
import { GrpcConnection } from './grpc-connection';
import { dialFailure, dialTimeout } from './grpc-dial-failure';
import { ClientLink, type DialStage } from './grpc-link';
import { asIs, EMPTY, PING_PATH } from './grpc-service';
import { channelOptions, DEFAULT_GRPC_SETTINGS, type GrpcSettings } from './grpc-settings';
import { type ClientTls, type PreparedClientTls, prepareClientTls } from './grpc-tls';

export interface GrpcDialerOptions {
  readonly clock: Clock;
  /** Undefined: plaintext (TLS-01). */
  readonly tls: ClientTls | undefined;
  readonly settings?: Partial<GrpcSettings> | undefined;
  /** Compresses what is sent, as no peer should (RPC-09): for testers. */
  readonly compressed?: boolean | undefined;
  readonly routeOf?: RouteOf | undefined;
}

/**
 * host:port at which an endpoint is reached from here, where its name means nothing: that of a container, say. The
 * server's certificate is for the endpoint's host all the same.
 */
export type RouteOf = (endpoint: string) => string;

/** A DialResult with the gRPC connection's own face. */
export type GrpcDialResult =
  | { readonly ok: true; readonly connection: GrpcConnection }
  | { readonly ok: false; readonly failure: Ending };

/** Opens connections, each on a TCP connection of its own (RPC-08). */
export class GrpcDialer {
  readonly #clock: Clock;
  readonly #settings: GrpcSettings;
  readonly #compressed: boolean;
  readonly #routeOf: RouteOf;
  #tls: ClientTls | undefined;
  #prepared: PreparedClientTls | undefined;
  /** For single dials: making a context takes longer than the dial. */
  readonly #others = new WeakMap<ClientTls, PreparedClientTls>();

  /** Throws TransportError BAD_CREDENTIALS. */
  constructor(options: GrpcDialerOptions) {
    this.#clock = options.clock;
    this.#settings = { ...DEFAULT_GRPC_SETTINGS, ...options.settings };
    this.#compressed = options.compressed === true;
    this.#routeOf = options.routeOf ?? ((endpoint) => endpoint);
    this.#tls = options.tls;
    this.#prepared = this.#tls && prepareClientTls(this.#tls);
  }

  /** Trusts other servers from the next dial on. No-op without TLS. Throws TransportError BAD_CREDENTIALS. */
  setRoots(roots: readonly string[]): void {
    if (this.#tls !== undefined) {
      this.#tls = { ...this.#tls, roots };
      this.#prepared = prepareClientTls(this.#tls);
    }
  }

  /**
   * Dials `endpoint` and calls `done` once: connected means TCP, TLS and HTTP/2 stand. `tls`: for this dial alone,
   * `'plaintext'` for none; for testers that show another certificate, or take any.
   */
  dial(
    endpoint: string,
    timeoutMs: Millis,
    done: (result: GrpcDialResult) => void,
    tls?: ClientTls | 'plaintext',
  ): Dialling {
    const attempt = new Attempt(
      {
        endpoint,
        timeoutMs,
        clock: this.#clock,
        settings: this.#settings,
        compressed: this.#compressed,
        route: this.#routeOf(endpoint),
      },
      this.#prepare(tls),
      done,
    );
    return {
      cancel: () => {
        attempt.cancel();
      },
    };
  }

  #prepare(tls: ClientTls | 'plaintext' | undefined): PreparedClientTls | undefined {
    if (tls === undefined) return this.#prepared;
    if (tls === 'plaintext') return undefined;
    const prepared = this.#others.get(tls) ?? prepareClientTls(tls);
    this.#others.set(tls, prepared);
    return prepared;
  }
}

interface AttemptFacts {
  readonly endpoint: string;
  readonly timeoutMs: Millis;
  readonly clock: Clock;
  readonly settings: GrpcSettings;
  readonly compressed: boolean;
  /** host:port really dialled. */
  readonly route: string;
}

/** One dial: the addresses that the host name stands for, one after another, until one connects or time is up. */
class Attempt {
  readonly #facts: AttemptFacts;
  readonly #tls: PreparedClientTls | undefined;
  readonly #done: (result: GrpcDialResult) => void;
  readonly #timer: Timer;
  #link: ClientLink | undefined;
  #client: Client | undefined;
  #settled = false;

  constructor(
    facts: AttemptFacts,
    tls: PreparedClientTls | undefined,
    done: (result: GrpcDialResult) => void,
  ) {
    this.#facts = facts;
    this.#tls = tls;
    this.#done = done;
    this.#timer = facts.clock.after(facts.timeoutMs, () => {
      this.#fail(dialTimeout(facts.endpoint, this.#stage, tls !== undefined, facts.timeoutMs));
    });
    this.#start();
  }

  cancel(): void {
    if (!this.#settled) {
      this.#settled = true;
      this.#timer.cancel();
      this.#abandon();
    }
  }

  get #stage(): DialStage {
    return this.#link?.stage ?? 'tcp';
  }

  #start(): void {
    const name = parseEndpoint(this.#facts.endpoint)?.host;
    const target = parseEndpoint(this.#facts.route);
    if (name === undefined || target === undefined) {
      const details = `${this.#facts.endpoint}: not an address of the form host:port`;
      queueMicrotask(() => {
        this.#fail({ code: StatusCode.UNAVAILABLE, details });
      });
      return;
    }
    if (isIP(target.host) !== 0) {
      this.#connect(name, target.port, [target.host]);
      return;
    }
    lookup(target.host, { all: true }, (error: Error | null, found: LookupAddress[]) => {
      if (error !== null) {
        this.#fail(this.#trouble(error));
      } else {
        this.#connect(
          name,
          target.port,
          found.map(({ address }) => address),
        );
      }
    });
  }

  /** `name`: what the server's certificate must be for. */
  #connect(name: string, port: number, addresses: readonly string[]): void {
    const [address, ...others] = addresses;
    if (this.#settled || address === undefined) {
      return;
    }
    const { endpoint, settings, compressed } = this.#facts;
    const link = new ClientLink(name, this.#tls);
    const scheme = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const client = new Client(`${scheme}:${formatEndpoint(address, port)}`, link.credentials(), {
      ...channelOptions(settings, endpoint),
      ...(compressed && { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip }),
    });
    this.#link = link;
    this.#client = client;
    this.#watch(client, link, (failure) => {
      this.#abandon();
      if (others.length > 0) {
        this.#connect(name, port, others);
      } else {
        this.#fail(failure);
      }
    });
  }

  #watch(client: Client, link: ClientLink, failed: (failure: Ending) => void): void {
    if (this.#settled) {
      return;
    }
    const channel = client.getChannel();
    const state = channel.getConnectivityState(true);
    if (state === connectivityState.READY) {
      this.#succeed(client, link);
    } else if (state === connectivityState.TRANSIENT_FAILURE) {
      this.#explain(client, link, failed);
    } else {
      channel.watchConnectivityState(state, Infinity, () => {
        this.#watch(client, link, failed);
      });
    }
  }

  #explain(client: Client, link: ClientLink, failed: (failure: Ending) => void): void {
    if (link.stage !== 'tcp') {
      failed(this.#trouble(link.failure));
      return;
    }
    // A call in this state fails without being sent, and tells why TCP failed: grpc-js has no other way to ask.
    client.makeUnaryRequest(PING_PATH, asIs, asIs, EMPTY, new Metadata(), {}, (error) => {
      if (!this.#settled) {
        failed(this.#trouble(error === null ? undefined : new Error(error.details)));
      }
    });
  }

  #trouble(error: Error | undefined): Ending {
    return dialFailure({
      endpoint: this.#facts.endpoint,
      stage: this.#stage,
      tls: this.#tls !== undefined,
      error,
    });
  }

  #succeed(client: Client, link: ClientLink): void {
    const { endpoint, clock, settings } = this.#facts;
    this.#settle({ ok: true, connection: new GrpcConnection({ endpoint, client, link, clock, settings }) });
  }

  #fail(failure: Ending): void {
    if (!this.#settled) {
      this.#abandon();
      this.#settle({ ok: false, failure });
    }
  }

  #settle(result: GrpcDialResult): void {
    this.#settled = true;
    this.#timer.cancel();
    this.#done(result);
  }

  #abandon(): void {
    this.#client?.close();
    this.#link?.destroy();
  }
}
