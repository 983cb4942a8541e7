import type { TlsCredentials } from '../../src/identity';
import type { Millis } from '../../src/ports/clock';
import type { GossipStream, StreamEvents } from '../../src/ports/transport';
import type { Envelope } from '../../src/wire';
import { sameBytes } from '../steps/bytes';
import type { InboundServer, Lines, ServerOptions } from './lines';
import { Signal } from './signal';
import type { PeerUnderTest } from './target';
import { TesterStream, type Received, type StreamTools } from './tester-stream';
import { Lateness } from './verdict';

export interface ServeOptions extends ServerOptions {
  /** Which ConnEstablish to send on an inbound stream, as soon as it opens; undefined: stays silent. */
  readonly conn?: (stream: TesterStream) => Envelope | undefined;
}

interface Habits extends ServeOptions {
  /** Whether `conn` may be what no peer would send. */
  readonly isForged: boolean;
  readonly answer: (stream: TesterStream, received: Received) => void;
  readonly connected: (remoteAddress: string) => void;
  readonly pinged: (remoteAddress: string) => void;
}

/** A connection or a Ping from `remoteAddress`, before a ConnEstablish says whose it is. */
export interface Knock {
  readonly atMs: Millis;
  readonly remoteAddress: string;
}

/**
 * A tester's own gossip server: what the peer does when it is the one who dials. Its fellow members dial a tester too,
 * so only the ConnEstablish on a stream tells whose it is; the remote address ties connection, Ping and stream
 * together.
 */
export class TesterServer {
  /** The streams that the peer under test opened, in order of its ConnEstablish. */
  readonly streams: TesterStream[] = [];
  /** Every Ping, whoever called it. */
  readonly pings: Knock[] = [];
  /** Every TCP connection, whoever made it. */
  readonly connections: Knock[] = [];

  readonly #tools: StreamTools;
  readonly #put: PeerUnderTest;
  readonly #habits: Habits;
  readonly #changed = new Signal();
  #taken = 0;
  #server: InboundServer | undefined;

  constructor(tools: StreamTools, put: PeerUnderTest, habits: Habits) {
    this.#tools = tools;
    this.#put = put;
    this.#habits = habits;
  }

  /** Rejects with a TransportError where the address cannot be had. */
  async start(lines: Lines, host: string, tls: TlsCredentials | undefined): Promise<void> {
    this.#server = await lines.listen(host, tls, this.#habits, {
      onConnection: (remoteAddress) => {
        this.connections.push(this.#knock(remoteAddress));
        this.#habits.connected(remoteAddress);
        this.#changed.notify();
      },
      onPing: (remoteAddress) => {
        this.pings.push(this.#knock(remoteAddress));
        this.#habits.pinged(remoteAddress);
        this.#changed.notify();
      },
      onStream: (stream) => this.#accept(stream),
    });
  }

  /** host:port. */
  get address(): string {
    if (this.#server === undefined) throw new Error('the server has not started');
    return this.#server.address;
  }

  /** The next stream of the peer under test that nobody has asked for yet; its ConnEstablish has come. */
  async expectStream(what: string, withinMs: Millis): Promise<TesterStream> {
    await this.#until(() => this.streams.length > this.#taken, what, withinMs);
    const stream = this.streams[this.#taken];
    if (stream === undefined) throw new Error('a stream that was there is gone');
    this.#taken += 1;
    return stream;
  }

  /** Waits until somebody has called Ping `count` times. */
  async expectPing(what: string, withinMs: Millis, count = 1): Promise<void> {
    await this.#until(() => this.pings.length >= count, what, withinMs);
  }

  /** Waits until somebody has connected `count` times. */
  async expectConnection(what: string, withinMs: Millis, count = 1): Promise<void> {
    await this.#until(() => this.connections.length >= count, what, withinMs);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }

  #accept(stream: GossipStream): StreamEvents {
    const mine = new TesterStream(this.#tools).attach(stream);
    mine.onMessage = (received) => {
      if (received.kind === 'conn') {
        const isPut = sameBytes(received.value.pkiId, this.#put.pkiId);
        if (isPut && !this.streams.includes(mine)) this.streams.push(mine);
      }
      this.#habits.answer(mine, received);
      this.#changed.notify();
    };
    const conn = this.#habits.conn?.(mine);
    if (conn !== undefined) {
      if (this.#habits.isForged) mine.sendWrong(conn);
      else mine.send(conn);
      mine.greeted = true;
    }
    return mine.events;
  }

  #knock(remoteAddress: string): Knock {
    return { atMs: this.#tools.clock.now(), remoteAddress };
  }

  async #until(holds: () => boolean, what: string, withinMs: Millis): Promise<void> {
    const { clock } = this.#tools;
    const deadline = clock.now() + withinMs;
    while (!holds()) {
      const leftMs = deadline - clock.now();
      if (leftMs <= 0) throw new Lateness(what, `nothing of the kind within ${Math.round(withinMs)} ms`);
      await this.#changed.wait(clock, leftMs, what);
    }
  }
}
