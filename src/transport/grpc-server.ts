import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import type { Clock } from '../ports/clock';
import { type Ending, type Listener, StatusCode, type StreamEvents } from '../ports/transport';
import { InboundSockets } from './grpc-inbound';
import { EMPTY, GOSSIP_STREAM, PING, toBytes } from './grpc-service';
import { DEFAULT_GRPC_SETTINGS, type GrpcSettings, serverOptions } from './grpc-settings';
import { GrpcStream } from './grpc-stream';
import { PingPolicy } from './grpc-ping-policy';
import type { ServerTls } from './grpc-tls';

/** A StreamAcceptor that sees the stream's own face. */
export type GrpcStreamAcceptor = (stream: GrpcStream) => StreamEvents;

export interface GrpcServerOptions {
  readonly clock: Clock;
  /** host:port to listen on; port 0 takes a free one. */
  readonly address: string;
  /** Undefined: plaintext (TLS-01). */
  readonly tls: ServerTls | undefined;
  readonly settings?: Partial<GrpcSettings> | undefined;
  /** What Ping does: `'serve'`, the default, answers OK as every peer must (RPC-02); an Ending is for testers. */
  readonly ping?: 'serve' | Ending;
  /** Goes on with a stream that its initiator half-closed, as no peer should (RPC-10): for testers. */
  readonly toleratesHalfClose?: boolean;
  /** Sees what reaches the server before any stream does: for testers. */
  readonly observer?: ServerObserver;
}

export interface ServerObserver {
  /** A TCP connection from that address was accepted; TLS is still to come. */
  connected(remoteAddress: string): void;
  /** Ping was called on the connection from that address. */
  pinged(remoteAddress: string): void;
}

const CLOSING: Ending = { code: StatusCode.UNAVAILABLE, details: 'the server is closing' };

/** grpc-js tells a responder no more than this of why a call is gone. */
const CANCELLED: Ending = {
  code: StatusCode.CANCELLED,
  details: 'the initiator cancelled, its connection broke, or it sent more than is allowed',
};

/** Serves Ping and GossipStream on one address. */
export class GrpcListener implements Listener {
  readonly #clock: Clock;
  readonly #settings: GrpcSettings;
  readonly #accept: GrpcStreamAcceptor;
  readonly #server: Server;
  readonly #sockets: InboundSockets;
  readonly #pings: PingPolicy;
  readonly #streams = new Set<GrpcStream>();
  readonly #observer: ServerObserver | undefined;
  readonly #toleratesHalfClose: boolean;
  #address: string;
  #closed: Promise<void> | undefined;

  private constructor(options: GrpcServerOptions, accept: GrpcStreamAcceptor) {
    this.#clock = options.clock;
    this.#settings = { ...DEFAULT_GRPC_SETTINGS, ...options.settings };
    this.#accept = accept;
    this.#address = options.address;
    this.#server = new Server(serverOptions(this.#settings));
    this.#observer = options.observer;
    this.#toleratesHalfClose = options.toleratesHalfClose === true;
    this.#addService(options.ping ?? 'serve');
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    const { clock, tls } = options;
    const { connectionTimeoutMs, serverKeepaliveMinIntervalMs } = this.#settings;
    this.#pings = new PingPolicy(clock, serverKeepaliveMinIntervalMs);
    this.#pings.watch(this.#server);
    this.#sockets = new InboundSockets(
      { clock, tls, connectionTimeoutMs, observer: options.observer },
      (socket) => {
        injector.injectConnection(socket);
      },
    );
  }

  /** Rejects with a TransportError where the address cannot be had or the credentials cannot be used. */
  static async listen(options: GrpcServerOptions, accept: GrpcStreamAcceptor): Promise<GrpcListener> {
    const listener = new GrpcListener(options, accept);
    listener.#address = await listener.#sockets.listen(options.address);
    return listener;
  }

  get address(): string {
    return this.#address;
  }

  /** Trusts other client certificates from the next connection on. No-op without TLS. Throws BAD_CREDENTIALS. */
  setClientRoots(clientRoots: readonly string[]): void {
    this.#sockets.setClientRoots(clientRoots);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const closed = this.#sockets.close();
    for (const stream of this.#streams) {
      stream.end(CLOSING);
    }
    const breakAll = (): void => {
      this.#sockets.destroy();
    };
    // Lets the endings reach the initiators; what does not go out in time is cut off.
    this.#server.tryShutdown(breakAll);
    const cutOff = this.#clock.after(this.#settings.closeGraceMs, breakAll);
    await closed;
    cutOff.cancel();
  }

  #addService(ping: 'serve' | Ending): void {
    const stream = (call: ServerDuplexStream<Buffer, Buffer>): void => {
      this.#receiveStream(call);
    };
    const answer = (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void => {
      this.#observer?.pinged(call.getPeer());
      if (ping === 'serve') {
        done(null, EMPTY);
      } else {
        done(ping, null);
      }
    };
    this.#server.addService(
      { gossipStream: GOSSIP_STREAM, ping: PING },
      { gossipStream: stream, ping: answer },
    );
  }

  #receiveStream(call: ServerDuplexStream<Buffer, Buffer>): void {
    const remoteAddress = call.getPeer();
    const binding = this.#sockets.bindingOf(remoteAddress);
    // Gone before it was looked at.
    if (binding === undefined) {
      call.destroy();
      return;
    }
    const stream = new GrpcStream(
      { role: 'responder', remoteAddress, binding, limits: this.#settings },
      {
        write: (message, taken) => {
          this.#pings.sending(remoteAddress);
          return call.write(message, taken);
        },
        pause: () => call.pause(),
        resume: () => call.resume(),
      },
      (ending) => {
        this.#streams.delete(stream);
        // grpc-js's way to end a stream with a status: trailers with this code, after what was written.
        call.emit('error', ending);
      },
    );
    this.#streams.add(stream);
    call.on('cancelled', () => {
      this.#streams.delete(stream);
      stream.receiveEnd(CANCELLED);
    });
    // Not from inside grpc-js's handler, which would answer UNKNOWN to an error of ours and hide it.
    queueMicrotask(() => {
      stream.attach(this.#accept(stream));
      call.on('data', (message: Buffer) => {
        stream.receive(toBytes(message));
      });
      // A connection that breaks looks like a half-close too, but 'cancelled' is on its way then.
      if (this.#toleratesHalfClose) return;
      call.on('end', () => {
        this.#clock.after(0, () => {
          stream.receiveHalfClose();
        });
      });
    });
  }
}
