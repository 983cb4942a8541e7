import type { TlsCredentials } from '../../src/identity';
import type { Clock, Millis, Timer } from '../../src/ports/clock';
import type { Lines, Pinger } from './lines';
import { Violation } from './verdict';

/** Between an answer and the next Ping. */
const REST_MS = 200;
/** Before a peer is dialled again that was lost, or cannot be reached. */
const RETRY_MS = 1_000;
/** A Ping without answer says nothing of a busy machine after that. */
const PATIENCE_MS = 10_000;

export interface PulseOptions {
  readonly lines: Pick<Lines, 'pinger'>;
  readonly clock: Clock;
  readonly endpoint: string;
  readonly tls: TlsCredentials | undefined;
}

/**
 * How long a peer takes to answer Ping, asked over and over on a connection of its own. A Ping takes no more than a moment
 * of a processor: where that is long in coming, all else from the peer is late for the same reason, and no fault of it.
 */
export class Pulse implements Disposable {
  readonly #options: PulseOptions;
  readonly #watches = new Set<PulseWatch>();
  #pinger: Pinger | undefined;
  #timer: Timer | undefined;
  #askedAtMs: Millis | undefined;
  #over = false;

  constructor(options: PulseOptions) {
    this.#options = options;
    void this.#beat();
  }

  /** From now on; to be disposed of. */
  watch(): PulseWatch {
    const watch: PulseWatch = new PulseWatch(
      () => this.#waitingMs,
      () => this.#watches.delete(watch),
    );
    this.#watches.add(watch);
    return watch;
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#pinger?.close();
  }

  get #waitingMs(): Millis {
    return this.#askedAtMs === undefined ? 0 : this.#options.clock.now() - this.#askedAtMs;
  }

  async #beat(): Promise<void> {
    const pinger = (this.#pinger ??= await this.#dial());
    if (this.#over) {
      pinger?.close();
      return;
    }
    if (pinger === undefined) {
      this.#beatAfter(RETRY_MS);
      return;
    }
    this.#askedAtMs = this.#options.clock.now();
    const failure = await pinger.ping(PATIENCE_MS);
    const tookMs = this.#waitingMs;
    this.#askedAtMs = undefined;
    if (failure === undefined) {
      for (const watch of this.#watches) watch.note(tookMs);
      this.#beatAfter(REST_MS);
    } else {
      // It was brought down, or has no Ping: what it is late with, nobody can tell from this.
      pinger.close();
      this.#pinger = undefined;
      this.#beatAfter(RETRY_MS);
    }
  }

  async #dial(): Promise<Pinger | undefined> {
    const { lines, endpoint, tls } = this.#options;
    try {
      return await lines.pinger(endpoint, tls);
    } catch (error) {
      if (error instanceof Violation) return undefined;
      throw error;
    }
  }

  #beatAfter(delayMs: Millis): void {
    if (this.#over) return;
    this.#timer = this.#options.clock.after(delayMs, () => void this.#beat());
  }
}

/** The pulse of a peer during one check. */
export class PulseWatch implements Disposable {
  readonly #waitingMs: () => Millis;
  readonly #end: () => void;
  #worstMs = 0;

  constructor(waitingMs: () => Millis, end: () => void) {
    this.#waitingMs = waitingMs;
    this.#end = end;
  }

  /** The longest that it took for an answer, or is taking. */
  get worstMs(): Millis {
    return Math.max(this.#worstMs, this.#waitingMs());
  }

  note(tookMs: Millis): void {
    this.#worstMs = Math.max(this.#worstMs, tookMs);
  }

  [Symbol.dispose](): void {
    this.#end();
  }
}
