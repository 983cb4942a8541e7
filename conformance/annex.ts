import type { CheckResult, Unexpected } from '../src/report/model';
import type { AnnexAnswer, AnnexTask } from './annex-process';
import { checks } from './checks';
import type { Check } from './harness/check';
import { Fork } from './harness/fork';
import { Pending } from './harness/pending';

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
  readonly #fork: Fork<AnnexTask, AnnexAnswer>;
  readonly #judging = new Pending<number, CheckResult>();
  readonly #end = new Pending<'unexpected', readonly Unexpected[]>();

  /** `shared`: checks of the suite, each of which can run on an embedded network. */
  constructor(shared: readonly Check[], tls: boolean, seed: number) {
    const indices = shared.map((check) => checks.indexOf(check));
    this.results = new Map(shared.map((check, i) => [check, this.#judging.answerTo(indices[i] ?? -1)]));
    this.unexpected = this.#end.answerTo('unexpected');
    this.#fork = new Fork(require.resolve('./annex-process'), {
      heed: (answer) => {
        this.#heed(answer);
      },
      ended: (why) => {
        this.#fail(`the second process of this run ${why}`);
      },
    });
    this.#fork.tell({ tls, seed, indices });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fork[Symbol.asyncDispose]();
  }

  #heed(answer: AnnexAnswer): void {
    if ('fault' in answer) this.faults.push(answer.fault);
    else if ('error' in answer) this.#fail(answer.error);
    else if ('unexpected' in answer) this.#end.answered('unexpected', answer.unexpected);
    else this.#judging.answered(answer.index, answer.result);
  }

  #fail(message: string): void {
    this.#judging.fail(message);
    this.#end.fail(message);
  }
}
