import type { Papers, PapersRequest, PapersSource } from './target';

export interface PapersPoolOptions {
  readonly mspId: string;
  /** Those that there are already. */
  readonly papers: readonly Papers[];
  /** Undefined where the CA is not at hand. */
  readonly issue?: ((request?: PapersRequest) => Promise<Papers>) | undefined;
  /** How many more are issued as checks ask for them; none by default. */
  readonly reserve?: number;
}

/** Testers of one organisation, lent out one at a time. */
export class PapersPool implements PapersSource {
  readonly mspId: string;
  readonly capacity: number;
  readonly issue?: (request?: PapersRequest) => Promise<Papers>;
  readonly #free: Papers[];
  #reserve: number;

  constructor({ mspId, papers, issue, reserve = 0 }: PapersPoolOptions) {
    this.mspId = mspId;
    this.capacity = papers.length + reserve;
    this.#free = [...papers];
    this.#reserve = reserve;
    if (issue !== undefined) this.issue = issue;
  }

  borrow(): Papers | undefined {
    return this.#free.shift();
  }

  giveBack(papers: Papers): void {
    this.#free.push(papers);
  }

  replenish(count: number, onMore: () => void): void {
    const { issue } = this;
    if (issue === undefined) return;
    for (let n = Math.min(count, this.#reserve); n > 0; n -= 1) {
      this.#reserve -= 1;
      void issue().then((papers) => {
        this.giveBack(papers);
        onMore();
      });
    }
  }
}
