import type { TlsCredentials } from '../../src/identity';
import type { Clock, Millis } from '../../src/ports/clock';
import { StatusCode, type Ending } from '../../src/ports/transport';
import {
  GrpcDialer,
  GrpcListener,
  InitiatorStream,
  type ClientTls,
  type GrpcConnection,
  type TlsKeyPair,
} from '../../src/transport';
import type {
  CallFailure,
  DialOptions,
  InboundEvents,
  InboundServer,
  Lines,
  Pinger,
  ServerOptions,
} from './lines';
import type { TesterStream } from './tester-stream';
import { Lateness, Violation } from './verdict';

/** A tester waits longer for a connection than any peer would: what it judges is not how fast it is accepted. */
const DIAL_TIMEOUT_MS = 5_000;

const keyPairOf = (tls: TlsCredentials): TlsKeyPair => ({
  certificate: tls.certificateChainPem,
  key: tls.privateKeyPem,
});

/**
 * A tester takes whatever certificate the peer shows and looks at it afterwards: a wrong one is to be judged, not to
 * keep the suite from speaking.
 */
const clientTls = (shown: TlsCredentials | undefined): ClientTls => ({
  keyPair: shown && keyPairOf(shown),
  roots: [],
  verifyServer: false,
});

/** The testers' lines over gRPC. */
export class GrpcLines implements Lines {
  readonly #clock: Clock;
  readonly #dialer: GrpcDialer;
  /** One for each certificate shown, so that the dialer reads it once. */
  readonly #tls = new WeakMap<TlsCredentials, ClientTls>();
  readonly #connections = new WeakMap<TesterStream, GrpcConnection>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#dialer = new GrpcDialer({ clock, tls: undefined });
  }

  async open(
    endpoint: string,
    tls: TlsCredentials | undefined,
    options: DialOptions,
    stream: TesterStream,
  ): Promise<void> {
    const connection = await this.#dial(endpoint, tls, options);
    this.#connections.set(stream, connection);
    stream.attach(connection.open(stream.events, options.deadlineMs));
  }

  async reach(
    endpoint: string,
    tls: TlsCredentials | undefined,
    timeoutMs: Millis,
  ): Promise<string | undefined> {
    const failure = await this.#ping(endpoint, tls, timeoutMs, {});
    const answered = failure === undefined || !noAnswer.has(failure.code);
    return answered ? undefined : failure.details;
  }

  async ping(
    endpoint: string,
    tls: TlsCredentials | undefined,
    timeoutMs: Millis,
    options: DialOptions = {},
  ): Promise<CallFailure> {
    return told(await this.#ping(endpoint, tls, timeoutMs, options));
  }

  async pinger(endpoint: string, tls: TlsCredentials | undefined): Promise<Pinger> {
    const connection = await this.#dial(endpoint, tls, {});
    return {
      ping: async (timeoutMs) => told(await pingOn(connection, timeoutMs)),
      close: () => {
        connection.close();
      },
    };
  }

  async call(
    endpoint: string,
    tls: TlsCredentials | undefined,
    path: string,
    timeoutMs: Millis,
  ): Promise<number> {
    const connection = await this.#dial(endpoint, tls, {});
    const code = await new Promise<number>((resolve) => {
      connection.call(path, new Uint8Array(), timeoutMs, (result) => {
        resolve(result.ok ? StatusCode.OK : result.failure.code);
      });
    });
    connection.close();
    return code;
  }

  halfClose(stream: TesterStream): void {
    if (!(stream.stream instanceof InitiatorStream)) return;
    stream.halfClosed = true;
    stream.stream.halfClose();
  }

  close(stream: TesterStream): void {
    this.#connections.get(stream)?.close();
  }

  async listen(
    host: string,
    tls: TlsCredentials | undefined,
    options: ServerOptions,
    events: InboundEvents,
  ): Promise<InboundServer> {
    const keyPair = options.serverCertificate ?? tls;
    const pings = { ok: 'serve', unimplemented: noPing, error: failedPing } as const;
    return GrpcListener.listen(
      {
        clock: this.#clock,
        address: `${host}:0`,
        tls: keyPair && {
          keyPair: keyPairOf(keyPair),
          ...(options.alpn === undefined ? {} : { alpnProtocols: options.alpn }),
        },
        ping: pings[options.ping ?? 'ok'],
        observer: {
          connected: (remoteAddress) => {
            events.onConnection(remoteAddress);
          },
          pinged: (remoteAddress) => {
            events.onPing(remoteAddress);
          },
        },
      },
      (stream) => events.onStream(stream),
    );
  }

  async #ping(
    endpoint: string,
    tls: TlsCredentials | undefined,
    timeoutMs: Millis,
    options: DialOptions,
  ): Promise<Ending | undefined> {
    let connection: GrpcConnection;
    try {
      connection = await this.#dial(endpoint, tls, options);
    } catch (error) {
      if (error instanceof Violation) return { code: StatusCode.UNAVAILABLE, details: error.actual };
      throw error;
    }
    const failure = await pingOn(connection, timeoutMs);
    connection.close();
    return failure;
  }

  #dial(endpoint: string, tls: TlsCredentials | undefined, options: DialOptions): Promise<GrpcConnection> {
    return new Promise((resolve, reject) => {
      this.#dialer.dial(
        endpoint,
        DIAL_TIMEOUT_MS,
        (result) => {
          if (result.ok) resolve(result.connection);
          else reject(new Lateness('a connection to the peer', result.failure.details));
        },
        this.#tlsFor(tls, options),
      );
    });
  }

  #tlsFor(own: TlsCredentials | undefined, options: DialOptions): ClientTls | 'plaintext' {
    if (own === undefined || options.plaintext === true) return 'plaintext';
    const shown = options.clientCertificate ?? own;
    if (shown === 'none') return clientTls(undefined);
    const made = this.#tls.get(shown) ?? clientTls(shown);
    this.#tls.set(shown, made);
    return made;
  }
}

const pingOn = (connection: GrpcConnection, timeoutMs: Millis): Promise<Ending | undefined> =>
  new Promise((resolve) => {
    connection.ping(timeoutMs, resolve);
  });

const told = (failure: Ending | undefined): CallFailure =>
  failure && `status ${failure.code}: ${failure.details}`;

/** Statuses that a client gives itself when no server has answered. */
const noAnswer: ReadonlySet<number> = new Set([
  StatusCode.UNAVAILABLE,
  StatusCode.DEADLINE_EXCEEDED,
  StatusCode.CANCELLED,
]);

/** What a server without the method answers. */
const noPing: Ending = {
  code: StatusCode.UNIMPLEMENTED,
  details: 'unknown method Ping for service gossip.Gossip',
};
const failedPing: Ending = { code: StatusCode.UNKNOWN, details: 'no ping today' };
