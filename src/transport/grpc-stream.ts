import type { Ending } from '../ports/transport';
import { toBuffer } from './grpc-service';
import { BoundedStream, type StreamFacts } from './stream';

/** What a stream needs of either side's gRPC call. */
export interface GrpcCall {
  write(message: Buffer, taken: () => void): boolean;
  pause(): unknown;
  resume(): unknown;
}

/** A GossipStream over a gRPC call. Its queue is grpc-js's own, which has no bound but the stream's. */
export class GrpcStream extends BoundedStream {
  readonly #call: GrpcCall;

  constructor(facts: StreamFacts, call: GrpcCall, finish: (ending: Ending) => void) {
    super(facts, {
      write: (message, taken) => call.write(toBuffer(message), taken),
      finish,
      later: queueMicrotask,
    });
    this.#call = call;
  }

  /** Stops reading, so that flow control holds the other side back: for testers (LIFE-13, LIFE-14). */
  pauseReading(): void {
    this.#call.pause();
  }

  resumeReading(): void {
    this.#call.resume();
  }
}

/** The stream of the side that dialled. */
export class InitiatorStream extends GrpcStream {
  readonly #halfClose: () => void;
  #halfClosed = false;

  constructor(facts: StreamFacts, call: GrpcCall, finish: () => void, halfClose: () => void) {
    super(facts, call, finish);
    this.#halfClose = halfClose;
  }

  /** Closes this side's half without cancelling, as no gossip client may (RPC-10): for testers. */
  halfClose(): void {
    this.#halfClosed = true;
    this.#halfClose();
  }

  /** grpc-js neither sends the rest nor closes its half of a stream that is written to afterwards. */
  override send(envelope: Uint8Array): boolean {
    return !this.#halfClosed && super.send(envelope);
  }
}
