import { Fork } from '../harness/fork';
import { Pending } from '../harness/pending';
import type { Found } from './judge';
import type { Answer, Task } from './worker';

/** One process that judges mutants. */
class Worker implements AsyncDisposable {
  readonly #judging = new Pending<string, Found>();
  readonly #fork = new Fork<Task, Answer>(require.resolve('./worker'), {
    heed: (answer) => {
      if ('found' in answer) this.#judging.answered(answer.name, answer.found);
      else this.#judging.fail(answer.error, [answer.name]);
    },
    ended: (why) => {
      this.#judging.fail(`a process that judges mutants ${why}`);
    },
  });

  get load(): number {
    return this.#judging.size;
  }

  judge(task: Task): Promise<Found> {
    this.#fork.tell(task);
    return this.#judging.answerTo(task.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fork[Symbol.asyncDispose]();
  }
}

/** Processes that judge mutants, so that more than one processor does. */
export class Crew implements AsyncDisposable {
  readonly #workers: readonly Worker[];

  constructor(size: number) {
    this.#workers = Array.from({ length: size }, () => new Worker());
  }

  /** Has the least busy worker judge a mutant; rejects where that failed. */
  judge(task: Task): Promise<Found> {
    const [idle] = [...this.#workers].sort((a, b) => a.load - b.load);
    if (idle === undefined) throw new Error('a crew of nobody');
    return idle.judge(task);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker[Symbol.asyncDispose]()));
  }
}
