import type { Clock, Millis, Timer } from '../ports/clock';

/** 2024-01-01T00:00:00Z: a fixed start, so that a run does not depend on the day it is made. */
const DEFAULT_START_MS = 1_704_067_200_000;

const NANOS_PER_MILLI = 1_000_000;

/** Below this many cancelled timers the queue is not worth sweeping. */
const SWEEP_FLOOR = 1024;

interface Armed {
  readonly at: Millis;
  /** Breaks ties: timers of one instant fire in the order they were armed. */
  readonly order: number;
  /** Undefined once fired or cancelled. */
  fire: (() => void) | undefined;
}

/**
 * Time that passes only when it is told to. Timers fire singly, in the order of their instants, and of being armed
 * within one instant; while one fires, {@link now} is its instant. Nothing here is asynchronous: when `advance`
 * returns, everything due has happened.
 */
export class VirtualClock implements Clock {
  #now: Millis = 0;
  #armed = 0;
  #cancelled = 0;
  #firing = false;
  /** A binary heap: the least (at, order) first. Cancelled timers stay in it until they surface or are swept. */
  #heap: Armed[] = [];
  readonly #startMs: number;

  /** `startMs`: the wall time of instant 0, milliseconds since the Unix epoch. */
  constructor(startMs: number = DEFAULT_START_MS) {
    this.#startMs = startMs;
  }

  /** How many timers are armed. Zero after everything was stopped, or something leaks. */
  get pending(): number {
    return this.#heap.length - this.#cancelled;
  }

  now(): Millis {
    return this.#now;
  }

  wallNanos(): bigint {
    return BigInt(this.#startMs) * BigInt(NANOS_PER_MILLI) + BigInt(Math.round(this.#now * NANOS_PER_MILLI));
  }

  /** A negative delay counts as none. Throws RangeError for one that is not a finite number. */
  after(delayMs: Millis, fire: () => void): Timer {
    if (!Number.isFinite(delayMs)) {
      throw new RangeError(`A timer needs a finite delay, not ${delayMs}`);
    }
    const armed: Armed = { at: this.#now + Math.max(0, delayMs), order: this.#armed++, fire };
    this.#push(armed);
    return {
      cancel: () => {
        if (armed.fire !== undefined) {
          armed.fire = undefined;
          this.#cancelled++;
          this.#sweep();
        }
      },
    };
  }

  /** Lets `durationMs` pass. Timers armed meanwhile fire too, at their own instants, where they fall inside. */
  advance(durationMs: Millis): void {
    this.runUntil(() => false, durationMs);
  }

  /**
   * Fires timers until `condition` holds, but lets at most `limitMs` pass. True: it holds, and `now` is the instant
   * at which it came to. False: the whole limit passed.
   */
  runUntil(condition: () => boolean, limitMs: Millis): boolean {
    if (this.#firing) {
      throw new Error('A timer cannot make time pass: advance() was called from inside a callback');
    }
    const end = this.#now + limitMs;
    if (condition()) {
      return true;
    }
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#fire(next);
      if (condition()) {
        return true;
      }
    }
    this.#now = end;
    return false;
  }

  #fire(timer: Armed): void {
    const { fire } = timer;
    this.#pop();
    this.#now = timer.at;
    timer.fire = undefined;
    this.#firing = true;
    try {
      fire?.();
    } finally {
      this.#firing = false;
    }
  }

  /** The next armed timer, left in place; the cancelled ones in front of it are dropped. */
  #next(): Armed | undefined {
    let top = this.#heap[0];
    while (top !== undefined && top.fire === undefined) {
      this.#pop();
      this.#cancelled--;
      top = this.#heap[0];
    }
    return top;
  }

  /** Rebuilds the heap when most of it is cancelled, so that timers that never fire do not pile up. */
  #sweep(): void {
    if (this.#cancelled < SWEEP_FLOOR || this.#cancelled * 2 < this.#heap.length) {
      return;
    }
    // A sorted array is a heap.
    this.#heap = this.#heap
      .filter(({ fire }) => fire !== undefined)
      .sort((a, b) => (isBefore(a, b) ? -1 : 1));
    this.#cancelled = 0;
  }

  #push(timer: Armed): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || isBefore(parent, timer)) {
        break;
      }
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = timer;
  }

  /** Removes the top: its place goes to the last one, which then sinks. */
  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) {
      return;
    }
    let index = 0;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const left = heap[leftIndex];
      const right = heap[leftIndex + 1];
      if (left === undefined) {
        break;
      }
      const [child, childIndex] =
        right !== undefined && isBefore(right, left) ? [right, leftIndex + 1] : [left, leftIndex];
      if (isBefore(last, child)) {
        break;
      }
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}

function isBefore(a: Armed, b: Armed): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
