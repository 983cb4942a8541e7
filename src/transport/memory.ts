import type { Clock, Millis, Timer } from '../ports/clock';
import type { Random } from '../ports/random';
import {
  type Dialling,
  type DialResult,
  type Ending,
  type Listener,
  StatusCode,
  type StreamAcceptor,
  type Transport,
} from '../ports/transport';
import { type LinkFaults, MemoryFaults } from './memory-faults';
import { MemoryConnection } from './memory-connection';
import { MemoryPipe } from './memory-pipe';
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from './stream';
import { TransportError } from './transport-error';

export type { LinkFaults } from './memory-faults';

/** Leaf certificates that a node shows, any bytes: the handshake hashes them, and nothing verifies them. */
export interface MemoryTls {
  readonly serverCertificate: Uint8Array;
  /** Undefined: none is shown (TLS-02). */
  readonly clientCertificate: Uint8Array | undefined;
}

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** What every link does, to begin with. By default 1 ms of latency and nothing else. */
  readonly faults?: Partial<LinkFaults>;
  readonly limits?: Partial<StreamLimits>;
  /** How long a connection across a cut stands until keepalive breaks it; RPC-06: 60 s, then 20 s, by default. */
  readonly cutBreaksAfterMs?: Millis;
}

/** Fabric's client keepalive interval and timeout. */
const CUT_BREAKS_AFTER_MS: Millis = 80_000;

const FIRST_EPHEMERAL_PORT = 49_152;

/**
 * A whole network in memory, on one clock: what happens is a function of the clock, the chance given and the calls
 * made. Each node that joins gets a Transport with the guarantees of gRPC's.
 */
export class MemoryNetwork {
  readonly #clock: Clock;
  readonly #faults: MemoryFaults;
  readonly #limits: StreamLimits;
  readonly #cutBreaksAfterMs: Millis;
  readonly #nodes = new Map<string, Node>();
  readonly #pipes = new Set<MemoryPipe>();
  /** Each connection, with the timer that breaks it while it crosses a cut. */
  readonly #connections = new Map<MemoryConnection, Timer | undefined>();
  #lastPort = FIRST_EPHEMERAL_PORT;

  constructor(options: MemoryNetworkOptions) {
    this.#clock = options.clock;
    this.#faults = new MemoryFaults(options.random, options.faults);
    this.#limits = { ...DEFAULT_STREAM_LIMITS, ...options.limits };
    this.#cutBreaksAfterMs = options.cutBreaksAfterMs ?? CUT_BREAKS_AFTER_MS;
  }

  /** Adds a node. `tls` undefined: TLS is off. Throws TransportError ADDRESS_IN_USE for an endpoint that is there. */
  join(endpoint: string, tls?: MemoryTls): Transport {
    if (this.#nodes.has(endpoint)) {
      throw new TransportError('ADDRESS_IN_USE', `${endpoint} has joined already: kill it first`);
    }
    const node: Node = { endpoint, tls, accept: undefined, dials: new Set() };
    this.#nodes.set(endpoint, node);
    return {
      listen: (accept) => this.#listen(node, accept),
      dial: (to, timeoutMs, done) => this.#dial(node, to, timeoutMs, done),
    };
  }

  /** Changes what all links do from now on, save those that were set by {@link setLink}. */
  setFaults(faults: Partial<LinkFaults>): void {
    this.#faults.set(faults);
  }

  /** Changes what the link from one endpoint to another does from now on, in this direction. */
  setLink(from: string, to: string, faults: Partial<LinkFaults>): void {
    this.#faults.setLink(from, to, faults);
  }

  /**
   * Cuts the links between endpoints of different groups; those named in none keep theirs. Replaces an earlier cut.
   * What is sent over a cut waits for it to heal, and connections break only when keepalive notices.
   */
  partition(groups: readonly (readonly string[])[]): void {
    this.#faults.partition(groups);
    this.#cutChanged();
  }

  heal(): void {
    this.partition([]);
  }

  /**
   * The node's process dies: it hears nothing any more, and the others that its connections broke. The endpoint may
   * join again.
   */
  kill(endpoint: string): void {
    const node = this.#nodes.get(endpoint);
    if (node === undefined) {
      return;
    }
    this.#nodes.delete(endpoint);
    node.accept = undefined;
    for (const dial of node.dials) {
      dial.cancel();
    }
    for (const connection of [...this.#connections.keys()]) {
      for (const side of ['initiator', 'responder'] as const) {
        if (connection.endpointOf(side) === endpoint) {
          connection.crash(side);
        }
      }
    }
  }

  #listen(node: Node, accept: StreamAcceptor): Promise<Listener> {
    if (!this.#isUp(node)) {
      return Promise.reject(new TransportError('LISTEN_FAILED', `${node.endpoint} was killed`));
    }
    if (node.accept !== undefined) {
      return Promise.reject(new TransportError('ADDRESS_IN_USE', `${node.endpoint} listens already`));
    }
    node.accept = accept;
    return Promise.resolve({
      address: node.endpoint,
      close: () => {
        if (node.accept === accept) {
          node.accept = undefined;
          this.#closeResponders(node.endpoint);
        }
        return Promise.resolve();
      },
    });
  }

  #closeResponders(endpoint: string): void {
    for (const connection of [...this.#connections.keys()]) {
      if (connection.endpointOf('responder') === endpoint) {
        connection.closeResponder();
      }
    }
  }

  #dial(node: Node, endpoint: string, timeoutMs: Millis, done: (result: DialResult) => void): Dialling {
    const there = this.#pipe(node.endpoint, endpoint);
    const back = this.#pipe(endpoint, node.endpoint);
    let connection: MemoryConnection | undefined;
    const stop = (): boolean => {
      timer.cancel();
      return node.dials.delete(dial);
    };
    const abandon = (): void => {
      if (connection === undefined) {
        this.#drop(there, back);
      } else {
        connection.close();
      }
    };
    const fail = (failure: Ending): void => {
      if (stop()) {
        abandon();
        done({ ok: false, failure });
      }
    };
    const dial: Dialling = {
      cancel: () => {
        if (stop()) {
          abandon();
        }
      },
    };
    const timer = this.#clock.after(timeoutMs, () => {
      const details = `${endpoint}: not connected within ${timeoutMs} ms: no answer`;
      fail({ code: StatusCode.DEADLINE_EXCEEDED, details });
    });
    if (!this.#isUp(node)) {
      stop();
      return dial;
    }
    node.dials.add(dial);
    there.control(() => {
      const arrival = this.#arrive(node, endpoint, there, back);
      if (arrival instanceof MemoryConnection) {
        connection = arrival;
        back.control(() => {
          if (stop()) {
            done({ ok: true, connection: arrival });
          }
        });
      } else {
        back.control(() => {
          fail(arrival);
        });
      }
    });
    return dial;
  }

  /** A dial has reached the other end. */
  #arrive(from: Node, endpoint: string, there: MemoryPipe, back: MemoryPipe): MemoryConnection | Ending {
    const to = this.#nodes.get(endpoint);
    if (to?.accept === undefined) {
      return unavailable(`${endpoint}: connection refused: nothing listens there`);
    }
    if ((from.tls === undefined) !== (to.tls === undefined)) {
      return unavailable(`${endpoint}: one side has TLS on and the other off`);
    }
    const tls = from.tls !== undefined;
    const clientCertificate = from.tls?.clientCertificate;
    const serverCertificate = to.tls?.serverCertificate;
    this.#lastPort++;
    const connection = new MemoryConnection({
      clock: this.#clock,
      limits: this.#limits,
      accept: to.accept,
      initiator: {
        endpoint: from.endpoint,
        remoteAddress: endpoint,
        binding: { tls, localCertificate: clientCertificate, remoteCertificate: serverCertificate },
        pipe: there,
      },
      responder: {
        endpoint,
        remoteAddress: `${hostOf(from.endpoint)}:${this.#lastPort}`,
        binding: { tls, localCertificate: serverCertificate, remoteCertificate: clientCertificate },
        pipe: back,
      },
      gone: () => {
        this.#connections.get(connection)?.cancel();
        this.#connections.delete(connection);
        this.#drop(there, back);
      },
    });
    this.#connections.set(connection, undefined);
    return connection;
  }

  #cutChanged(): void {
    for (const pipe of this.#pipes) {
      pipe.release();
    }
    for (const [connection, breaking] of this.#connections) {
      if (!this.#faults.isCut(connection.endpointOf('initiator'), connection.endpointOf('responder'))) {
        breaking?.cancel();
        this.#connections.set(connection, undefined);
      } else if (breaking === undefined) {
        const timer = this.#clock.after(this.#cutBreaksAfterMs, () => {
          connection.break();
        });
        this.#connections.set(connection, timer);
      }
    }
  }

  #isUp(node: Node): boolean {
    return this.#nodes.get(node.endpoint) === node;
  }

  #pipe(from: string, to: string): MemoryPipe {
    const pipe = new MemoryPipe(this.#clock, this.#faults, from, to);
    this.#pipes.add(pipe);
    return pipe;
  }

  #drop(...pipes: readonly MemoryPipe[]): void {
    for (const pipe of pipes) {
      pipe.close();
      this.#pipes.delete(pipe);
    }
  }
}

interface Node {
  readonly endpoint: string;
  readonly tls: MemoryTls | undefined;
  /** What it does with streams; undefined: it does not listen. */
  accept: StreamAcceptor | undefined;
  /** Not answered yet. */
  readonly dials: Set<Dialling>;
}

function unavailable(details: string): Ending {
  return { code: StatusCode.UNAVAILABLE, details };
}

function hostOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(':'));
}
