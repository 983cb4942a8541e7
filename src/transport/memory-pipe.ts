import type { Clock, Millis, Timer } from '../ports/clock';
import type { MemoryFaults } from './memory-faults';

/**
 * One direction of a connection. Deliveries are timers. They keep their order, unless the faults say otherwise, and
 * wait while the link is cut: TCP sends again until it heals.
 */
export class MemoryPipe {
  readonly #clock: Clock;
  readonly #faults: MemoryFaults;
  readonly #from: string;
  readonly #to: string;
  readonly #timers = new Set<Timer>();
  /** What is under way, in order. Each timer that fires delivers the first, so that rounding cannot reorder them. */
  #underWay: (() => void)[] = [];
  /** Timers that fired while the link was cut: as many deliveries are overdue. */
  #overdue = 0;
  #lastDueAt: Millis = 0;

  constructor(clock: Clock, faults: MemoryFaults, from: string, to: string) {
    this.#clock = clock;
    this.#faults = faults;
    this.#from = from;
    this.#to = to;
  }

  /** Delivers an envelope: `deliver` is called once, twice, or not at all. False: it will not be. */
  message(deliver: () => void): boolean {
    const copies = this.#faults.copies(this.#from, this.#to);
    for (let copy = 0; copy < copies; copy++) {
      const lagMs = this.#faults.lagMs(this.#from, this.#to);
      if (lagMs > 0) {
        this.#arm(this.#latencyMs() + lagMs, () => {
          this.#underWay.unshift(deliver);
        });
      } else {
        this.control(deliver);
      }
    }
    return copies > 0;
  }

  /** Delivers what is no envelope (a dial, a Ping, an ending): never lost nor doubled, and in its turn. */
  control(deliver: () => void): void {
    this.#underWay.push(deliver);
    const now = this.#clock.now();
    this.#lastDueAt = Math.max(now + this.#latencyMs(), this.#lastDueAt);
    this.#arm(this.#lastDueAt - now);
  }

  /** The cut changed: what is overdue sets out again. */
  release(): void {
    const overdue = this.#overdue;
    this.#overdue = 0;
    for (let count = 0; count < overdue; count++) {
      this.#arm(this.#latencyMs());
    }
  }

  /** Nothing more is delivered. */
  close(): void {
    for (const timer of this.#timers) {
      timer.cancel();
    }
    this.#timers.clear();
    this.#underWay = [];
    this.#overdue = 0;
  }

  #arm(delayMs: Millis, arrive?: () => void): void {
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer);
      arrive?.();
      if (this.#faults.isCut(this.#from, this.#to)) {
        this.#overdue++;
      } else {
        this.#underWay.shift()?.();
      }
    });
    this.#timers.add(timer);
  }

  #latencyMs(): Millis {
    return this.#faults.latencyMs(this.#from, this.#to);
  }
}
