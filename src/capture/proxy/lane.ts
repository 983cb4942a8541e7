import type { Duplex } from 'node:stream';
import type { Clock, Millis, Timer } from '../../ports/clock';
import type { Passage } from './faults';
import { framed, GrpcSplitter } from './grpc-splitter';

/** What a lane does with each whole message. */
export interface LaneMessages {
  /** What is to be passed on in its place. */
  judge(message: Uint8Array): readonly Passage[];
  /** Called after `judge`, and once what may be passed on at once has been. */
  passed(): void;
  /** So many bytes were no message that could be read. */
  unreadable(bytes: number): void;
}

export interface LaneOptions {
  readonly clock: Clock;
  readonly source: Duplex;
  readonly sink: Duplex;
  /** Whether an end of the source, just come, is its sender's word, and not that of a broken call. */
  readonly isMeant: () => boolean;
  /** Undefined: bytes pass as they come. */
  readonly messages: LaneMessages | undefined;
}

/** So much may wait for its time or for the receiver; then the sender is held back, by HTTP/2's own flow control. */
const MAX_WAITING_BYTES = 1_048_576;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly dueMs: Millis;
}

/** One direction of a call: what the source sends reaches the sink, in order, save for what faults do to it. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #splitter = new GrpcSplitter();
  readonly #queue: Waiting[] = [];
  readonly #aside = new Set<Timer>();
  #waitingBytes = 0;
  #lastDueMs: Millis = 0;
  #timer: Timer | undefined;
  #isBlocked = false;
  #isEnding = false;
  #isOver = false;

  constructor(options: LaneOptions) {
    const { source, sink, isMeant } = options;
    this.#options = options;
    source.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    source.on('end', () => {
      if (!isMeant()) return;
      this.#queueUp(this.#splitter.rest(), 0);
      this.#isEnding = true;
      this.#flush();
    });
    sink.on('drain', () => {
      this.#isBlocked = false;
      this.#flush();
    });
  }

  /** Nothing is passed on any more. */
  close(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    for (const timer of this.#aside) timer.cancel();
    this.#queue.length = 0;
  }

  #receive(chunk: Buffer): void {
    const { messages } = this.#options;
    if (messages === undefined) {
      this.#queueUp(chunk, 0);
      this.#flush();
      return;
    }
    for (const part of this.#splitter.push(chunk)) {
      if (part.kind === 'piece') {
        this.#queueUp(part.bytes, 0);
        this.#flush();
        messages.unreadable(part.bytes.length);
        continue;
      }
      for (const { bytes, delayMs, heldMs } of messages.judge(part.message)) {
        if (heldMs > 0) this.#setAside(framed(bytes), delayMs, heldMs);
        else this.#queueUp(framed(bytes), delayMs);
      }
      this.#flush();
      messages.passed();
    }
  }

  #setAside(bytes: Uint8Array, delayMs: Millis, heldMs: Millis): void {
    this.#waitingBytes += bytes.length;
    const timer = this.#options.clock.after(heldMs, () => {
      this.#aside.delete(timer);
      this.#waitingBytes -= bytes.length;
      this.#queueUp(bytes, delayMs);
      this.#flush();
    });
    this.#aside.add(timer);
  }

  /** Behind all that waits already, which keeps the order where a delay ends. */
  #queueUp(bytes: Uint8Array, delayMs: Millis): void {
    if (bytes.length === 0 || this.#isOver) return;
    if (delayMs > 0) this.#lastDueMs = Math.max(this.#lastDueMs, this.#options.clock.now() + delayMs);
    this.#queue.push({ bytes, dueMs: this.#lastDueMs });
    this.#waitingBytes += bytes.length;
  }

  #flush(): void {
    const { clock, sink } = this.#options;
    for (let head = this.#queue[0]; head !== undefined && !this.#isBlocked; head = this.#queue[0]) {
      if (head.dueMs > 0 && head.dueMs > clock.now()) break;
      this.#queue.shift();
      this.#waitingBytes -= head.bytes.length;
      if (sink.writable) this.#isBlocked = !sink.write(head.bytes);
    }
    this.#awaitTurn();
    if (this.#isEnding && !this.#isOver && this.#queue.length === 0 && this.#aside.size === 0) {
      this.#isOver = true;
      sink.end();
    }
    this.#regulate();
  }

  #awaitTurn(): void {
    const [head] = this.#queue;
    if (head === undefined || this.#isBlocked || this.#timer !== undefined) return;
    const { clock } = this.#options;
    this.#timer = clock.after(head.dueMs - clock.now(), () => {
      this.#timer = undefined;
      this.#flush();
    });
  }

  #regulate(): void {
    const { source } = this.#options;
    if (this.#isBlocked || this.#waitingBytes > MAX_WAITING_BYTES) source.pause();
    else if (source.isPaused()) source.resume();
  }
}
