import type { TlsCredentials } from '../../src/identity';
import type { Millis } from '../../src/ports/clock';
import type { Envelope } from '../../src/wire';
import type { InboundServer, Lines, ServerOptions } from './lines';
import { Signal } from './signal';
import { TesterStream, type Received, type StreamParties } from './tester-stream';
import { Violation } from './verdict';

export interface ServeOptions extends ServerOptions {
  /** Which ConnEstablish to send on an inbound stream, as soon as it opens; undefined: stays silent. */
  readonly conn?: (stream: TesterStream) => Envelope | undefined;
}

interface Habits extends ServeOptions {
  readonly answer: (stream: TesterStream, received: Received) => void;
}

/** A tester's own gossip server: what the peer does when it is the one who dials. */
export class TesterServer {
  /** Every stream that the peer opened, in order. */
  readonly streams: TesterStream[] = [];
  /** When the peer called Ping. */
  readonly pings: Millis[] = [];
  /** When the peer's connections were set up, TLS included. */
  readonly connections: Millis[] = [];

  readonly #parties: StreamParties;
  readonly #habits: Habits;
  readonly #changed = new Signal();
  #taken = 0;
  #server: InboundServer | undefined;

  constructor(parties: StreamParties, habits: Habits) {
    this.#parties = parties;
    this.#habits = habits;
  }

  /** Rejects with a TransportError where the address cannot be had. */
  async start(lines: Lines, host: string, tls: TlsCredentials | undefined): Promise<void> {
    this.#server = await lines.listen(host, tls, this.#habits, {
      onConnection: () => {
        this.connections.push(this.#parties.clock.now());
        this.#changed.notify();
      },
      onPing: () => {
        this.pings.push(this.#parties.clock.now());
        this.#note('Ping');
        this.#changed.notify();
      },
      onStream: (stream) => {
        this.#note('opens a GossipStream');
        const mine = new TesterStream(this.#parties).attach(stream);
        mine.onMessage = (received) => {
          this.#habits.answer(mine, received);
        };
        this.streams.push(mine);
        const conn = this.#habits.conn?.(mine);
        if (conn !== undefined) mine.send(conn);
        this.#changed.notify();
        return mine.events;
      },
    });
  }

  /** host:port. */
  get address(): string {
    if (this.#server === undefined) throw new Error('the server has not started');
    return this.#server.address;
  }

  /** The next stream that the peer opens and nobody has asked for yet. */
  async expectStream(what: string, withinMs: Millis): Promise<TesterStream> {
    await this.#until(() => this.streams.length > this.#taken, what, withinMs);
    const stream = this.streams[this.#taken];
    if (stream === undefined) throw new Error('a stream that was there is gone');
    this.#taken += 1;
    return stream;
  }

  /** Waits until the peer has called Ping `count` times. */
  async expectPing(what: string, withinMs: Millis, count = 1): Promise<void> {
    await this.#until(() => this.pings.length >= count, what, withinMs);
  }

  /** Waits until the peer has set up `count` connections. */
  async expectConnection(what: string, withinMs: Millis, count = 1): Promise<void> {
    await this.#until(() => this.connections.length >= count, what, withinMs);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  async #until(holds: () => boolean, what: string, withinMs: Millis): Promise<void> {
    const { clock } = this.#parties;
    const deadline = clock.now() + withinMs;
    while (!holds()) {
      const leftMs = deadline - clock.now();
      if (leftMs <= 0) throw new Violation(what, `nothing of the kind within ${Math.round(withinMs)} ms`);
      await this.#changed.wait(clock, leftMs);
    }
  }

  #note(what: string): void {
    this.#parties.note(this.#parties.peer, this.#parties.tester, what);
  }
}
