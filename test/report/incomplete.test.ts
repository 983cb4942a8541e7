import { expect } from 'chai';
import { jsonReport } from '../../src/report/json';
import { junitReport } from '../../src/report/junit';
import { markdownReport } from '../../src/report/markdown';
import type { RunResult } from '../../src/report/model';
import { tapReport } from '../../src/report/tap';
import { TerminalView } from '../../src/report/terminal';
import { result, run, strange } from './sample-run';

const passed = result('pass', { observed: { what: 'heartbeats', needed: 3, seen: 4 } });
const { clause, title, peer } = result('pass', { id: 'CONN-08' });
const done = run([passed], { lost: [{ clause, title, peer }], unexpected: [strange] });

const lost = 'on 127.0.0.1:7051 these could be judged, and came to no verdict: CONN-08';
const unexpected =
  '127.0.0.1:7051, 7 times: hello with a tag that is not its own; first in PULL-01 (begins rounds): hello nonce=1 tag=ORG_ONLY';
const verdict = 'cannot tell · 1 check without a verdict · must 1 passed';

function shown(one: RunResult): string {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  new TerminalView({ write, tty: false, color: false, columns: undefined }).conclude(one);
  return text.replace(/\n {4}/g, ' ');
}

describe('a run that came to no verdict on something, or saw what it did not expect', () => {
  it('says so on a terminal', () => {
    expect(shown(done)).to.contain(`\nToo little was judged\n  ${lost}\n`);
    expect(shown(done)).to.contain(`\nUnexpected\n  ${unexpected}\n`);
    expect(shown(done).split('\n').at(-2)).to.contain(verdict);
    expect(shown(run([passed], { lost: [], unexpected: [] }))).not.to.match(/Too little|Unexpected/);
  });

  it('says so in every report', () => {
    const report = JSON.parse(jsonReport(done)) as Partial<Record<string, unknown>>;
    expect(report).to.deep.include({ conclusion: 'cannot tell', exitCode: 2, unexpected: [strange] });
    expect(report['lost']).to.deep.equal([{ clause, title, peer }]);
    const markdown = markdownReport(done);
    expect(markdown).to.contain(`### Too little was judged\n\n- ${lost}`);
    expect(markdown).to.contain('### Unexpected\n\n- 127.0.0.1:7051, 7 times: hello with a tag');
    expect(tapReport(done)).to.contain(`not ok 2 - the gate: ${lost}`).and.to.contain(unexpected);
    const junit = junitReport(done);
    expect(junit).to.contain(lost).and.to.contain('4 heartbeats, at least 3 needed');
  });
});
