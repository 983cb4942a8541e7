import { expect } from 'chai';
import { conclude, countClauses, exitCodeOf, needsExplaining, outcomes } from '../../src/report/verdict';
import { embedded, failed, result, run, strange } from './sample-run';

const nobody = { passed: 0, failed: 0, knownDeviations: 0, inconclusive: 0, notRun: 0 };

describe('what the logs of the peers may explain', () => {
  it('is a failure that counts, and a must that could not be judged', () => {
    const passed = result('pass', { id: 'CONN-01' });
    expect(needsExplaining([passed, failed()])).to.be.true;
    expect(needsExplaining([passed, failed({ level: 'should' })])).to.be.true;
    expect(needsExplaining([passed, result('inconclusive')])).to.be.true;
    expect(needsExplaining([passed, result('not-run')])).to.be.false;
    expect(needsExplaining([passed, failed({ level: 'impl' })])).to.be.false;
    expect(needsExplaining([passed, result('inconclusive', { level: 'should' })])).to.be.false;
  });
});

describe('counting', () => {
  it('counts clauses by level, each by its worst check or peer', () => {
    const counts = countClauses([
      result('pass'),
      failed({ peer: 'other' }),
      result('pass', { id: 'CONN-01' }),
      result('inconclusive', { id: 'CONN-02' }),
      result('pass', { id: 'CONN-02' }),
      result('not-run', { id: 'CONN-04' }),
      result('pass', { id: 'CONN-13', level: 'should' }),
      failed({ id: 'CONN-16', level: 'impl' }),
    ]);
    expect(counts).to.deep.equal({
      must: { ...nobody, passed: 1, failed: 1, inconclusive: 1, notRun: 1 },
      should: { ...nobody, passed: 1 },
      impl: { ...nobody, failed: 1 },
    });
  });

  it('counts a clause as judged where one of its checks could run and another not', () => {
    expect(countClauses([result('not-run'), result('pass')]).must).to.deep.equal({ ...nobody, passed: 1 });
  });

  it('keeps the order in which clauses came', () => {
    const all = outcomes([
      result('pass', { id: 'B-01' }),
      result('pass', { id: 'A-01' }),
      failed({ id: 'B-01' }),
    ]);
    expect(all.map(({ clause, verdict }) => `${clause.id} ${verdict}`)).to.deep.equal([
      'B-01 fail',
      'A-01 pass',
    ]);
  });
});

describe('the conclusion', () => {
  const cases = [
    { what: 'every must clause passed', results: [result('pass')], is: 'conformant', code: 0 },
    {
      what: 'some could not run',
      results: [result('pass'), result('not-run', { id: 'CONN-04' })],
      is: 'conformant',
      code: 0,
    },
    {
      what: 'a must clause failed',
      results: [result('pass'), failed({ id: 'CONN-08' })],
      is: 'not conformant',
      code: 1,
    },
    {
      what: 'one failed and another is inconclusive',
      results: [result('inconclusive'), failed({ id: 'CONN-08' })],
      is: 'not conformant',
      code: 1,
    },
    {
      what: 'a must clause is inconclusive',
      results: [result('pass'), result('inconclusive', { id: 'CONN-08' })],
      is: 'cannot tell',
      code: 2,
    },
    { what: 'nothing ran', results: [result('not-run')], is: 'cannot tell', code: 2 },
    { what: 'there is no result', results: [], is: 'cannot tell', code: 2 },
    {
      what: 'the only clause judged, a should, is inconclusive',
      results: [result('inconclusive', { level: 'should' }), result('not-run', { id: 'CONN-01' })],
      is: 'cannot tell',
      code: 2,
    },
    {
      what: 'a should clause failed',
      results: [result('pass'), result('fail', { id: 'CONN-13', level: 'should' })],
      is: 'not conformant',
      code: 1,
    },
    {
      what: 'an impl clause failed and a should clause is inconclusive',
      results: [
        result('pass'),
        result('fail', { id: 'CONN-16', level: 'impl' }),
        result('inconclusive', { id: 'CONN-14', level: 'should' }),
      ],
      is: 'conformant',
      code: 0,
    },
  ] as const;

  for (const { what, results, is, code } of cases) {
    it(`is "${is}" where ${what}`, () => {
      const done = run(results);
      expect(conclude(done)).to.equal(is);
      expect(exitCodeOf(done)).to.equal(code);
    });
  }

  it('is open where something could be judged and came to no verdict, unless a clause failed', () => {
    const { clause, title, peer } = result('pass', { id: 'CONN-08' });
    const lost = [{ clause, title, peer }];
    const open = run([result('pass')], { lost });
    expect(conclude(open)).to.equal('cannot tell');
    expect(exitCodeOf(open)).to.equal(2);
    expect(conclude(run([result('pass')], { lost: [] }))).to.equal('conformant');
    expect(conclude(run([failed()], { lost }))).to.equal('not conformant');
  });

  it('does not care for what was unexpected', () => {
    expect(conclude(run([result('pass')], { unexpected: [strange] }))).to.equal('conformant');
  });

  it('does not fail our own peers for a should clause', () => {
    const own = run([result('pass'), result('fail', { id: 'RPC-05', level: 'should' })], {
      target: embedded,
    });
    expect(conclude(own)).to.equal('conformant');
  });

  it('is open, and the exit code 70, where this program had a fault', () => {
    const broken = run([result('pass')], { harnessErrors: ['TypeError: x is not a function'] });
    expect(conclude(broken)).to.equal('cannot tell');
    expect(exitCodeOf(broken)).to.equal(70);
    expect(exitCodeOf(run([failed()], { harnessErrors: ['TypeError'] }))).to.equal(70);
  });
});
