import {
  type Ending,
  type GossipStream,
  StatusCode,
  type StreamEvents,
  type TlsBinding,
} from '../ports/transport';

const MEBI = 1024 * 1024;

/** What bounds a stream. */
export interface StreamLimits {
  /** `peer.maxRecvMsgSize`, bytes: a longer message ends its stream with RESOURCE_EXHAUSTED (RPC-04). */
  readonly maxRecvMsgSizeBytes: number;
  /** `peer.maxSendMsgSize`, bytes: the same when sending. */
  readonly maxSendMsgSizeBytes: number;
  /** `peer.gossip.sendBuffSize`: messages accepted and not yet taken by the connection (LIFE-13). */
  readonly sendBuffSize: number;
}

/** As in Fabric's sample core.yaml. */
export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  maxRecvMsgSizeBytes: 100 * MEBI,
  maxSendMsgSizeBytes: 100 * MEBI,
  sendBuffSize: 200,
};

/** What a stream is. */
export interface StreamFacts {
  readonly role: GossipStream['role'];
  readonly remoteAddress: string;
  readonly binding: TlsBinding;
  readonly limits: StreamLimits;
}

/** What carries a stream's messages. */
export interface StreamCarrier {
  /** Takes a message; calls `taken` once the connection has it, never from inside. */
  write(message: Uint8Array, taken: () => void): void;
  /** A responder's answers with this status, after what was written; an initiator's cancels. */
  finish(ending: Ending): void;
  /** Runs it soon, but not from inside. */
  later(run: () => void): void;
}

const OK: Ending = { code: StatusCode.OK, details: '' };
const CANCELLED: Ending = { code: StatusCode.CANCELLED, details: 'cancelled by this side' };

/**
 * What the port promises of a stream, whatever carries it: a bounded queue, limited messages, one end and nothing
 * after it, no callback from inside the call that caused it.
 */
export class BoundedStream implements GossipStream {
  readonly role: GossipStream['role'];
  readonly remoteAddress: string;
  readonly binding: TlsBinding;
  readonly #limits: StreamLimits;
  readonly #carrier: StreamCarrier;
  #events: StreamEvents | undefined;
  #queued = 0;
  #dropped = 0;
  #received = 0;
  #over = false;

  constructor(facts: StreamFacts, carrier: StreamCarrier) {
    this.role = facts.role;
    this.remoteAddress = facts.remoteAddress;
    this.binding = facts.binding;
    this.#limits = facts.limits;
    this.#carrier = carrier;
  }

  /** Messages accepted by {@link send} that the connection has not taken yet. */
  get queued(): number {
    return this.#queued;
  }

  /** Messages that {@link send} refused because the queue was full. */
  get dropped(): number {
    return this.#dropped;
  }

  send(envelope: Uint8Array): boolean {
    if (this.#over) {
      return false;
    }
    const { maxSendMsgSizeBytes, sendBuffSize } = this.#limits;
    if (envelope.byteLength > maxSendMsgSizeBytes) {
      this.#finish(tooLong(envelope, 'maxSendMsgSize', maxSendMsgSizeBytes));
      return false;
    }
    if (this.#queued >= sendBuffSize) {
      this.#dropped++;
      return false;
    }
    this.#queued++;
    this.#carrier.write(envelope, () => {
      this.#queued--;
    });
    return true;
  }

  end(ending: Ending = OK): void {
    this.#finish(this.role === 'initiator' ? CANCELLED : ending);
  }

  /** For the transport: whom to tell. */
  attach(events: StreamEvents): void {
    this.#events = events;
  }

  /** For the transport: a message came. */
  receive(envelope: Uint8Array): void {
    if (this.#over) {
      return;
    }
    const { maxRecvMsgSizeBytes } = this.#limits;
    if (envelope.byteLength > maxRecvMsgSizeBytes) {
      this.#finish(tooLong(envelope, 'maxRecvMsgSize', maxRecvMsgSizeBytes));
      return;
    }
    this.#received++;
    this.#events?.onEnvelope(envelope);
  }

  /**
   * For the transport: the initiator closed its half. That ends the stream with UNKNOWN (RPC-10), but goes unnoticed
   * before the first envelope (CONN-18).
   */
  receiveHalfClose(): void {
    if (this.#received > 0) {
      this.#finish({ code: StatusCode.UNKNOWN, details: 'EOF' });
    }
  }

  /** For the transport: the stream ended from outside. */
  receiveEnd(ending: Ending): void {
    if (!this.#over) {
      this.#over = true;
      this.#events?.onEnd(ending);
    }
  }

  #finish(ending: Ending): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#carrier.finish(ending);
    this.#carrier.later(() => this.#events?.onEnd(ending));
  }
}

function tooLong(envelope: Uint8Array, limitName: string, limit: number): Ending {
  const details = `a message of ${envelope.byteLength} bytes is longer than ${limitName}, ${limit}`;
  return { code: StatusCode.RESOURCE_EXHAUSTED, details };
}
