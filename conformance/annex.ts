import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { CheckResult, Unexpected } from '../src/report/model';
import type { AnnexAnswer, AnnexTask } from './annex-process';
import { checks } from './checks';
import type { Check } from './harness/check';
import { forkSource } from './harness/fork';

interface Awaited<T> {
  readonly resolve: (result: T) => void;
  readonly reject: (error: Error) => void;
}

function awaitable<T>(): Awaited<T> & { readonly promise: Promise<T> } {
  let settle: Awaited<T> | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined); // Whoever awaits it handles it; until then it must not count as unhandled.
  if (settle === undefined) throw new Error('a promise that does not begin');
  return { ...settle, promise };
}

/**
 * A second process that judges some of the checks on an embedded network of its own, so that a run is done on two
 * processors in half the time.
 */
export class Annex implements AsyncDisposable {
  /** Of each check that it has taken over. */
  readonly results: ReadonlyMap<Check, Promise<CheckResult>>;
  readonly faults: string[] = [];
  /** What its peers said unexpectedly; there when all is judged. */
  readonly unexpected: Promise<readonly Unexpected[]>;
  readonly #process: ChildProcess;
  readonly #awaited = new Map<number, Awaited<CheckResult>>();
  readonly #end: Awaited<readonly Unexpected[]>;

  /** `shared`: checks of the suite, each of which can run on an embedded network. */
  constructor(shared: readonly Check[], tls: boolean) {
    const indices = shared.map((check) => checks.indexOf(check));
    this.results = new Map(shared.map((check, i) => [check, this.#promise(indices[i] ?? -1)]));
    const end = awaitable<readonly Unexpected[]>();
    this.#end = end;
    this.unexpected = end.promise;
    this.#process = forkSource(require.resolve('./annex-process'));
    this.#process.on('message', (answer: AnnexAnswer) => {
      this.#heed(answer);
    });
    this.#process.on('exit', (code, signal) => {
      this.#fail(`the second process of this run ended with ${String(signal ?? code)}`);
    });
    this.#process.send({ tls, indices } satisfies AnnexTask);
  }

  /** Ends it, done or not. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    // Asked, it would answer only when it has loaded the suite; it has nothing that it would have to leave in order.
    this.#process.kill('SIGKILL');
    await gone;
  }

  #promise(index: number): Promise<CheckResult> {
    const awaited = awaitable<CheckResult>();
    this.#awaited.set(index, awaited);
    return awaited.promise;
  }

  #heed(answer: AnnexAnswer): void {
    if ('fault' in answer) {
      this.faults.push(answer.fault);
    } else if ('error' in answer) {
      this.#fail(answer.error);
    } else if ('unexpected' in answer) {
      this.#end.resolve(answer.unexpected);
    } else {
      this.#awaited.get(answer.index)?.resolve(answer.result);
      this.#awaited.delete(answer.index);
    }
  }

  #fail(message: string): void {
    for (const { reject } of [...this.#awaited.values(), this.#end]) reject(new Error(message));
    this.#awaited.clear();
  }
}
