import { expect } from 'chai';
import { badInputs } from '../../conformance/hostile/bad-inputs';
import { checks } from '../../conformance/checks';
import { clauseInfo, clauseOf, clauses, familyOf, isClauseId } from '../../conformance/clauses';

const every = [...clauses.values()];
const all = every.filter(({ id }) => familyOf(id) !== 'BAD');

const levelOf = (id: string): string | undefined => every.find((one) => one.id === id)?.level;

/** How many of `values` there are of each kind. */
function count(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Text that was meant for a page: emphasis, code marks, and pointers to tables and sections that are not here. */
const leftovers = /\*\*|`|Δ|☠|\btable \d|\bsections? \d/i;

describe('the catalogue of clauses', () => {
  it('holds 258 clauses by their ids', () => {
    expect(all).to.have.length(258);
    for (const [id, clause] of clauses) expect(clause.id).to.equal(id);
  });

  it('counts as the specification does, by family, level, role and evidence', () => {
    const perFamily = count(all.map(({ id }) => familyOf(id)));
    expect(Object.entries(perFamily).flat().join(' ')).to.equal(
      'RPC 12 TLS 10 ID 13 SIGN 11 TAG 10 CONN 21 LIFE 15 EMIT 6 STORE 4 ALIVE 15 MEMB 17 DEAD 10 BOOT 12 ' +
        'LEAVE 4 PULL 16 CERT 11 SINF 16 BLOCK 15 STATE 13 ELECT 10 ACK 4 PVT 9 CFG 4',
    );
    expect(count(all.map(({ level }) => level))).to.deep.equal({ must: 136, should: 68, impl: 54 });
    expect(count(all.map(({ role }) => role))).to.deep.equal({ both: 143, init: 60, resp: 55 });
    expect(count(all.map(({ evidence }) => evidence))).to.deep.equal({ live: 106, live25: 54, code: 98 });
    const differing = all.filter(({ differs }) => differs).map(({ id }) => id);
    expect(differing.join(' ')).to.equal('SIGN-04 DEAD-09 BOOT-11 BLOCK-02 BLOCK-15 PVT-03');
  });

  it('numbers each family from 1 without a gap', () => {
    const next: Record<string, number> = {};
    for (const { id } of all) {
      const number = (next[familyOf(id)] ?? 0) + 1;
      next[familyOf(id)] = number;
      expect(id).to.equal(`${familyOf(id)}-${String(number).padStart(2, '0')}`);
    }
  });

  it('says of each clause what it demands, where that is written, and how it is seen, in plain text', () => {
    for (const { id, area, text, source, observation } of all) {
      for (const part of [area, text, source, observation]) {
        expect(part.trim(), id).to.equal(part).and.not.to.equal('');
        expect(part, id).not.to.match(leftovers);
      }
      expect(text, id).to.match(/\.$/);
    }
  });

  it('names only clauses and bad inputs that exist', () => {
    const known = (id: string): boolean => isClauseId(id) || [...badInputs.keys()].some((bad) => bad === id);
    const texts = [
      ...all.flatMap(({ text, observation, unobservable = '' }) => [text, observation, unobservable]),
      ...[...badInputs.values()].flatMap(({ input, reaction }) => [input, reaction]),
    ];
    for (const text of texts) {
      for (const [id] of text.matchAll(/\b(?:[A-Z]{2,5})-\d\d\b/g))
        expect(known(id), `${id} in: ${text}`).to.be.true;
    }
  });

  it('keeps few clauses from the eyes of an outside peer, each with its reason', () => {
    const unseen = all.filter(({ unobservable }) => unobservable !== undefined);
    expect(unseen.map(({ id }) => id).join(' ')).to.equal(
      'RPC-12 ID-09 ID-11 SIGN-04 CONN-19 CONN-21 STORE-04 DEAD-09 LEAVE-02 PULL-16 PVT-01 PVT-03 PVT-05 PVT-09 ' +
        'CFG-01 CFG-02 CFG-03 CFG-04',
    );
    expect(unseen.length).to.be.at.most(all.length / 10);
    for (const { unobservable } of unseen) expect(unobservable).to.match(/\.$/);
  });

  it('gives a report what it may say, and no more', () => {
    expect(clauseInfo('CONN-07')).to.deep.equal({
      id: 'CONN-07',
      area: 'Connection handshake',
      level: 'must',
      text: clauseOf('CONN-07').text,
      source: 'gossip/comm/comm_impl.go authenticateRemotePeer',
    });
  });

  it('tells an id from what is none', () => {
    expect(isClauseId('CONN-07')).to.be.true;
    expect(isClauseId('CONN-99')).to.be.false;
    expect(isClauseId('toString')).to.be.false;
  });
});

describe('the table of bad inputs', () => {
  it('is an area of clauses, each as important as the clause that it is judged by', () => {
    const hostile = every.filter(({ area }) => area === 'hostile');
    expect(hostile.map(({ id }) => id)).to.deep.equal([...badInputs.keys()]);
    for (const { id, judgedBy } of badInputs.values()) {
      if (judgedBy !== undefined) expect(clauseOf(id).level, id).to.equal(levelOf(judgedBy.clause));
    }
  });

  it('names checks that there are, where it names some', () => {
    for (const { id, judgedBy } of badInputs.values()) {
      if (judgedBy?.title === undefined) continue;
      expect(
        checks.filter(({ clause }) => clause === id),
        id,
      ).not.to.be.empty;
    }
  });

  it('holds 90 rows, numbered from 1', () => {
    expect([...badInputs.keys()]).to.deep.equal(
      Array.from({ length: 90 }, (_, i) => `BAD-${String(i + 1).padStart(2, '0')}`),
    );
  });

  it('marks the destructive ones', () => {
    const destructive = [...badInputs.values()].filter((row) => row.destructive);
    expect(destructive.map(({ id }) => id).join(' ')).to.equal(
      'BAD-36 BAD-37 BAD-38 BAD-39 BAD-40 BAD-41 BAD-42',
    );
  });

  it('says of each what comes in, what comes of it, and where that is written, in plain text', () => {
    for (const { id, input, reaction, source } of badInputs.values()) {
      for (const part of [input, reaction, source]) {
        expect(part.trim(), id).to.equal(part).and.not.to.equal('');
        expect(part, id).not.to.match(leftovers);
      }
    }
  });
});
