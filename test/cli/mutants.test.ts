import { expect } from 'chai';
import type { Mutant, MutantResult, MutantsOptions } from '../../conformance/run-types';
import { cli } from './fake-session';

const forgiving: Mutant = {
  name: 'forgives-wrong-hash',
  breaks: 'takes any tls_cert_hash',
  expected: ['CONN-07'],
};
const mute: Mutant = { name: 'never-answers', breaks: 'ignores requests', expected: ['MEMB-04', 'MEMB-05'] };

const rest = { judgeable: [], undecided: [], faults: [] };
const found: MutantResult = {
  ...rest,
  mutant: forgiving,
  foundBy: ['CONN-07', 'CONN-08'],
  judgeable: ['CONN-07', 'MEMB-05'],
  tries: 1,
  durationMs: 1_500,
};
const missed: MutantResult = {
  ...rest,
  mutant: mute,
  foundBy: ['MEMB-05'],
  undecided: ['MEMB-04: inconclusive, no answer'],
  tries: 3,
  durationMs: 2_000,
};

const mutants = (results: readonly MutantResult[]) => ({
  listMutants: () => [forgiving, mute],
  runMutants: (options: MutantsOptions) => {
    for (const result of results) options.finished(result);
    return Promise.resolve(results);
  },
});

describe('gossipspec mutants', () => {
  it('shows which clauses found a mutant, and exits with 0 if all did that must', async () => {
    const { code, out } = await cli(['mutants', 'forgives-wrong-hash'], { mutants: mutants([found]) });
    expect(code).to.equal(0);
    expect(out).to.equal(
      '✓ forgives-wrong-hash: takes any tls_cert_hash · found by CONN-07 · trips 1 other clause CONN-08 · 1.5 s\n' +
        '\n1 mutant: 1 found, 0 missed\n',
    );
  });

  it('exits with 1 where a clause missed its mutant, and says why', async () => {
    const { code, out } = await cli(['mutants'], { mutants: mutants([found, missed]) });
    expect(code).to.equal(1);
    expect(out).to.contain(
      '✗ never-answers: ignores requests · missed by MEMB-04 · found by MEMB-05 · trips 0 other clauses · 2.0 s · judged 3 times\n    MEMB-04: inconclusive, no answer\n',
    );
    expect(out).to.contain('judged more than once: never-answers\n');
    expect(out).to.contain('2 mutants: 1 found, 1 missed\n');
  });

  it('tells which mutants each clause found, and exits with 1 where a clause found none', async () => {
    const { code, out } = await cli(['mutants', '--quick'], { mutants: mutants([found]) });
    expect(code).to.equal(1);
    expect(out).to.contain('no mutant found by MEMB-05\n');
    const full = await cli(['mutants'], { mutants: mutants([found]) });
    expect(full.out).to.contain('CONN-07     1  forgives-wrong-hash\nMEMB-05     0  \n');
  });

  it('exits with the code of a fault of its own where a check threw', async () => {
    const faulty = { ...found, faults: ['CONN-07 (title): TypeError'] };
    const { code, err } = await cli(['mutants'], { mutants: mutants([faulty]) });
    expect(code).to.equal(70);
    expect(err).to.contain('TypeError');
  });

  it('runs those that are named', async () => {
    const asked: string[] = [];
    const runMutants = ({ only }: MutantsOptions): Promise<readonly MutantResult[]> => {
      asked.push(...only);
      return Promise.resolve([]);
    };
    const { code } = await cli(['mutants', 'a', 'b'], { mutants: { runMutants } });
    expect(asked).to.deep.equal(['a', 'b']);
    expect(code).to.equal(2);
  });

  it('lists them', async () => {
    const { code, out } = await cli(['mutants', '--list'], { mutants: mutants([]) });
    expect(code).to.equal(0);
    expect(out).to.equal(
      'forgives-wrong-hash  CONN-07: takes any tls_cert_hash\n' +
        'never-answers        MEMB-04, MEMB-05: ignores requests\n\n2 mutants\n',
    );
  });
});
