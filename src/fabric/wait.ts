import type { Clock, Millis } from '../ports/clock';

export interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Resolves after `delayMs`; rejects with the signal's reason once it is aborted. */
export function delay(delayMs: Millis, { clock, signal }: Waiting): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => {
      timer.cancel();
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    const timer = clock.after(delayMs, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}

export interface Attempts extends Waiting {
  readonly intervalMs: Millis;
  readonly timeoutMs: Millis;
  /** What to reject with when time is up; `last` is what the last attempt came to. */
  readonly onTimeout: (last: unknown) => Error;
}

/** What an attempt came to: a value, or what was seen instead. */
export type Attempt<T> =
  { readonly done: true; readonly value: T } | { readonly done: false; readonly seen: unknown };

/** Tries until it works. Rejects when time is up, with the signal's reason, and with whatever `attempt` rejects. */
export async function until<T>(attempt: () => Promise<Attempt<T>>, attempts: Attempts): Promise<T> {
  const { clock, intervalMs, timeoutMs, onTimeout, signal } = attempts;
  const endMs = clock.now() + timeoutMs;
  for (;;) {
    signal.throwIfAborted();
    const result = await attempt();
    signal.throwIfAborted();
    if (result.done) return result.value;
    if (clock.now() + intervalMs > endMs) throw onTimeout(result.seen);
    await delay(intervalMs, attempts);
  }
}
