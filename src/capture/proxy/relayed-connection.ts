import {
  connect as connectHttp2,
  performServerHandshake,
  type ClientHttp2Session,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { Clock, Millis } from '../../ports/clock';
import { parseEndpoint } from '../../transport';
import { RelayedCall, type CallObserver } from './relayed-call';
import type { TlsEntry } from './tls-entry';

/** What a connection needs to know of the peer that it leads to, and asks while it comes up. */
export interface ConnectionHost {
  readonly clock: Clock;
  /** host:port of the peer that is meant. */
  readonly service: string;
  /** Undefined: plaintext. */
  readonly tls:
    | {
        readonly entry: TlsEntry;
        /** With whose certificate to dial on, by the one that the dialler showed; undefined: with none. */
        clientFor(certificate: Uint8Array | undefined): SecureContext;
        /** DER of what the peer shows. */
        readonly expected: Uint8Array;
      }
    | undefined;
  /** The dialler is known, as far as TLS tells; false: it is not to be let through. */
  admit(certificate: Uint8Array | undefined, tlsVersion: string | undefined): boolean;
  readonly calls: CallObserver;
  onGoingAway(sender: 'initiator' | 'responder', code: number, text: string): void;
  onClosed(reason: string): void;
}

/** For each step until calls pass; Fabric's own `peer.connectiontimeout` is 5 s. */
const SET_UP_MS: Millis = 5_000;
/** For what is still to be written to leave, before the socket is broken. */
const PARTING_MS: Millis = 500;
/** Of a stream, and of a connection. Large enough that blocks do not wait for window updates. */
const WINDOW_BYTES = 262_144;
const CONNECTION_WINDOW_BYTES = 1_048_576;
const MAX_STREAMS = 100;
const SETTINGS: Settings = { enablePush: false, initialWindowSize: WINDOW_BYTES };

/**
 * One TCP connection of a dialler, and the one that it leads to. The dialler hears nothing on HTTP/2 before the peer has
 * spoken, so that a dead peer does not look alive, and loses its connection when the peer's ends, and the other way round.
 */
export class RelayedConnection {
  readonly #host: ConnectionHost;
  readonly #tcp: Socket;
  readonly #calls = new Set<RelayedCall>();
  /** The outermost socket of each side: what is below it closes with it. */
  #dialler: Socket;
  #target: Socket;
  #up: ClientHttp2Session | undefined;
  #down: ServerHttp2Session | undefined;
  #isOver = false;

  constructor(tcp: Socket, host: ConnectionHost) {
    this.#host = host;
    this.#tcp = tcp;
    const { host: address, port } = parseEndpoint(host.service) ?? { host: '', port: 0 };
    const target = connectTcp({ host: address, port, noDelay: true });
    [this.#dialler, this.#target] = [tcp, target];
    this.#watch(tcp, 'the dialler');
    this.#watch(target, 'the peer');
    this.#limit(tcp);
    target.once('connect', () => {
      this.#greet();
    });
  }

  /** Ends both sides at once. */
  close(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const call of this.#calls) call.close();
    // A session takes its socket with it, and must do that itself.
    (this.#up ?? this.#target).destroy();
    // A refusal looks like one, where TLS has not begun.
    if (this.#down === undefined && this.#dialler === this.#tcp) this.#tcp.resetAndDestroy();
    else (this.#down ?? this.#dialler).destroy();
    this.#host.onClosed(reason);
  }

  /** The peer's TCP connection stands: now the dialler may say who it is. */
  #greet(): void {
    const { tls } = this.#host;
    if (tls === undefined) {
      if (this.#host.admit(undefined, undefined)) this.#speak();
      else this.close('cut');
      return;
    }
    tls.entry.secure(this.#tcp, (secured) => {
      this.#dialler = secured;
      this.#watch(secured, 'the dialler');
      const shown = secured.getPeerX509Certificate()?.raw;
      const certificate = shown && new Uint8Array(shown);
      if (!this.#host.admit(certificate, secured.getProtocol() ?? undefined)) {
        this.close('cut');
        return;
      }
      this.#dialOn(tls, certificate);
    });
  }

  #dialOn(tls: NonNullable<ConnectionHost['tls']>, certificate: Uint8Array | undefined): void {
    const socket = connectTls({
      socket: this.#target,
      secureContext: tls.clientFor(certificate),
      ALPNProtocols: ['h2'],
      // The very certificate is compared.
      rejectUnauthorized: false,
    });
    this.#target = socket;
    this.#watch(socket, 'the peer');
    socket.once('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()?.raw;
      if (shown?.equals(tls.expected) === true) this.#speak();
      else this.close('the peer shows another certificate than its own');
    });
  }

  /** HTTP/2, with the peer first. */
  #speak(): void {
    if (this.#isOver) return;
    const [dialler, target] = [this.#dialler, this.#target];
    const scheme = this.#host.tls === undefined ? 'http' : 'https';
    const up = connectHttp2(`${scheme}://peer`, { createConnection: () => target, settings: SETTINGS });
    this.#up = up;
    this.#follow(up, 'responder', 'the peer');
    up.once('remoteSettings', ({ maxConcurrentStreams = MAX_STREAMS }: Settings) => {
      if (this.#isOver) return;
      up.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      const down = performServerHandshake(dialler, {
        settings: { ...SETTINGS, maxConcurrentStreams: Math.min(maxConcurrentStreams, MAX_STREAMS) },
      });
      this.#down = down;
      this.#follow(down, 'initiator', 'the dialler');
      down.once('remoteSettings', () => {
        down.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      });
      down.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number) => {
        this.#relay({ stream, headers, flags }, up);
      });
    });
  }

  #relay(call: ConstructorParameters<typeof RelayedCall>[1], up: ClientHttp2Session): void {
    const relayed = new RelayedCall(this.#host.clock, call, up, this.#host.calls);
    this.#calls.add(relayed);
    call.stream.once('close', () => {
      this.#calls.delete(relayed);
    });
  }

  #follow(session: Http2Session, sender: 'initiator' | 'responder', who: string): void {
    session.on('goaway', (code: number, lastStream: number, data?: Buffer) => {
      this.#host.onGoingAway(sender, code, data?.toString() ?? '');
      const other = sender === 'initiator' ? this.#up : this.#down;
      if (other !== undefined && !other.destroyed) other.goaway(code, lastStream, data);
    });
    // grpc-go parts with a GOAWAY that nghttp2 takes for an error: the close that follows is a normal one.
    session.on('error', () => undefined);
    session.on('close', () => {
      this.#part(session, `${who} closed`);
    });
  }

  /** One session is over; the other has a moment for what it still has to write, unless calls broke off. */
  #part(session: Http2Session, reason: string): void {
    if (this.#isOver) return;
    const other = session === this.#up ? this.#down : this.#up;
    const isBroken = [...this.#calls].some(({ isUnanswered }) => isUnanswered);
    if (other === undefined || other.destroyed || isBroken) {
      this.close(reason);
      return;
    }
    other.once('close', () => {
      this.close(reason);
    });
    other.close();
    this.#host.clock.after(PARTING_MS, () => {
      this.close(reason);
    });
  }

  #watch(socket: Socket, who: string): void {
    let failure = 'closed';
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.once('close', () => {
      if (this.#up === undefined || this.#down === undefined) this.close(`${who}: ${failure}`);
    });
  }

  #limit(tcp: Socket): void {
    const timer = this.#host.clock.after(SET_UP_MS, () => {
      if (this.#down === undefined) this.close('no connection in time');
    });
    tcp.once('close', () => {
      timer.cancel();
    });
  }
}
