import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureVersion, type TLSSocket } from 'node:tls';
import type { TlsCredentials } from '../../../src/identity';
import type { Clock, Millis } from '../../../src/ports/clock';
import { StatusCode, type GossipStream, type StreamEvents } from '../../../src/ports/transport';
import { Signal } from '../signal';
import { Lateness } from '../verdict';
import { frame, FrameReader } from './frames';
import { InboundStream } from './inbound-stream';
import type { Visit, VisitCall } from './visit';

const PING = '/gossip.Gossip/Ping';
const GOSSIP_STREAM = '/gossip.Gossip/GossipStream';

export interface BareServerTls {
  readonly certificate: TlsCredentials;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  /** False: ALPN is not negotiated at all (TLS-05). */
  readonly alpn?: boolean;
}

/** What Ping does; `silent`: it is never answered. */
export type PingHabit = 'ok' | 'unimplemented' | 'error' | 'silent';

export interface BareServerOptions {
  readonly host: string;
  /** A free one by default. */
  readonly port?: number;
  /** Undefined: plaintext. */
  readonly tls: BareServerTls | undefined;
  /** Takes a GossipStream. */
  readonly onStream: (stream: GossipStream) => StreamEvents;
}

/**
 * A gossip server that shows all that a caller does: every TCP connection, whether TLS stood, which calls it made and
 * how. It takes any client certificate, or none.
 */
export class BareServer implements AsyncDisposable {
  /** In the order in which they came. */
  readonly visits: Visit[] = [];
  /** May be changed at any time. */
  ping: PingHabit = 'ok';

  readonly #clock: Clock;
  readonly #options: BareServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #changed = new Signal();
  #address = '';

  private constructor(clock: Clock, options: BareServerOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#server =
      options.tls === undefined ? createTcpServer({ noDelay: true }) : this.#tlsServer(options.tls);
    this.#server.on('connection', (tcp: Socket) => {
      this.#track(tcp);
      if (options.tls === undefined) this.#awaitSpeech(tcp);
    });
  }

  /** Listens on `options.host`. Rejects where the address cannot be had. */
  static listen(clock: Clock, options: BareServerOptions): Promise<BareServer> {
    const bare = new BareServer(clock, options);
    return new Promise((resolve, reject) => {
      bare.#server.once('error', reject);
      bare.#server.listen(options.port ?? 0, options.host, () => {
        const bound = bare.#server.address();
        if (bound !== null && typeof bound !== 'string') bare.#address = `${options.host}:${bound.port}`;
        resolve(bare);
      });
    });
  }

  /** host:port. */
  get address(): string {
    return this.#address;
  }

  /** Every call of every visit. */
  get calls(): readonly VisitCall[] {
    return this.visits.flatMap(({ calls }) => calls);
  }

  /** Waits until `find` yields something; a Violation if it does not in time. */
  async expect<T>(what: string, withinMs: Millis, find: () => T | undefined): Promise<T> {
    const deadline = this.#clock.now() + withinMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const leftMs = deadline - this.#clock.now();
      if (leftMs <= 0) throw new Lateness(what, `nothing of the kind within ${Math.round(withinMs)} ms`);
      await this.#changed.wait(this.#clock, leftMs, what);
    }
  }

  /** Stops listening and breaks every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #tlsServer(tls: BareServerTls): Server {
    const { certificate, minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3', alpn = true } = tls;
    const server = createTlsServer({
      cert: certificate.certificateChainPem,
      key: certificate.privateKeyPem,
      minVersion,
      maxVersion,
      // OpenSSL has the versions that must be refused only at its lowest level of security.
      ...(maxVersion === 'TLSv1.1' ? { ciphers: 'DEFAULT:@SECLEVEL=0' } : {}),
      requestCert: true,
      rejectUnauthorized: false,
      ...(alpn ? { ALPNProtocols: ['h2'] } : {}),
    });
    server.on('secureConnection', (socket) => {
      this.#secured(socket);
    });
    // A caller that refuses this server ends here; its visit tells.
    server.on('tlsClientError', () => undefined);
    return server;
  }

  #track(tcp: Socket): void {
    const visit: Visit = {
      atMs: this.#clock.now(),
      remoteAddress: addressOf(tcp),
      tls: undefined,
      spokeAtMs: undefined,
      calls: [],
      pingsAtMs: [],
      closedAtMs: undefined,
    };
    this.visits.push(visit);
    this.#sockets.add(tcp);
    tcp.on('error', () => undefined);
    tcp.on('close', () => {
      visit.closedAtMs = this.#clock.now();
      this.#sockets.delete(tcp);
      this.#changed.notify();
    });
    this.#changed.notify();
  }

  #secured(socket: TLSSocket): void {
    const visit = this.#visitOf(socket);
    const shown = socket.getPeerX509Certificate();
    visit.tls = {
      version: socket.getProtocol() ?? '',
      alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined,
      clientCertificate: shown === undefined ? undefined : new Uint8Array(shown.raw),
    };
    this.#changed.notify();
    this.#awaitSpeech(socket);
  }

  #awaitSpeech(socket: Socket): void {
    const visit = this.#visitOf(socket);
    socket.on('error', () => undefined);
    socket.once('readable', () => {
      // An end of the connection is readable too.
      if (socket.readableLength === 0) return;
      visit.spokeAtMs = this.#clock.now();
      this.#changed.notify();
      const session = performServerHandshake(socket);
      session.on('error', () => undefined);
      session.on('ping', () => {
        visit.pingsAtMs.push(this.#clock.now());
        this.#changed.notify();
      });
      session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
        this.#receive(visit, stream, headers);
      });
    });
  }

  #receive(visit: Visit, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const call: VisitCall = {
      path: headers[':path'] ?? '',
      headers,
      atMs: this.#clock.now(),
      frames: [],
      halfClosedAtMs: undefined,
      overAtMs: undefined,
    };
    visit.calls.push(call);
    this.#changed.notify();
    const reader = new FrameReader();
    const inbound = call.path === GOSSIP_STREAM ? this.#openStream(visit, stream) : undefined;
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => {
      const frames = reader.push(chunk);
      const atMs = this.#clock.now();
      call.frames.push(...frames.map((one) => ({ ...one, atMs })));
      for (const { message } of frames) inbound?.receive(message);
      this.#changed.notify();
    });
    stream.on('end', () => {
      call.halfClosedAtMs = this.#clock.now();
      if (call.path === PING) this.#answerPing(stream);
      this.#changed.notify();
    });
    stream.on('close', () => {
      call.overAtMs = this.#clock.now();
      inbound?.receiveEnd();
      this.#changed.notify();
    });
    if (inbound === undefined && call.path !== PING) refuse(stream, StatusCode.UNIMPLEMENTED);
  }

  #openStream({ remoteAddress, tls }: Visit, stream: ServerHttp2Stream): InboundStream {
    const certificate = this.#options.tls?.certificate;
    return new InboundStream(stream, this.#options.onStream, remoteAddress, {
      tls: tls !== undefined,
      localCertificate: certificate?.leafDer,
      remoteCertificate: tls?.clientCertificate,
    });
  }

  #answerPing(stream: ServerHttp2Stream): void {
    switch (this.ping) {
      case 'ok':
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => {
          stream.sendTrailers({ 'grpc-status': String(StatusCode.OK) });
        });
        stream.end(frame(new Uint8Array()));
        break;
      case 'unimplemented':
        refuse(stream, StatusCode.UNIMPLEMENTED);
        break;
      case 'error':
        refuse(stream, StatusCode.UNKNOWN);
        break;
      case 'silent':
    }
  }

  #visitOf(socket: Socket): Visit {
    const address = addressOf(socket);
    const visit = this.visits.findLast(({ remoteAddress }) => remoteAddress === address);
    if (visit === undefined) throw new Error(`a connection from ${address} that was never accepted`);
    return visit;
  }
}

const addressOf = (socket: Socket): string => `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;

/** Ends a call with a status and nothing else. */
function refuse(stream: ServerHttp2Stream, status: number): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) },
    { endStream: true },
  );
}
