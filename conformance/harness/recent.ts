/** A map that remembers what was set or asked for last: no fewer than `count` entries, and no more than twice as many. */
export class Recent<K, V> {
  readonly #count: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  constructor(count: number) {
    this.#count = count;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.#young.set(key, value);
    if (this.#young.size <= this.#count) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
