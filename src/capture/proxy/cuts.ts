/** Which peers are kept apart. Several cuts add up. */
export class Cuts {
  readonly #cuts = new Set<readonly ReadonlySet<string>[]>();

  /** Keeps peers of different groups apart, and `alone` from everybody; disposing ends that. */
  add(groups: readonly (readonly string[])[]): Disposable {
    const cut = groups.map((group) => new Set(group));
    this.#cuts.add(cut);
    return {
      [Symbol.dispose]: () => {
        this.#cuts.delete(cut);
      },
    };
  }

  isCut(a: string, b: string): boolean {
    return [...this.#cuts].some((groups) => {
      const groupOf = (name: string): number => groups.findIndex((group) => group.has(name));
      const [ofA, ofB] = [groupOf(a), groupOf(b)];
      return ofA >= 0 && ofB >= 0 && ofA !== ofB;
    });
  }
}
