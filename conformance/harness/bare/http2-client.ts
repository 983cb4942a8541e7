import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock, Millis } from '../../../src/ports/clock';
import { Signal } from '../signal';
import { Lateness } from '../verdict';
import { frame, FrameReader, type Frame } from './frames';
import { connectTcp } from './tcp';
import { beginTls, type TlsClientOptions } from './tls-client';

/** How a connection was told to end. */
export interface GoAway {
  /** An HTTP/2 error code; 11 is ENHANCE_YOUR_CALM. */
  readonly code: number;
  readonly text: string;
}

/**
 * gRPC by hand over HTTP/2: nothing is sent that the check does not name, and nothing that comes is read for it. Where
 * the testers' ordinary lines would hide what is to be judged.
 */
export class BareSession implements AsyncDisposable {
  goAway: GoAway | undefined;
  /** Why the session is over; undefined while it is up. */
  failure: string | undefined;

  readonly #clock: Clock;
  readonly #session: ClientHttp2Session;
  readonly #changed = new Signal();

  private constructor(clock: Clock, session: ClientHttp2Session) {
    this.#clock = clock;
    this.#session = session;
    session.on('goaway', (code: number, _lastStreamId: number, text?: Uint8Array) => {
      this.goAway = { code, text: Buffer.from(text ?? []).toString('utf8') };
      this.#changed.notify();
    });
    session.on('error', (error: Error) => {
      this.#fail(error.message);
    });
    session.on('close', () => {
      this.#fail('the connection was closed');
    });
  }

  /**
   * Connects, and waits for the server's SETTINGS: only then does it speak HTTP/2, and only then has it taken the client's
   * certificate, or the lack of one. `tls` undefined: plaintext. A Violation where no session can be had.
   */
  static async open(
    clock: Clock,
    endpoint: string,
    tls: TlsClientOptions | undefined,
    withinMs: Millis,
  ): Promise<BareSession> {
    const socket: Socket = tls === undefined ? await connectTcp(endpoint) : await beginTls(endpoint, tls);
    const scheme = tls === undefined ? 'http' : 'https';
    const session = connectHttp2(`${scheme}://${endpoint}`, { createConnection: () => socket });
    const bare = new BareSession(clock, session);
    const state = { isUp: false };
    session.once('remoteSettings', () => {
      state.isUp = true;
      bare.#changed.notify();
    });
    await bare.#until(() => state.isUp || bare.failure !== undefined, withinMs);
    if (state.isUp && bare.failure === undefined) return bare;
    session.destroy();
    throw new Lateness(
      `an HTTP/2 connection to ${endpoint}`,
      bare.failure ?? `none within ${Math.round(withinMs)} ms`,
    );
  }

  /** Calls a method with just the headers that gRPC demands, and `more`. */
  call(path: string, more: OutgoingHttpHeaders = {}): BareCall {
    const stream = this.#session.request(
      { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...more },
      { endStream: false },
    );
    return new BareCall(this.#clock, stream);
  }

  /** Sends an HTTP/2 PING; whether it is answered in time. */
  async ping(withinMs: Millis): Promise<boolean> {
    const state = { isAnswered: false };
    if (this.failure !== undefined || this.#session.destroyed) return false;
    this.#session.ping((error) => {
      state.isAnswered = error === null;
      this.#changed.notify();
    });
    await this.#until(
      () => state.isAnswered || this.failure !== undefined || this.goAway !== undefined,
      withinMs,
    );
    return state.isAnswered;
  }

  /** Waits until the server sends GOAWAY or drops the connection; whether it did in time. */
  async ended(withinMs: Millis): Promise<boolean> {
    const isOver = (): boolean => this.goAway !== undefined || this.failure !== undefined;
    await this.#until(isOver, withinMs);
    return isOver();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#session.destroyed) return;
    this.#session.destroy();
    await this.#until(() => this.failure !== undefined, 1_000);
  }

  #fail(reason: string): void {
    this.failure ??= reason;
    this.#changed.notify();
  }

  async #until(holds: () => boolean, withinMs: Millis): Promise<void> {
    const deadline = this.#clock.now() + withinMs;
    while (!holds() && this.#clock.now() < deadline) {
      await this.#changed.wait(this.#clock, deadline - this.#clock.now(), 'the end of the connection');
    }
  }
}

/** One call of a {@link BareSession}. */
export class BareCall {
  /** Initial headers of the answer. */
  headers: IncomingHttpHeaders | undefined;
  /** The gRPC status; undefined while the call is not over, and where it ended without one. */
  status: number | undefined;
  isOver = false;
  readonly frames: Frame[] = [];

  readonly #clock: Clock;
  readonly #stream: ClientHttp2Stream;
  readonly #changed = new Signal();

  constructor(clock: Clock, stream: ClientHttp2Stream) {
    this.#clock = clock;
    this.#stream = stream;
    const reader = new FrameReader();
    stream.on('response', (headers) => {
      this.headers = headers;
      this.#readStatus(headers);
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      this.#readStatus(trailers);
    });
    stream.on('data', (chunk: Buffer) => {
      this.frames.push(...reader.push(chunk));
      this.#changed.notify();
    });
    // The close that follows says enough.
    stream.on('error', () => undefined);
    stream.on('close', () => {
      this.isOver = true;
      this.#changed.notify();
    });
  }

  /** Sends a gRPC message. `declaredLength`: what its prefix claims, where that is not the truth. */
  write(message: Uint8Array, declaredLength?: number): void {
    this.#stream.write(frame(message, declaredLength));
  }

  /** Says that nothing more will be sent. */
  halfClose(): void {
    this.#stream.end();
  }

  /** The first frame for which `read` yields something; a Violation if none comes. */
  async expectFrame<T>(what: string, read: (frame: Frame) => T | undefined, withinMs: Millis): Promise<T> {
    const deadline = this.#clock.now() + withinMs;
    for (;;) {
      for (const one of this.frames) {
        const found = read(one);
        if (found !== undefined) return found;
      }
      const leftMs = deadline - this.#clock.now();
      if (this.isOver) throw new Lateness(what, `the call ended with status ${this.status ?? '(none)'}`);
      if (leftMs <= 0) throw new Lateness(what, `nothing of the kind within ${Math.round(withinMs)} ms`);
      await this.#changed.wait(this.#clock, leftMs, what);
    }
  }

  /** Waits for the end of the call and returns its status; a Violation if it stays open. */
  async expectEnd(what: string, withinMs: Millis): Promise<number | undefined> {
    const deadline = this.#clock.now() + withinMs;
    while (!this.isOver) {
      const leftMs = deadline - this.#clock.now();
      if (leftMs <= 0) throw new Lateness(what, `the call is still open after ${Math.round(withinMs)} ms`);
      await this.#changed.wait(this.#clock, leftMs, what);
    }
    return this.status;
  }

  #readStatus(headers: IncomingHttpHeaders): void {
    const status = headers['grpc-status'];
    if (typeof status !== 'string') return;
    this.status = Number(status);
    this.isOver = true;
    this.#changed.notify();
  }
}
