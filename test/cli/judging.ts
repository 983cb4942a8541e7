import type { ConformanceOptions } from '../../conformance/run-types';
import type { RunResult } from '../../src/report/model';
import { embedded, result, run } from '../report/sample-run';
import { cli, type Ended, type FakeProcess } from './fake-session';

/** Runs `conformance` with a suite that shows `done` and returns it. */
export async function judge(
  argv: readonly string[],
  done: RunResult = run([result('pass')], { target: embedded }),
  fake: FakeProcess = {},
): Promise<Ended & { readonly options: ConformanceOptions | undefined }> {
  let options: ConformanceOptions | undefined;
  const runConformance = (given: ConformanceOptions): Promise<RunResult> => {
    options = given;
    given.view.started(done.target, done.results.length);
    for (const one of done.results) given.view.finished(one);
    return Promise.resolve(done);
  };
  const ended = await cli(['conformance', ...argv], { conformance: { runConformance }, ...fake });
  return { ...ended, options };
}
