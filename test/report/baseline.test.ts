import { expect } from 'chai';
import { deviationsOf, deviationText, isStale, withBaseline, type Setting } from '../../src/report/baseline';
import type { CheckResult, DeviationState, KnownDeviation, RunResult } from '../../src/report/model';
import { conclude, countClauses, exitCodeOf } from '../../src/report/verdict';
import { attached, failed, result, run } from './sample-run';

const peer = '127.0.0.1:7051';
const setting: Setting = { target: attached, today: '2026-01-02' };

const deviation = (rest: Partial<KnownDeviation> = {}): KnownDeviation => ({
  clause: 'CONN-07',
  version: '2.5.x',
  peer: undefined,
  check: undefined,
  failure: 'forged handshake was accepted',
  reason: 'fixed in the next release',
  link: 'https://example.com/1',
  expires: '2026-01-02',
  ...rest,
});

/** What a baseline of one entry makes of results: their verdicts, and the states of the entry. */
function judge(
  entry: KnownDeviation,
  found: readonly CheckResult[],
  where: Setting = setting,
): {
  readonly verdicts: readonly string[];
  readonly states: readonly DeviationState[];
  readonly run: RunResult;
} {
  const baseline = { file: 'baseline.yaml', deviations: [entry] };
  const results = found.map((one) => withBaseline(one, baseline, where));
  const deviations = deviationsOf(baseline, results, where);
  const gate = { require: undefined, minClauses: undefined, baseline: { file: baseline.file, deviations } };
  return {
    verdicts: results.map(({ verdict }) => verdict),
    states: deviations.map(({ state }) => state),
    run: run(results, { gate, target: where.target }),
  };
}

describe('a baseline', () => {
  it('makes a failure that it lists a known deviation, which does not turn the verdict and does not pass', () => {
    const judged = judge(deviation(), [failed(), result('pass', { id: 'CONN-08' })]);
    expect(judged.verdicts).to.deep.equal(['known-deviation', 'pass']);
    expect(judged.states).to.deep.equal(['holds']);
    expect(conclude(judged.run)).to.equal('conformant');
    expect(exitCodeOf(judged.run)).to.equal(0);
    expect(countClauses(judged.run.results).must).to.deep.include({
      passed: 1,
      failed: 0,
      knownDeviations: 1,
    });
  });

  it('still accepts it on its last day, and not on the day after', () => {
    expect(judge(deviation(), [failed()]).verdicts).to.deep.equal(['known-deviation']);
    const late = judge(deviation(), [failed()], { ...setting, today: '2026-01-03' });
    expect(late.verdicts).to.deep.equal(['fail']);
    expect(late.states).to.deep.equal(['expired']);
    expect(late.run.results[0]?.listed?.state).to.equal('expired');
    expect(conclude(late.run)).to.equal('not conformant');
  });

  it('is stale where an entry has expired, even of a clause that decides nothing or was not judged', () => {
    const late = { ...setting, today: '2027-01-01' };
    for (const results of [[failed({ level: 'impl' })], [result('pass', { id: 'CONN-08' })]]) {
      const judged = judge(deviation(), results, late);
      expect(conclude(judged.run)).to.equal('stale baseline');
      expect(exitCodeOf(judged.run)).to.equal(1);
    }
  });

  it('is stale where what it lists passes', () => {
    const judged = judge(deviation(), [result('pass')]);
    expect(judged.verdicts).to.deep.equal(['pass']);
    expect(judged.states).to.deep.equal(['passes']);
    expect(conclude(judged.run)).to.equal('stale baseline');
    expect(exitCodeOf(judged.run)).to.equal(1);
  });

  it('does not cover a failure for another reason', () => {
    const judged = judge(deviation(), [failed({ reason: 'the stream ended with OK' })]);
    expect(judged.verdicts).to.deep.equal(['fail']);
    expect(judged.states).to.deep.equal(['fails-otherwise']);
    expect(judged.run.results[0]?.listed?.state).to.equal('fails-otherwise');
    expect(exitCodeOf(judged.run)).to.equal(1);
  });

  it('is stale where a clause that decides nothing fails for another reason', () => {
    const judged = judge(deviation(), [
      result('pass', { id: 'CONN-08' }),
      failed({ level: 'impl', reason: 'the stream ended with OK' }),
    ]);
    expect(conclude(judged.run)).to.equal('stale baseline');
  });

  it('covers the check that it names and no other of the clause', () => {
    const other = failed({ title: 'refuses an empty hash' });
    const judged = judge(deviation({ check: 'refuses a wrong hash' }), [failed(), other]);
    expect(judged.verdicts).to.deep.equal(['known-deviation', 'fail']);
    expect(judged.states).to.deep.equal(['holds']);
  });

  it('is stale where no check has the title that it names', () => {
    const judged = judge(deviation({ check: 'refuses a bad hash' }), [failed()]);
    expect(judged.verdicts).to.deep.equal(['fail']);
    expect(judged.states).to.deep.equal(['no-such-check']);
  });

  it('is told apart by peer: what holds on one must not pass on another, unless it names the one', () => {
    const target = { ...attached, peers: [peer, 'other'] };
    const results = [failed(), result('pass', { peer: 'other' })];
    const both = judge(deviation(), results, { ...setting, target });
    expect(both.states).to.deep.equal(['holds', 'passes']);
    expect(conclude(both.run)).to.equal('stale baseline');
    const named = judge(deviation({ peer }), results, { ...setting, target });
    expect(named.states).to.deep.equal(['holds']);
    expect(conclude(named.run)).to.equal('conformant');
    const wrongPeer = judge(deviation({ peer: 'other' }), [failed()], { ...setting, target });
    expect(wrongPeer.verdicts).to.deep.equal(['fail']);
  });

  it('is for the versions that it names: of each peer, where the network has several', () => {
    expect(judge(deviation({ version: '3.x' }), [failed()]).verdicts).to.deep.equal(['fail']);
    expect(judge(deviation({ version: '3.x' }), [result('pass')]).states).to.deep.equal(['other-version']);
    const target = {
      ...attached,
      fabricVersion: '2.5.16 and 3.1.5',
      peers: ['old', 'new'],
      versionByPeer: { old: '2.5.16', new: '3.1.5' },
    };
    const mixed = judge(
      deviation({ version: '3.1.5' }),
      [result('pass', { peer: 'old' }), failed({ peer: 'new' })],
      { ...setting, target },
    );
    expect(mixed.verdicts).to.deep.equal(['pass', 'known-deviation']);
    expect(mixed.states).to.deep.equal(['other-version', 'holds']);
  });

  it('does not guess a version that nobody has told', () => {
    const target = { ...attached, fabricVersion: undefined };
    const judged = judge(deviation(), [failed()], { ...setting, target });
    expect(judged.verdicts).to.deep.equal(['fail']);
    expect(judged.states).to.deep.equal(['unknown-version']);
    expect(judge(deviation({ version: 'any' }), [failed()], { ...setting, target }).verdicts).to.deep.equal([
      'known-deviation',
    ]);
  });

  it('says nothing of what was not judged', () => {
    for (const results of [
      [],
      [result('not-run')],
      [result('inconclusive')],
      [result('pass'), result('inconclusive')],
    ]) {
      expect(judge(deviation(), results).states).to.deep.equal(['not-judged']);
    }
  });

  it('is not stale where a repeated check fails as listed some of the time', () => {
    expect(judge(deviation(), [failed(), result('pass'), failed()]).states).to.deep.equal(['holds']);
  });

  it('says what became of an entry, in words, and what of it must change', () => {
    const states: readonly DeviationState[] = [
      ...(['holds', 'passes', 'expired', 'fails-otherwise'] as const),
      ...(['no-such-check', 'not-judged', 'other-version', 'unknown-version'] as const),
    ];
    const said = states.map((state) => deviationText({ deviation: deviation({ check: 'x' }), peer, state }));
    expect(new Set(said).size).to.equal(states.length);
    for (const text of said) expect(text).to.match(/^CONN-07 “x” on 127\.0\.0\.1:7051/);
    expect(states.filter((state) => isStale({ state }))).to.deep.equal(states.slice(1, 5));
  });
});

describe('what decides', () => {
  const gate = { minClauses: undefined, baseline: undefined };
  const should = result('fail', { id: 'CONN-13', level: 'should' });
  const undecided = result('inconclusive', { id: 'CONN-13', level: 'should' });

  it('is must alone with --require must', () => {
    const held = run([result('pass'), should], { gate: { ...gate, require: 'must' } });
    expect(conclude(held)).to.equal('conformant');
    expect(conclude(run([failed()], { gate: { ...gate, require: 'must' } }))).to.equal('not conformant');
  });

  it('is must and should alike with --require should, of any peer', () => {
    const target = { ...attached, real: false };
    const require = { ...gate, require: 'should' } as const;
    expect(conclude(run([result('pass'), should], { gate: require, target }))).to.equal('not conformant');
    expect(conclude(run([result('pass'), undecided], { gate: require }))).to.equal('cannot tell');
    expect(conclude(run([result('pass'), undecided]))).to.equal('conformant');
  });

  it('is nothing where fewer clauses were judged than --min-clauses demands', () => {
    const results = [result('pass'), result('pass', { id: 'CONN-08' }), result('not-run', { id: 'CONN-09' })];
    const of = (minClauses: number): RunResult =>
      run(results, { gate: { ...gate, require: undefined, minClauses } });
    expect(conclude(of(2))).to.equal('conformant');
    expect(conclude(of(3))).to.equal('cannot tell');
    expect(exitCodeOf(of(3))).to.equal(2);
    expect(exitCodeOf(run([failed()], { gate: { ...gate, require: undefined, minClauses: 3 } }))).to.equal(1);
  });
});
