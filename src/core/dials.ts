/**
 * Attempts to reach others that are under way, and the messages that wait for them.
 *
 * To one peer at most one of each purpose runs. When dials of two peers have crossed, the one that gave way waits a
 * moment before its next, or they might cross for ever (LIFE-04).
 * Source: gossip/comm/conn.go, `createConnection`; gossip/comm/comm_impl.go, `Probe`.
 */
import type { Millis } from '../ports/clock';
import type { Ending, TlsBinding } from '../ports/transport';
import { Attempt, type AttemptResult, type Purpose } from './attempt';
import { keyOf } from './bytes';
import type { PeerContext } from './context';
import type { LinkId } from './effects';
import type { Opened } from './envelopes';
import type { IdentityStore } from './identity-store';
import type { Instant } from './instant';
import { CROSSING_JITTER_MS, CROSSING_WINDOW_MS } from './limits';

/** What an attempt is for. */
export interface Goal {
  readonly endpoint: string;
  readonly purpose: Purpose;
  /** The peer expected there; undefined for a deep probe. */
  readonly expected?: Uint8Array;
  /** Of a deep probe. */
  readonly tag?: string;
}

/** An attempt that runs, and the messages that wait for it. */
export interface Dial extends Goal {
  readonly attempt: Attempt;
  readonly queue: Opened[];
}

export class Dials {
  readonly #context: PeerContext;
  readonly #identities: IdentityStore;
  readonly #conclude: (dial: Dial, result: AttemptResult, at: Instant) => void;
  readonly #byLink = new Map<LinkId, Dial>();
  /** Those that expect a peer, by purpose and peer. */
  readonly #byGoal = new Map<string, Dial>();
  /** When dials last crossed with a peer's own. */
  readonly #crossedAtMs = new Map<string, Millis>();
  #count = 0;

  /** `conclude` is called for each that ends by itself, when it runs no longer. */
  constructor(
    context: PeerContext,
    identities: IdentityStore,
    conclude: (dial: Dial, result: AttemptResult, at: Instant) => void,
  ) {
    this.#context = context;
    this.#identities = identities;
    this.#conclude = conclude;
  }

  /** The one with this goal that runs, else a new one; undefined where there is no endpoint to dial. */
  begin(goal: Goal, at: Instant): Dial | undefined {
    const { endpoint, expected, purpose } = goal;
    const running = expected && this.#byGoal.get(goalKey(purpose, expected));
    if (running !== undefined || endpoint === '') {
      return running;
    }
    const link: LinkId = `out-${++this.#count}`;
    const attempt = new Attempt(
      this.#context,
      this.#identities,
      { link, endpoint, purpose },
      (result, later) => {
        this.#drop(dial);
        this.#conclude(dial, result, later);
      },
    );
    const dial: Dial = { ...goal, attempt, queue: [] };
    this.#byLink.set(link, dial);
    if (expected !== undefined) {
      this.#byGoal.set(goalKey(purpose, expected), dial);
    }
    if (expected !== undefined && purpose === 'connection' && this.#crossedLately(expected, at)) {
      attempt.startLater(this.#context.random.below(CROSSING_JITTER_MS));
    } else {
      attempt.start();
    }
    return dial;
  }

  /** The one at a connection to this peer, if it runs. */
  connecting(pkiId: Uint8Array): Dial | undefined {
    return this.#byGoal.get(goalKey('connection', pkiId));
  }

  giveUp(dial: Dial): void {
    dial.attempt.abandon();
    this.#drop(dial);
  }

  /** A dial gave way to one of the peer's own. */
  crossed(pkiId: Uint8Array, at: Instant): void {
    this.#crossedAtMs.set(keyOf(pkiId), at.nowMs);
  }

  #crossedLately(pkiId: Uint8Array, at: Instant): boolean {
    const crossedAtMs = this.#crossedAtMs.get(keyOf(pkiId));
    this.#crossedAtMs.delete(keyOf(pkiId));
    return crossedAtMs !== undefined && at.nowMs - crossedAtMs <= CROSSING_WINDOW_MS;
  }

  // ── Events from below; nothing where they concern no dial ────────────────────────────────────────────────────

  dialled(link: LinkId, binding: TlsBinding, at: Instant): void {
    this.#byLink.get(link)?.attempt.dialled(binding, at);
  }

  pinged(link: LinkId, failure: Ending | undefined, at: Instant): void {
    this.#byLink.get(link)?.attempt.pinged(failure, at);
  }

  received(link: LinkId, bytes: Uint8Array, at: Instant): void {
    this.#byLink.get(link)?.attempt.received(bytes, at);
  }

  failed(link: LinkId, failure: Ending, at: Instant): void {
    this.#byLink.get(link)?.attempt.fail(failure, at);
  }

  /** Gives all of them up. */
  stop(): void {
    for (const dial of this.#byLink.values()) {
      dial.attempt.abandon();
    }
    this.#byLink.clear();
    this.#byGoal.clear();
  }

  #drop({ attempt, expected, purpose }: Dial): void {
    this.#byLink.delete(attempt.link);
    if (expected !== undefined) {
      this.#byGoal.delete(goalKey(purpose, expected));
    }
  }
}

const goalKey = (purpose: Purpose, expected: Uint8Array): string => `${purpose} ${keyOf(expected)}`;
