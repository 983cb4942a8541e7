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

/** How mocha is told that a check failed, or that its result will never come. */
class Told extends Error {}

/**
 * Runs the cases as a mocha suite, an area each, in the order given. Mocha tells `finished` of each result; a case
 * that could not be judged counts as pending there, never as passed. Resolves when all have ended, to the errors that
 * nobody caught meanwhile, as text; rejects with the reason of an abort.
 */
export async function runWithMocha<Case extends MochaCase>(
  cases: readonly Case[],
  finished: (one: Case, result: CheckResult) => void,
): Promise<readonly string[]> {
  const mocha = new Mocha({ reporter: QuietReporter, timeout: 0 });
  const suites = new Map<string, Mocha.Suite>();
  const uncaught: string[] = [];
  let aborted: { readonly reason: unknown } | undefined;
  for (const one of cases) {
    const { area, title } = one;
    const suite = suites.get(area) ?? Mocha.Suite.create(mocha.suite, area);
    suites.set(area, suite);
    suite.addTest(
      new Mocha.Test(title, async function (this: Mocha.Context) {
        let result: CheckResult;
        try {
          result = await one.result;
        } catch (error) {
          aborted ??= { reason: error };
          throw new Told('aborted', { cause: error });
        }
        finished(one, result);
        if (result.verdict === 'fail') throw new Told(result.reason);
        if (result.verdict !== 'pass') this.skip();
      }),
    );
  }
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => {
      resolve();
    });
    // Mocha gives an error that nobody catches to the test that it is at, and goes on without it.
    runner.on('fail', (test, error: unknown) => {
      if (error instanceof Told) return;
      uncaught.push(
        `${test.title}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    });
  });
  mocha.dispose(); // Or its listeners for uncaught errors stay.
  if (aborted !== undefined) throw aborted.reason;
  return uncaught;
}
