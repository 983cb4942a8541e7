import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { forkSource } from '../harness/fork';
import type { Found } from './judge';
import type { Answer, Task } from './worker';

interface Waiting {
  readonly resolve: (found: Found) => void;
  readonly reject: (error: Error) => void;
}

/** One process that judges mutants. */
class Worker {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<string, Waiting>();

  constructor() {
    this.#process = forkSource(require.resolve('./worker'));
    this.#process.on('message', (message) => {
      this.#heed(message as Answer);
    });
    this.#process.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`a process that judges mutants ended with ${String(signal ?? code)}`));
      }
      this.#waiting.clear();
    });
  }

  get load(): number {
    return this.#waiting.size;
  }

  judge(task: Task): Promise<Found> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(task.name, { resolve, reject });
      this.#process.send(task);
    });
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.disconnect();
    await gone;
  }

  #heed(answer: Answer): void {
    const waiting = this.#waiting.get(answer.name);
    this.#waiting.delete(answer.name);
    if ('found' in answer) waiting?.resolve(answer.found);
    else waiting?.reject(new Error(answer.error));
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
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }
}
