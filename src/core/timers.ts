import type { Millis } from '../ports/clock';
import type { Outbox } from './effects';
import type { Instant } from './instant';

/**
 * The timers a machine has asked for, by name. The machine says when and what; the driver says that it is time.
 * A timer that was cancelled or armed anew while its input was on the way does nothing.
 */
export class Timers {
  readonly #outbox: Outbox;
  readonly #armed = new Map<string, (at: Instant) => void>();

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** Calls `fire` once, `delayMs` from now; replaces the timer of that name. */
  arm(timer: string, delayMs: Millis, fire: (at: Instant) => void): void {
    this.#armed.set(timer, fire);
    this.#outbox.emit({ kind: 'arm', timer, delayMs });
  }

  /** Calls `fire` every `intervalMs`, the first time one interval from now. */
  every(timer: string, intervalMs: Millis, fire: (at: Instant) => void): void {
    this.arm(timer, intervalMs, (at) => {
      this.every(timer, intervalMs, fire);
      fire(at);
    });
  }

  /**
   * As {@link every}, but counted from `at` on, like Go's `time.Ticker`: a tick that comes late puts off no other, and one
   * that comes too late for the next is left out.
   */
  tick(timer: string, intervalMs: Millis, { nowMs }: Instant, fire: (at: Instant) => void): void {
    const armFor = (dueMs: Millis, fromMs: Millis): void => {
      this.arm(timer, dueMs - fromMs, (at) => {
        const missed = Math.max(0, Math.floor((at.nowMs - dueMs) / intervalMs));
        armFor(dueMs + (missed + 1) * intervalMs, at.nowMs);
        fire(at);
      });
    };
    armFor(nowMs + intervalMs, nowMs);
  }

  cancel(timer: string): void {
    if (this.#armed.delete(timer)) {
      this.#outbox.emit({ kind: 'cancel', timer });
    }
  }

  cancelAll(): void {
    for (const timer of [...this.#armed.keys()]) {
      this.cancel(timer);
    }
  }

  fired(timer: string, at: Instant): void {
    const fire = this.#armed.get(timer);
    this.#armed.delete(timer);
    fire?.(at);
  }
}
