import { expect } from 'chai';
import { join } from 'node:path';
import { checks } from '../../../conformance/checks';
import type { ClauseId } from '../../../conformance/clauses';
import { runChecks } from '../../../conformance/harness/run-checks';
import { RunRecorder } from '../../../conformance/harness/run-recorder';
import { systemTools } from '../../../conformance/harness/targets';
import { embedded, type Deviation } from '../../../conformance/harness/targets/embedded';
import { issueNetworkPapers, type NetworkPapers } from '../../../conformance/harness/targets/embedded-papers';
import { saying } from '../../../conformance/mutants/mutant';
import { judge } from '../../../conformance/recorded/run';
import { resolveSelection } from '../../../conformance/selection';
import type { CheckResult } from '../../../src/report/model';
import { temporaryFolder } from '../../capture/support';

const tools = systemTools();
const tool = { name: 'gossipspec', version: '0' };
const signal = new AbortController().signal;
const silent = { started: () => undefined, finished: () => undefined, note: () => undefined };

/** What a recording can show, and what testers send that no peer may. */
const clauses: readonly ClauseId[] = [
  'CONN-01',
  'CONN-02',
  'CONN-06',
  'CONN-07',
  'CONN-12',
  'ALIVE-01',
  'MEMB-04',
  'MEMB-06',
  'PULL-02',
  'PULL-06',
  'SINF-01',
  'SIGN-01',
  'BAD-01',
  'BAD-26',
];
const selected = checks.filter(({ clause, long }) => clauses.includes(clause) && !long);

/** Failed clauses. */
const failed = (results: readonly CheckResult[]): readonly string[] => [
  ...new Set(results.filter(({ verdict }) => verdict === 'fail').map(({ clause }) => clause.id)),
];

/** Judges an embedded network live, and then by the recording of that. */
async function judgeTwice(
  issued: NetworkPapers,
  deviation: Deviation,
): Promise<{ live: readonly CheckResult[]; offline: readonly CheckResult[] }> {
  using folder = temporaryFolder();
  const path = join(folder.path, 'run');
  const recorder = new RunRecorder(
    { folder: path, host: 'this machine' },
    {
      tool,
      command: 'a test',
      target: { kind: 'embedded', tls: true },
      clock: tools.clock,
      seed: tools.seed,
    },
  );
  const target = await embedded({ issued, deviation }, tools);
  recorder.meet(target);
  const { results, faults } = await runChecks({
    ...tools,
    target,
    checks: selected,
    recorder,
    signal,
    jobs: undefined,
    finished: () => undefined,
  });
  await target.close();
  expect(faults).to.deep.equal([]);
  expect(await recorder.close()).to.deep.equal([]);
  const { run } = await judge({
    folder: path,
    select: resolveSelection({ clauses: [], areas: [], levels: [] }),
    judged: 'peers',
    signal,
    view: silent,
    tool,
    command: 'a test',
  });
  expect(run.inputFaults).to.deep.equal([]);
  return { live: results, offline: run.results };
}

describe('the recording of a run of the suite', function () {
  this.timeout(60_000);
  let issued: NetworkPapers;
  before(async () => {
    issued = await issueNetworkPapers(true, { own: 8, foreign: 4 }, tools.clock);
  });

  it('accuses a sound peer of nothing, whatever testers said to it', async () => {
    const { live, offline } = await judgeTwice(issued, {});
    expect(failed(live)).to.deep.equal([]);
    expect(
      offline.filter(({ verdict }) => verdict === 'fail').map(({ clause, reason }) => [clause.id, reason]),
    ).to.deep.equal([]);
    const passed = new Set(
      offline.filter(({ verdict }) => verdict === 'pass').map(({ clause }) => clause.id),
    );
    expect([...passed]).to.include.members([
      'CONN-02',
      'CONN-07',
      'ALIVE-01',
      'MEMB-06',
      'PULL-06',
      'SIGN-01',
    ]);
    expect(passed.size).to.be.at.least(40);
  });

  it('accuses a peer of what the run accused it of', async () => {
    const { live, offline } = await judgeTwice(
      issued,
      saying('conn', () => ({ nonce: 7n })),
    );
    expect(failed(live)).to.include('CONN-02');
    expect(failed(offline)).to.deep.equal(['CONN-02']);
  });
});
