import type { Papers, PapersRequest, PapersSource } from './target';

/** Testers of one organisation, lent out one at a time. */
export class PapersPool implements PapersSource {
  readonly mspId: string;
  readonly capacity: number;
  readonly issue?: (request?: PapersRequest) => Promise<Papers>;
  readonly #free: Papers[];

  constructor(
    mspId: string,
    papers: readonly Papers[],
    issue?: (request?: PapersRequest) => Promise<Papers>,
  ) {
    this.mspId = mspId;
    this.capacity = papers.length;
    this.#free = [...papers];
    if (issue !== undefined) this.issue = issue;
  }

  borrow(): Papers | undefined {
    return this.#free.shift();
  }

  giveBack(papers: Papers): void {
    this.#free.push(papers);
  }
}
