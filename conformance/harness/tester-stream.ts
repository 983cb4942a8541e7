import type { Clock, Millis } from '../../src/ports/clock';
import { StatusCode, type Ending, type GossipStream, type StreamEvents } from '../../src/ports/transport';
import { tappedEvents, tappedStream, type StreamTap, type Tap } from '../../src/capture';
import {
  decodeEnvelope,
  decodeMessage,
  describe,
  encodeEnvelope,
  type ContentKind,
  type ContentOf,
  type Envelope,
  type GossipMessage,
} from '../../src/wire';
import type { Journal, StreamJournal } from './journal';
import { Signal } from './signal';
import { CutOff, Lateness, Violation } from './verdict';

interface Arrival {
  /** Monotonic, by the clock given. */
  readonly atMs: Millis;
  /** The Envelope as it was on the wire. */
  readonly bytes: Uint8Array;
  readonly envelope: Envelope;
  readonly message: GossipMessage;
}

type Arrivals = { [K in ContentKind]: Arrival & { readonly kind: K; readonly value: ContentOf<K> } };

/** A message that came in on a stream. */
export type Received<K extends ContentKind = ContentKind> = Arrivals[K];

export interface Expectation<K extends ContentKind> {
  /** Which of this kind; any by default. */
  readonly where?: (received: Received<K>) => boolean;
  /** How long to wait. */
  readonly withinMs?: Millis;
  /** What is awaited, in words, for the report. */
  readonly what?: string;
}

export interface StreamTools {
  readonly clock: Clock;
  /** Sees all that passes: a check's ladder, a run's recording. */
  readonly tap: Tap;
  readonly journal: Journal;
  readonly answerMs: Millis;
}

interface Attached {
  readonly stream: GossipStream;
  /** The same; what is done by it is seen by the tap. */
  readonly seen: GossipStream;
  readonly tap: StreamTap;
  readonly journal: StreamJournal;
}

const statusName = (code: number): string =>
  Object.entries(StatusCode).find(([, value]) => value === code)?.[0] ?? `status ${code}`;

export const describeEnding = (ending: Ending): string =>
  `stream ended: ${statusName(ending.code)}${ending.details === '' ? '' : ` (${ending.details})`}`;

/**
 * The tester's end of one GossipStream, of either role. All that comes is kept, in order, until it is expected;
 * nothing is skipped unseen.
 */
export class TesterStream {
  readonly received: Received[] = [];
  /** What came that does not decode, with the reason. */
  readonly undecodable: string[] = [];
  /** Set when the stream is over. */
  ending: Ending | undefined;
  endedAtMs: Millis | undefined;
  /** Whether the tester's ConnEstablish went out on it: before, nothing else may (CONN-01). */
  greeted = false;
  /** Whether the tester's half is closed: it says nothing any more, whatever its manners. */
  halfClosed = false;
  /** Called with everything that decodes, after it was kept: where a tester's manners hang. */
  onMessage: (received: Received) => void = () => undefined;

  readonly #tools: StreamTools;
  readonly #changed = new Signal();
  readonly #taken = new Set<Received>();
  #attached: Attached | undefined;

  constructor(tools: StreamTools) {
    this.#tools = tools;
  }

  /** To be given to the transport. */
  readonly events: StreamEvents = tappedEvents(
    {
      onEnvelope: (bytes) => {
        this.#receive(bytes);
      },
      onEnd: (ending) => {
        this.ending = ending;
        this.endedAtMs = this.#tools.clock.now();
        this.#changed.notify();
      },
    },
    () => this.#whole.tap,
  );

  /** The stream itself; set once, by whoever opened or accepted it. */
  attach(stream: GossipStream): this {
    const tap = this.#tools.tap.opened(stream);
    const journal = this.#tools.journal.opened(stream);
    this.#attached = { stream, seen: tappedStream(stream, () => tap), tap, journal };
    return this;
  }

  /** As the transport gave it. */
  get stream(): GossipStream {
    return this.#whole.stream;
  }

  get #whole(): Attached {
    if (this.#attached === undefined) throw new Error('the stream is not attached yet');
    return this.#attached;
  }

  get isOpen(): boolean {
    return this.ending === undefined;
  }

  /** Sends a message as peers of Fabric send it; one that they would not send is a fault of ours. */
  send(envelope: Envelope): void {
    if (this.halfClosed) return;
    this.#whole.journal.says(envelope);
    this.#queue(encodeEnvelope(envelope));
  }

  /** Sends what no peer of Fabric would, on purpose: an Envelope, or bytes in its place. */
  sendWrong(wrong: Envelope | Uint8Array): void {
    if (this.halfClosed) return;
    const bytes = wrong instanceof Uint8Array ? wrong : encodeEnvelope(wrong);
    this.#whole.journal.saysWrong(bytes);
    this.#queue(bytes);
  }

  /** Ends the tester's own side: a responder's status, an initiator's cancellation. */
  end(ending?: Ending): void {
    this.#whole.seen.end(ending);
  }

  /** Waits for a message of this kind; each message is given out once. A Violation if it does not come. */
  async expect<K extends ContentKind>(kind: K, expectation: Expectation<K> = {}): Promise<Received<K>> {
    const { withinMs = this.#tools.answerMs, where = () => true, what = `a ${kind}` } = expectation;
    const find = (): Received<K> | undefined =>
      this.received.find((one): one is Received<K> => this.#isFresh(one, kind) && where(one));
    const deadline = this.#tools.clock.now() + withinMs;
    for (;;) {
      const found = find();
      if (found !== undefined) {
        this.#taken.add(found);
        return found;
      }
      const leftMs = deadline - this.#tools.clock.now();
      if (!this.isOpen) throw new CutOff(what, this.#whatCame(withinMs));
      if (leftMs <= 0) throw new Lateness(what, this.#whatCame(withinMs));
      await this.#changed.wait(this.#tools.clock, leftMs, what);
    }
  }

  /** Whether such a message came that nobody has expected; looks only at what is there. */
  has<K extends ContentKind>(kind: K, where: (received: Received<K>) => boolean = () => true): boolean {
    return this.received.some((one): one is Received<K> => this.#isFresh(one, kind) && where(one));
  }

  /** A Violation if such a message is among what came and was not expected. */
  expectNone<K extends ContentKind>(
    kind: K,
    why: string,
    where: (received: Received<K>) => boolean = () => true,
  ): void {
    const one = this.received.find((r): r is Received<K> => this.#isFresh(r, kind) && where(r));
    if (one !== undefined) throw new Violation(why, describe(one.message));
  }

  /** Waits for the end of the stream; a Violation if it stays open. */
  async expectEnd(what: string, withinMs: Millis = this.#tools.answerMs): Promise<Ending> {
    const deadline = this.#tools.clock.now() + withinMs;
    while (this.ending === undefined) {
      const leftMs = deadline - this.#tools.clock.now();
      if (leftMs <= 0) throw new Lateness(what, `the stream is still open after ${Math.round(withinMs)} ms`);
      await this.#changed.wait(this.#tools.clock, leftMs, what);
    }
    return this.ending;
  }

  #queue(bytes: Uint8Array): void {
    const isQueued = this.#whole.seen.send(bytes);
    if (!isQueued && this.isOpen) throw new Error('the tester sends faster than its own queue empties');
  }

  #isFresh<K extends ContentKind>(one: Received, kind: K): one is Received<K> {
    return one.kind === kind && !this.#taken.has(one);
  }

  #receive(bytes: Uint8Array): void {
    const atMs = this.#tools.clock.now();
    const { journal } = this.#whole;
    try {
      const envelope = decodeEnvelope(bytes);
      const message = decodeMessage(envelope.payload);
      journal.heard(envelope, message);
      if (message.content === undefined) {
        this.undecodable.push('a message without content');
      } else {
        const one: Received = { ...message.content, atMs, bytes, envelope, message };
        this.received.push(one);
        this.onMessage(one);
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.undecodable.push(why);
      journal.garbled(why);
    }
    this.#changed.notify();
  }

  #whatCame(withinMs: Millis): string {
    if (this.ending !== undefined) return describeEnding(this.ending);
    const rest = this.received.filter((one) => !this.#taken.has(one)).map((one) => one.kind);
    const others = rest.length === 0 ? 'nothing else either' : `only ${[...new Set(rest)].join(', ')}`;
    return `nothing of the kind within ${Math.round(withinMs)} ms; ${others}`;
  }
}
