import { expect } from 'chai';
import { convert } from 'xmlbuilder2';
import { jsonReport } from '../../src/report/json';
import { junitReport } from '../../src/report/junit';
import { markdownReport } from '../../src/report/markdown';
import type { DeviationOutcome, KnownDeviation } from '../../src/report/model';
import { tapReport } from '../../src/report/tap';
import { TerminalView } from '../../src/report/terminal';
import { failed, result, run } from './sample-run';

const deviation: KnownDeviation = {
  clause: 'CONN-07',
  version: '2.5.x',
  peer: undefined,
  check: undefined,
  failure: 'was accepted',
  reason: 'fixed in the next release',
  link: 'https://example.com/1',
  expires: '2026-12-31',
};
const outcomes: readonly DeviationOutcome[] = [
  { deviation, peer: '127.0.0.1:7051', state: 'holds' },
  { deviation: { ...deviation, clause: 'CONN-08' }, peer: '127.0.0.1:7051', state: 'passes' },
];
const done = run(
  [
    failed({ verdict: 'known-deviation', listed: { deviation, state: 'holds' } }),
    result('pass', {
      id: 'CONN-08',
      waits: [{ what: 'an answer', ms: 60 }],
      attempts: [{ verdict: 'inconclusive', reason: 'no answer', because: 'it could not judge' }],
    }),
  ],
  { gate: { require: 'should', minClauses: 9, baseline: { file: 'baseline.yaml', deviations: outcomes } } },
);

const holds =
  'CONN-07 on 127.0.0.1:7051 deviates as listed (fixed in the next release; https://example.com/1; until 2026-12-31)';
const passes = 'CONN-08 on 127.0.0.1:7051 passes now: take it off the baseline';
const tooLittle = '2 clauses judged, at least 9 demanded';
const verdict =
  'stale baseline · 1 stale line in the baseline · 2 clauses judged, at least 9 demanded · must 1 passed, 0 failed, 1 known deviation, 0 inconclusive, 0 not run · attach';

describe('the gate', () => {
  it('is in the terminal view', () => {
    let shown = '';
    const write = (text: string): void => {
      shown += text;
    };
    const view = new TerminalView({ write, tty: false, color: false, columns: undefined });
    for (const one of done.results) view.finished(one);
    view.conclude(done);
    expect(shown).to.match(/^≈ CONN-07 {2}must {4}0\.12 s refuses a wrong hash\n/);
    expect(shown.replace(/\n {4}/g, ' ')).to.contain(`\nKnown deviations\n  ${holds}\n`);
    expect(shown).to.contain(`\nThe baseline is stale\n  ${passes}\n`);
    expect(shown).to.contain(`\nToo little was judged\n  ${tooLittle}\n`);
    expect(shown.split('\n').at(-2)).to.contain(verdict);
  });

  it('is in the JSON report', () => {
    expect(JSON.parse(jsonReport(done))).to.deep.include({
      conclusion: 'stale baseline',
      exitCode: 1,
      gate: {
        require: 'should',
        minClauses: 9,
        judgedClauses: 2,
        baseline: {
          file: 'baseline.yaml',
          deviations: [
            {
              deviation: JSON.parse(JSON.stringify(deviation)) as unknown,
              peer: '127.0.0.1:7051',
              state: 'holds',
              stale: false,
              text: holds,
            },
            {
              deviation: JSON.parse(JSON.stringify({ ...deviation, clause: 'CONN-08' })) as unknown,
              peer: '127.0.0.1:7051',
              state: 'passes',
              stale: true,
              text: passes,
            },
          ],
        },
      },
    });
  });

  it('is in the JUnit report: known is skipped, stale a failure, too little an error', () => {
    const xml = junitReport(done);
    expect(xml).to.contain('tests="4" failures="1" errors="1" skipped="1"');
    expect(xml).to.contain('<skipped message="known deviation: the forged handshake was accepted"/>');
    expect(xml).to.contain(`<property name="baseline" value="${holds}"/>`);
    expect(xml).to.contain('<property name="waitedFor" value="an answer 0.06 s"/>');
    expect(xml).to.contain('<property name="judgedAgain" value="it could not judge (no answer)"/>');
    expect(xml).to.contain('<testsuite name="the gate" tests="2" failures="1" errors="1" skipped="0">');
    expect(xml).to.contain(`<failure message="${passes}" type="baseline">`);
    expect(xml).to.contain(`<error message="${tooLittle}" type="too little">`);
    expect(() => convert(xml, { format: 'object' })).not.to.throw();
  });

  it('is in the TAP report: known is a todo, the rest is not ok', () => {
    const lines = tapReport(done).split('\n');
    expect(lines.slice(1, 6)).to.deep.equal([
      '1..4',
      'not ok 1 - CONN-07 (must) # TODO known deviation until 2026-12-31: fixed in the next release',
      'ok 2 - CONN-08 (must)',
      `not ok 3 - the gate: ${passes}`,
      `not ok 4 - the gate: ${tooLittle}`,
    ]);
    expect(lines).to.include('# Judged again:');
    expect(lines.at(-2)).to.contain(verdict);
  });

  it('is in the Markdown report', () => {
    const text = markdownReport(done);
    expect(text).to.contain('| Level | passed | failed | known deviation | inconclusive | not run |');
    expect(text).to.contain('| must | 1 | 0 | 1 | 0 | 0 |');
    expect(text).to.contain(`### Known deviations\n\n- ${holds}\n`);
    expect(text).to.contain(`### The baseline is stale\n\n- ${passes}\n`);
    expect(text).to.contain(`### Too little was judged\n\n- ${tooLittle}\n`);
  });

  it('says in the verdict line that a run conforms but for what is known', () => {
    const text = markdownReport(run([...done.results]));
    expect(text).to.contain(
      '**conformant but for 1 known deviation · must 1 passed, 0 failed, 1 known deviation, ',
    );
  });
});
