import { expect } from 'chai';
import { runWithMocha, type MochaCase } from '../../../conformance/harness/mocha-run';
import type { CheckResult } from '../../../src/report/model';
import { failed, result } from '../../report/sample-run';

const waiting = (title: string, result: Promise<CheckResult>): MochaCase => ({ area: 'a', title, result });

describe('a run with mocha', () => {
  it('tells every result, in order, and no error', async () => {
    const told: string[] = [];
    const cases = [result('pass'), failed(), result('inconclusive'), result('not-run')].map((one) =>
      waiting(one.verdict, Promise.resolve(one)),
    );
    const uncaught = await runWithMocha(cases, ({ title }, { verdict }) => {
      told.push(`${title} ${verdict}`);
    });
    expect(uncaught).to.deep.equal([]);
    expect(told).to.deep.equal(['pass pass', 'fail fail', 'inconclusive inconclusive', 'not-run not-run']);
  });

  it('rejects with the reason of an abort', async () => {
    const reason = new Error('interrupted');
    const rejected: Promise<CheckResult> = Promise.reject(reason);
    rejected.catch(() => undefined); // It is awaited only when mocha comes to it.
    const run = runWithMocha([waiting('one', rejected)], () => undefined);
    expect(await run.catch((error: unknown) => error)).to.equal(reason);
  });
});
