import type { Verifying } from './verify-crew';

/** One signature under way: whoever waits for what it turns out to be is told. */
export class Signature implements Verifying {
  isValid: boolean | undefined;
  #waiting: (() => void)[] | undefined;

  /** `then` is called once it is settled. */
  await(then: () => void): void {
    (this.#waiting ??= []).push(then);
  }

  settle(isValid: boolean): void {
    this.isValid = isValid;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const then of waiting ?? []) then();
  }
}
