import type { Connection, DialResult, Ending, StreamEvents, Transport } from '../../src/ports/transport';

/** Writes down what a stream tells, and lets a test await it. */
export class Recorder implements StreamEvents {
  readonly envelopes: Uint8Array[] = [];
  readonly endings: Ending[] = [];
  /** The first ending. */
  readonly ended: Promise<Ending>;
  #tellEnded: (ending: Ending) => void = () => undefined;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#tellEnded = resolve;
    });
  }

  get texts(): string[] {
    return this.envelopes.map((envelope) => Buffer.from(envelope).toString());
  }

  onEnvelope(envelope: Uint8Array): void {
    this.envelopes.push(envelope);
    for (const { count, resolve } of this.#waiting) {
      if (this.envelopes.length >= count) {
        resolve();
      }
    }
  }

  onEnd(ending: Ending): void {
    this.endings.push(ending);
    this.#tellEnded(ending);
  }

  /** Resolves when that many envelopes have come. */
  received(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.envelopes.length >= count) {
        resolve();
      } else {
        this.#waiting.push({ count, resolve });
      }
    });
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

interface Dialer<C> {
  dial(
    endpoint: string,
    timeoutMs: number,
    done: (
      result:
        { readonly ok: true; readonly connection: C } | { readonly ok: false; readonly failure: Ending },
    ) => void,
  ): unknown;
}

/** Dials, and fails the test unless it connects. */
export function dialed<C>(transport: Dialer<C>, endpoint: string, timeoutMs = 2_000): Promise<C> {
  return new Promise((resolve, reject) => {
    transport.dial(endpoint, timeoutMs, (result) => {
      if (result.ok) {
        resolve(result.connection);
      } else {
        reject(new Error(result.failure.details));
      }
    });
  });
}

/** Dials, and gives the failure; fails the test if it connects. */
export function refused(
  transport: Pick<Transport, 'dial'>,
  endpoint: string,
  timeoutMs = 2_000,
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    transport.dial(endpoint, timeoutMs, (result: DialResult) => {
      if (result.ok) {
        result.connection.close();
        reject(new Error(`${endpoint} connected`));
      } else {
        resolve(result.failure);
      }
    });
  });
}

export function pinged(connection: Connection, timeoutMs = 2_000): Promise<Ending | undefined> {
  return new Promise((resolve) => {
    connection.ping(timeoutMs, resolve);
  });
}
