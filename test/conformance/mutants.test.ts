import { expect } from 'chai';
import { killMatrix } from '../../conformance/mutants/matrix';
import { listMutants, runMutants } from '../../conformance/mutants/run';
import { clauseOf } from '../../conformance/clauses';
import type { MutantResult } from '../../conformance/run-types';

describe('mutants', () => {
  it('have names of their own, and clauses that must find them', () => {
    const names = listMutants().map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    for (const { name, expected } of listMutants()) {
      expect(name).to.match(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      expect(expected, name).not.to.be.empty;
      for (const id of expected) expect(clauseOf(id).unobservable, `${name}: ${id}`).to.equal(undefined);
    }
  });

  it('are all found, and every clause with a check finds one', async function () {
    this.timeout('10m'); // Half a minute on two idle processors.
    const results = await runMutants({
      only: [],
      quick: true,
      signal: new AbortController().signal,
      finished: () => undefined,
    });
    const again = results.filter(({ tries }) => tries > 1).map(({ mutant }) => mutant.name);
    const often = again.length === 0 ? 'none more than once' : `more than once: ${again.join(', ')}`;
    console.log(`    ${results.length} mutants judged, ${often}`);
    const { living, blind } = killMatrix(results);
    const why = (name: string): string =>
      results.find(({ mutant }) => mutant.name === name)?.undecided.join('; ') ?? '';
    const missed = [...living].map(([{ name }, ids]) => `${name} by ${ids.join(', ')} ${why(name)}`);
    expect(missed, 'mutants that live').to.deep.equal([]);
    expect(blind, 'clauses whose checks find no mutant').to.deep.equal([]);
    expect(results.flatMap(({ faults }) => faults)).to.deep.equal([]);
  });
});

describe('the kill matrix', () => {
  const result = (
    name: string,
    expected: MutantResult['foundBy'],
    foundBy: MutantResult['foundBy'],
  ): MutantResult => ({
    mutant: { name, breaks: 'a rule', expected },
    foundBy,
    judgeable: ['PULL-04', 'CONN-07', 'CONN-08'],
    undecided: [],
    faults: [],
    tries: 1,
    durationMs: 1,
  });
  const found = result('any-hash', ['CONN-07'], ['CONN-07', 'CONN-08']);
  const missed = result('late-requests', ['PULL-04'], []);

  it('lists the clauses in the order of the catalogue, with the mutants that they found', () => {
    expect([...killMatrix([found, missed]).kills]).to.deep.equal([
      ['CONN-07', ['any-hash']],
      ['CONN-08', ['any-hash']],
      ['PULL-04', []],
    ]);
  });

  it('calls a clause blind that finds no mutant made for it, though it trips over others', () => {
    expect(killMatrix([found, missed]).blind).to.deep.equal(['CONN-08', 'PULL-04']);
  });

  it('tells the mutants that live, with those who missed them', () => {
    expect([...killMatrix([found, missed]).living]).to.deep.equal([[missed.mutant, ['PULL-04']]]);
  });
});
