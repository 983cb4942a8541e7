import { type CallOptions, type Client, type ClientUnaryCall, Metadata } from '@grpc/grpc-js';
import { wallMs, type Clock, type Millis } from '../ports/clock';
import {
  type Connection,
  type Ending,
  StatusCode,
  type StreamEvents,
  type TlsBinding,
} from '../ports/transport';
import type { ClientLink } from './grpc-link';
import { asIs, EMPTY, GOSSIP_STREAM_PATH, PING_PATH, toBuffer, toBytes } from './grpc-service';
import type { GrpcSettings } from './grpc-settings';
import { type GrpcCall, InitiatorStream } from './grpc-stream';

/**
 * What grpc-js says where a message of ours crossed the server's OK, in place of that: it writes to a stream whose half it
 * has closed itself. Any other status that a server gives stands.
 */
const CROSSED = 'Write error: write after end';
const ENDED_WELL: Ending = { code: StatusCode.OK, details: '' };

/** What an established connection is made of. */
export interface ConnectionParts {
  readonly endpoint: string;
  readonly client: Client;
  readonly link: ClientLink;
  readonly clock: Clock;
  readonly settings: GrpcSettings;
}

/** How a unary call ended; the response is there with OK only. */
export type UnaryResult =
  { readonly ok: true; readonly response: Uint8Array } | { readonly ok: false; readonly failure: Ending };

/** A connection to a gossip server, and what a tester needs beyond the port. */
export class GrpcConnection implements Connection {
  readonly endpoint: string;
  readonly binding: TlsBinding;
  readonly #client: Client;
  readonly #link: ClientLink;
  readonly #clock: Clock;
  readonly #settings: GrpcSettings;
  readonly #streams = new Set<InitiatorStream>();
  readonly #calls = new Set<ClientUnaryCall>();
  #usable = true;

  constructor(parts: ConnectionParts) {
    this.endpoint = parts.endpoint;
    this.binding = parts.link.binding;
    this.#client = parts.client;
    this.#link = parts.link;
    this.#clock = parts.clock;
    this.#settings = parts.settings;
    // Otherwise grpc-js would dial again for the next call.
    this.#link.onceClosed(() => {
      if (this.#usable) {
        this.#usable = false;
        this.#client.close();
      }
    });
  }

  ping(timeoutMs: Millis, done: (failure: Ending | undefined) => void): void {
    this.call(PING_PATH, EMPTY, timeoutMs, (result) => {
      done(result.ok ? undefined : result.failure);
    });
  }

  /** Calls the unary method `path`, whatever it is, with these bytes as its request. */
  call(path: string, request: Uint8Array, timeoutMs: Millis, done: (result: UnaryResult) => void): void {
    if (!this.#usable) {
      queueMicrotask(() => {
        done({ ok: false, failure: this.#gone() });
      });
      return;
    }
    const call = this.#client.makeUnaryRequest(
      path,
      asIs,
      asIs,
      toBuffer(request),
      new Metadata(),
      this.#deadline(timeoutMs),
      (error, response) => {
        this.#calls.delete(call);
        done(
          error === null
            ? { ok: true, response: toBytes(response ?? EMPTY) }
            : { ok: false, failure: { code: error.code, details: error.details } },
        );
      },
    );
    this.#calls.add(call);
  }

  /** `path`: another method than GossipStream, for testers. */
  open(events: StreamEvents, deadlineMs?: Millis, path: string = GOSSIP_STREAM_PATH): InitiatorStream {
    const facts = {
      role: 'initiator',
      remoteAddress: this.endpoint,
      binding: this.binding,
      limits: this.#settings,
    } as const;
    if (!this.#usable) {
      const stream = new InitiatorStream(facts, NO_CALL, ignore, ignore);
      stream.attach(events);
      queueMicrotask(() => {
        stream.receiveEnd(this.#gone());
      });
      return stream;
    }
    const call = this.#client.makeBidiStreamRequest(
      path,
      asIs,
      asIs,
      new Metadata(),
      this.#deadline(deadlineMs),
    );
    const stream = new InitiatorStream(
      facts,
      call,
      () => {
        call.cancel();
      },
      () => call.end(),
    );
    stream.attach(events);
    this.#streams.add(stream);
    call.on('data', (message: Buffer) => {
      stream.receive(toBytes(message));
    });
    // The status event follows and says the same.
    call.on('error', ignore);
    call.on('status', ({ code, details }) => {
      this.#streams.delete(stream);
      stream.receiveEnd(details === CROSSED ? ENDED_WELL : { code, details });
    });
    return stream;
  }

  close(): void {
    if (!this.#usable) {
      return;
    }
    this.#usable = false;
    for (const stream of this.#streams) {
      stream.end();
    }
    for (const call of this.#calls) {
      call.cancel();
    }
    // Lets the cancellation reach the other side; what does not go out in time is cut off.
    this.#client.close();
    const cutOff = this.#clock.after(this.#settings.closeGraceMs, () => {
      this.#link.destroy();
    });
    this.#link.onceClosed(() => {
      cutOff.cancel();
    });
  }

  #deadline(timeoutMs: Millis | undefined): CallOptions {
    return timeoutMs === undefined ? {} : { deadline: wallMs(this.#clock) + timeoutMs };
  }

  #gone(): Ending {
    const reason = this.#link.failure === undefined ? '' : ` (${this.#link.failure.message})`;
    return { code: StatusCode.UNAVAILABLE, details: `${this.endpoint}: the connection is closed${reason}` };
  }
}

function ignore(): void {
  // Nothing is there to do it to.
}

/** The call of a stream that was opened on a closed connection. */
const NO_CALL: GrpcCall = { write: () => false, pause: ignore, resume: ignore };
