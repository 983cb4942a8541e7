import type { Millis } from '../../ports/clock';
import type { Random } from '../../ports/random';
import {
  decodeEnvelope,
  decodeMessage,
  WireError,
  type ContentKind,
  type Envelope,
  type GossipMessage,
} from '../../wire';
import type { Fate } from './observed';

/** Milliseconds between these, both included, are drawn at random. */
export interface Span {
  readonly minMs: Millis;
  readonly maxMs: Millis;
}

/** What is done to an envelope. */
export type FaultAction =
  /** It never arrives. */
  | { readonly kind: 'drop' }
  /** It takes so long, and what was sent after it arrives after it, as on a slow line. */
  | ({ readonly kind: 'delay' } & Span)
  /** It is held back for so long, and what was sent after it overtakes it. */
  | ({ readonly kind: 'reorder' } & Span)
  /** It arrives so many times more, once by default. */
  | { readonly kind: 'duplicate'; readonly times?: number }
  /** Other bytes arrive in its place. What comes back unchanged is not counted as altered. */
  | { readonly kind: 'alter'; readonly alter: (message: FaultedMessage) => Uint8Array };

/** An envelope as rules see it. */
export interface FaultedMessage {
  /** Names of the peers; `from` is undefined where nobody knows who dialled. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The serialized Envelope. */
  readonly bytes: Uint8Array;
  /** Undefined where the bytes are no Envelope. */
  readonly envelope: Envelope | undefined;
  /** Undefined where its payload is no GossipMessage. */
  readonly message: GossipMessage | undefined;
}

/** Which envelopes a fault befalls: those of whom all that is named here holds. */
export interface FaultRule {
  readonly action: FaultAction;
  /** Names of senders, and of receivers. */
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly kinds?: readonly ContentKind[];
  readonly where?: (message: FaultedMessage) => boolean;
  /** The share of them that it befalls, 0 to 1; all by default. */
  readonly rate?: number;
  /** No more than so many. */
  readonly limit?: number;
}

/** A copy of an envelope on its way. */
export interface Passage {
  readonly bytes: Uint8Array;
  readonly delayMs: Millis;
  /** How long it waits aside while others overtake it. */
  readonly heldMs: Millis;
}

export interface Outcome {
  readonly fate: Fate;
  readonly passages: readonly Passage[];
}

const RATE_STEPS = 1_000_000;

/** Decides what becomes of each envelope. Chance is drawn only where a fault is possible. */
export class Faults {
  readonly #random: Random;
  readonly #rules = new Map<FaultRule, { left: number }>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** All rules that fit an envelope befall it, in the order in which they were added; disposing takes it away. */
  add(rule: FaultRule): Disposable & AsyncDisposable {
    // A copy, so that a rule can be added twice.
    const own = { ...rule };
    this.#rules.set(own, { left: rule.limit ?? Infinity });
    const end = (): void => {
      this.#rules.delete(own);
    };
    return {
      [Symbol.dispose]: end,
      [Symbol.asyncDispose]: () => {
        end();
        return Promise.resolve();
      },
    };
  }

  judge(bytes: Uint8Array, from: string | undefined, to: string | undefined): Outcome {
    if (this.#rules.size === 0) return untouched(bytes);
    const seen = read(bytes, from, to);
    let [fate, passed, copies, delayMs, heldMs]: [Fate, Uint8Array, number, Millis, Millis] = [
      'passed',
      bytes,
      1,
      0,
      0,
    ];
    for (const [rule, count] of this.#rules) {
      if (count.left <= 0 || !fits(rule, seen) || !this.#happens(rule.rate ?? 1)) continue;
      count.left -= 1;
      const { action } = rule;
      switch (action.kind) {
        case 'drop':
          return { fate: 'dropped', passages: [] };
        case 'delay':
          delayMs += this.#within(action);
          fate = 'delayed';
          break;
        case 'reorder':
          heldMs += this.#within(action);
          fate = 'reordered';
          break;
        case 'duplicate':
          copies += action.times ?? 1;
          fate = 'duplicated';
          break;
        case 'alter': {
          const altered = action.alter({ ...seen, bytes: passed });
          if (Buffer.compare(altered, passed) === 0) break;
          passed = altered;
          fate = 'altered';
        }
      }
    }
    const passage = { bytes: passed, delayMs, heldMs };
    return { fate, passages: Array.from({ length: copies }, () => passage) };
  }

  #happens(rate: number): boolean {
    return rate >= 1 || (rate > 0 && this.#random.below(RATE_STEPS) < rate * RATE_STEPS);
  }

  #within({ minMs, maxMs }: Span): Millis {
    const steps = Math.floor(maxMs - minMs);
    return steps > 0 ? minMs + this.#random.below(steps + 1) : minMs;
  }
}

const untouched = (bytes: Uint8Array): Outcome => ({
  fate: 'passed',
  passages: [{ bytes, delayMs: 0, heldMs: 0 }],
});

function read(bytes: Uint8Array, from: string | undefined, to: string | undefined): FaultedMessage {
  const envelope = readable(() => decodeEnvelope(bytes));
  const message = envelope && readable(() => decodeMessage(envelope.payload));
  return { from, to, bytes, envelope, message };
}

/** What `act` yields, undefined where the bytes are wrong. */
function readable<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function fits({ from, to, kinds, where }: FaultRule, seen: FaultedMessage): boolean {
  const isNamed = (names: readonly string[] | undefined, name: string | undefined): boolean =>
    names === undefined || (name !== undefined && names.includes(name));
  const kind = seen.message?.content?.kind;
  return (
    isNamed(from, seen.from) &&
    isNamed(to, seen.to) &&
    (kinds === undefined || (kind !== undefined && kinds.includes(kind))) &&
    (where === undefined || where(seen))
  );
}
