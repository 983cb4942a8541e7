import { expect } from 'chai';
import { clauses } from '../../conformance/clauses';
import { UsageError } from '../../conformance/run-types';
import { resolveSelection, type SelectionRequest } from '../../conformance/selection';
import { suggest } from '../../conformance/suggest';

const select = (request: Partial<SelectionRequest>): readonly string[] => [
  ...resolveSelection({ clauses: [], areas: [], levels: [], ...request }),
];

describe('the selection of clauses', () => {
  it('is the whole catalogue where nothing is named', () => {
    expect(select({})).to.deep.equal([...clauses.keys()]);
  });

  it('takes clauses in any case and keeps the order of the catalogue', () => {
    expect(select({ clauses: ['CONN-07', 'rpc-01', 'CONN-07'] })).to.deep.equal(['RPC-01', 'CONN-07']);
  });

  it('takes areas by family or by the name of their section', () => {
    expect(select({ areas: ['leave'] })).to.deep.equal(['LEAVE-01', 'LEAVE-02', 'LEAVE-03', 'LEAVE-04']);
    expect(select({ areas: ['stopping AND leaving'] })).to.deep.equal(select({ areas: ['LEAVE'] }));
  });

  it('adds clauses and areas up, and narrows the sum by levels', () => {
    expect(select({ clauses: ['RPC-12', 'RPC-01'], areas: ['LEAVE'], levels: ['MUST'] })).to.deep.equal([
      'RPC-01',
      'LEAVE-01',
      'LEAVE-03',
    ]);
    expect(select({ levels: ['should', 'impl'] })).to.have.length(68 + 54 + 21);
  });

  const refused = [
    { request: { clauses: ['CONN-7'] }, says: 'unknown clause "CONN-7"; did you mean CONN-07, or ' },
    {
      request: { clauses: ['handshake'] },
      says: 'unknown clause "handshake"; ids look like CONN-07, see --list',
    },
    { request: { areas: ['memberhsip'] }, says: 'unknown area "memberhsip"; areas are RPC, TLS, ID, ' },
    { request: { areas: ['cnon'] }, says: 'unknown area "cnon"; did you mean CONN?' },
    { request: { areas: ['Pull engin'] }, says: 'unknown area "Pull engin"; did you mean Pull engine?' },
    { request: { levels: ['shall'] }, says: 'unknown level "shall"; levels are must, should, impl' },
    {
      request: { clauses: ['RPC-12'], levels: ['must'] },
      says: 'no clause is left: none of those named has the level must',
    },
  ];
  for (const { request, says } of refused) {
    it(`refuses ${JSON.stringify(request)}`, () => {
      expect(() => select(request)).to.throw(UsageError, says);
    });
  }
});

describe('suggestions', () => {
  it('are the nearest names, at most three, or none', () => {
    expect(suggest('conn-70', clauses.keys())[0]).to.equal('CONN-07');
    expect(suggest('CONN-7', clauses.keys())).to.have.length(3);
    expect(suggest('something else', clauses.keys())).to.deep.equal([]);
    expect(suggest('', ['abc', 'a'])).to.deep.equal(['a']);
  });
});
