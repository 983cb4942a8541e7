import type { Clock, Millis, Timer } from '../ports/clock';
import {
  type Connection,
  type Ending,
  type GossipStream,
  StatusCode,
  type StreamAcceptor,
  type StreamEvents,
  type TlsBinding,
} from '../ports/transport';
import type { MemoryPipe } from './memory-pipe';
import { BoundedStream, type StreamLimits } from './stream';

/** What two nodes have in common once a dial was accepted. */
export interface ConnectionFacts {
  readonly clock: Clock;
  readonly limits: StreamLimits;
  readonly initiator: MemorySide;
  readonly responder: MemorySide;
  /** What the responder does with streams. */
  readonly accept: StreamAcceptor;
  /** Called once neither side has it open. */
  readonly gone: () => void;
}

export interface MemorySide {
  readonly endpoint: string;
  /** The other side's address as this one sees it: a responder sees an ephemeral port. */
  readonly remoteAddress: string;
  readonly binding: TlsBinding;
  /** From this side to the other. */
  readonly pipe: MemoryPipe;
}

export type SideName = 'initiator' | 'responder';

const LOST: Ending = { code: StatusCode.UNAVAILABLE, details: 'the connection broke' };
const CLOSED: Ending = { code: StatusCode.UNAVAILABLE, details: 'the connection is closed' };
const CLOSING: Ending = { code: StatusCode.UNAVAILABLE, details: 'the server is closing' };

/** All that gRPC tells a responder of why a stream is gone. */
const CANCELLED: Ending = {
  code: StatusCode.CANCELLED,
  details: 'the initiator cancelled, or its connection broke',
};

interface Ping {
  readonly timer: Timer;
  readonly finish: (failure: Ending | undefined) => void;
}

/** What one side has open. */
class SideState {
  open = true;
  /** Its process is gone: nobody is left to tell anything. */
  dead = false;
  /** With the timer of the stream's own deadline, if it has one. */
  readonly streams = new Map<BoundedStream, Timer | undefined>();
  readonly pings = new Set<Ping>();
}

/** A connection of the memory network: both sides of it. The face is the initiator's. */
export class MemoryConnection implements Connection {
  readonly #facts: ConnectionFacts;
  readonly #sides: Readonly<Record<SideName, SideState>> = {
    initiator: new SideState(),
    responder: new SideState(),
  };

  constructor(facts: ConnectionFacts) {
    this.#facts = facts;
  }

  get endpoint(): string {
    return this.#facts.responder.endpoint;
  }

  get binding(): TlsBinding {
    return this.#facts.initiator.binding;
  }

  /** The endpoint of the node on this side. */
  endpointOf(name: SideName): string {
    return this.#facts[name].endpoint;
  }

  ping(timeoutMs: Millis, done: (failure: Ending | undefined) => void): void {
    const { clock, initiator, responder } = this.#facts;
    const { open, dead, pings } = this.#sides.initiator;
    if (dead) {
      return;
    }
    const ping: Ping = {
      finish: (failure) => {
        if (pings.delete(ping)) {
          ping.timer.cancel();
          done(failure);
        }
      },
      timer: clock.after(open ? timeoutMs : 0, () => {
        const details = `no answer to Ping within ${timeoutMs} ms`;
        ping.finish(open ? { code: StatusCode.DEADLINE_EXCEEDED, details } : CLOSED);
      }),
    };
    pings.add(ping);
    if (open) {
      initiator.pipe.control(() => {
        if (this.#sides.responder.open) {
          responder.pipe.control(() => {
            ping.finish(undefined);
          });
        }
      });
    }
  }

  open(events: StreamEvents, deadlineMs?: Millis): GossipStream {
    const { clock, initiator, responder } = this.#facts;
    let far: BoundedStream | undefined;
    const near = this.#stream('initiator', {
      deliver: (envelope) => far?.receive(envelope),
      finish: () => {
        initiator.pipe.control(() => far?.receiveEnd(CANCELLED));
      },
    });
    if (!this.#sides.initiator.open) {
      near.attach(this.#sides.initiator.dead ? DEAF : events);
      clock.after(0, () => {
        near.receiveEnd(CLOSED);
      });
      return near;
    }
    const deadline =
      deadlineMs === undefined
        ? undefined
        : clock.after(deadlineMs, () => {
            initiator.pipe.control(() => far?.receiveEnd(CANCELLED));
            near.receiveEnd({
              code: StatusCode.DEADLINE_EXCEEDED,
              details: `not over within ${deadlineMs} ms`,
            });
          });
    this.#keep('initiator', near, events, deadline);
    initiator.pipe.control(() => {
      if (!this.#sides.responder.open) {
        return;
      }
      const accepted = this.#stream('responder', {
        deliver: (envelope) => {
          near.receive(envelope);
        },
        finish: (ending) => {
          responder.pipe.control(() => {
            near.receiveEnd(ending);
          });
        },
      });
      far = accepted;
      this.#keep('responder', accepted, this.#facts.accept(accepted), undefined);
    });
    return near;
  }

  close(): void {
    this.#close('initiator', CANCELLED);
  }

  /** The listener closes: its streams end with UNAVAILABLE. */
  closeResponder(): void {
    this.#close('responder', CLOSING);
  }

  /** The process on this side dies: it hears nothing more, and the other side hears that the connection broke. */
  crash(name: SideName): void {
    const side = this.#sides[name];
    side.dead = true;
    for (const [stream, deadline] of side.streams) {
      deadline?.cancel();
      stream.attach(DEAF);
      stream.receiveEnd(LOST);
    }
    for (const { timer } of side.pings) {
      timer.cancel();
    }
    side.streams.clear();
    side.pings.clear();
    this.#leave(name);
  }

  /** Both sides notice that the connection is gone. */
  break(): void {
    this.#lose('initiator');
    this.#lose('responder');
  }

  #close(name: SideName, ending: Ending): void {
    const side = this.#sides[name];
    if (!side.open) {
      return;
    }
    for (const stream of side.streams.keys()) {
      stream.end(ending);
    }
    for (const ping of side.pings) {
      this.#facts.clock.after(0, () => {
        ping.finish(CLOSED);
      });
    }
    this.#leave(name);
  }

  /** This side is closed; the other hears of it after what is under way. */
  #leave(name: SideName): void {
    this.#sides[name].open = false;
    this.#facts[name].pipe.control(() => {
      this.#lose(name === 'initiator' ? 'responder' : 'initiator');
    });
  }

  /** This side notices that the connection is gone. */
  #lose(name: SideName): void {
    const side = this.#sides[name];
    side.open = false;
    for (const stream of side.streams.keys()) {
      stream.receiveEnd(name === 'initiator' ? LOST : CANCELLED);
    }
    for (const ping of side.pings) {
      ping.finish(LOST);
    }
    if (!this.#sides.initiator.open && !this.#sides.responder.open) {
      this.#facts.initiator.pipe.close();
      this.#facts.responder.pipe.close();
      this.#facts.gone();
    }
  }

  #stream(
    name: SideName,
    other: { readonly deliver: (envelope: Uint8Array) => void; readonly finish: (ending: Ending) => void },
  ): BoundedStream {
    const { clock, limits } = this.#facts;
    const { remoteAddress, binding, pipe } = this.#facts[name];
    return new BoundedStream(
      { role: name, remoteAddress, binding, limits },
      {
        write: (envelope, taken) => {
          // Copied at once, as a socket does, so that nothing is shared between the peers.
          const copy = envelope.slice();
          let copiesDelivered = 0;
          const underWay = pipe.message(() => {
            copiesDelivered++;
            if (copiesDelivered === 1) {
              taken();
            }
            other.deliver(copiesDelivered === 1 ? copy : copy.slice());
          });
          if (!underWay) {
            clock.after(0, taken);
          }
        },
        finish: other.finish,
        later: (run) => {
          clock.after(0, run);
        },
      },
    );
  }

  /** Keeps the stream among what this side has open, until it ends. */
  #keep(name: SideName, stream: BoundedStream, events: StreamEvents, deadline: Timer | undefined): void {
    const { streams } = this.#sides[name];
    streams.set(stream, deadline);
    stream.attach({
      onEnvelope: (envelope) => {
        events.onEnvelope(envelope);
      },
      onEnd: (ending) => {
        deadline?.cancel();
        streams.delete(stream);
        events.onEnd(ending);
      },
    });
  }
}

/** The events of a process that died. */
const DEAF: StreamEvents = { onEnvelope: () => undefined, onEnd: () => undefined };
