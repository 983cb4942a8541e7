import Mocha from 'mocha';
import type { CheckResult } from '../../src/report/model';

/** A case as mocha sees it: a title below an area, and the result that is on its way. */
export interface MochaCase {
  readonly area: string;
  readonly title: string;
  readonly result: Promise<CheckResult>;
}

/** Prints nothing: the run's view does. */
class QuietReporter extends Mocha.reporters.Base {}

/**
 * Runs the cases as a mocha suite, an area each, in the order given. Mocha tells `finished` of each result; a case
 * that could not be judged counts as pending there, never as passed. Resolves when all have ended; rejects with
 * the reason of an abort.
 */
export async function runWithMocha(
  cases: readonly MochaCase[],
  finished: (result: CheckResult) => void,
): Promise<void> {
  const mocha = new Mocha({ reporter: QuietReporter, timeout: 0 });
  const suites = new Map<string, Mocha.Suite>();
  let aborted: { readonly reason: unknown } | undefined;
  for (const { area, title, result } of cases) {
    const suite = suites.get(area) ?? Mocha.Suite.create(mocha.suite, area);
    suites.set(area, suite);
    suite.addTest(
      new Mocha.Test(title, async function (this: Mocha.Context) {
        let one: CheckResult;
        try {
          one = await result;
        } catch (error) {
          aborted ??= { reason: error };
          throw error;
        }
        finished(one);
        if (one.verdict === 'fail') throw new Error(one.reason);
        if (one.verdict !== 'pass') this.skip();
      }),
    );
  }
  await new Promise<void>((resolve) => {
    mocha.run(() => {
      resolve();
    });
  });
  mocha.dispose(); // Or its listeners for uncaught errors stay.
  if (aborted !== undefined) throw aborted.reason;
}
