interface Awaited<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Answers that are still to come, each by what was asked. */
export class Pending<Key, Answer> {
  readonly #awaited = new Map<Key, Awaited<Answer>>();

  /** How many are awaited. */
  get size(): number {
    return this.#awaited.size;
  }

  /** The answer that goes by this key; rejects where none will come any more. */
  answerTo(key: Key): Promise<Answer> {
    const promise = new Promise<Answer>((resolve, reject) => {
      this.#awaited.set(key, { resolve, reject });
    });
    promise.catch(() => undefined); // Whoever awaits it handles it; until then it must not count as unhandled.
    return promise;
  }

  answered(key: Key, answer: Answer): void {
    this.#awaited.get(key)?.resolve(answer);
    this.#awaited.delete(key);
  }

  /** No answer will come: to this, or to anything. */
  fail(message: string, keys: readonly Key[] = [...this.#awaited.keys()]): void {
    for (const key of keys) {
      this.#awaited.get(key)?.reject(new Error(message));
      this.#awaited.delete(key);
    }
  }
}
