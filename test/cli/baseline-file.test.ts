import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../conformance/run-types';
import { readBaseline } from '../../src/cli/baseline-file';
import { judge } from './judging';

const entry = {
  clause: 'conn-07',
  version: '">=2.5.11 <3"',
  failure: 'was accepted',
  reason: 'fixed in the next release',
  link: 'https://example.com/1',
  expires: '2028-02-29',
};

/** YAML of one entry; a field that is undefined is left out. */
const yaml = (rest: Readonly<Record<string, string | undefined>> = {}): string =>
  [
    'deviations:',
    ...Object.entries({ ...entry, ...rest } as Readonly<Record<string, string | undefined>>).map(
      ([key, value], i) => (value === undefined ? '  #' : `  ${i === 0 ? '-' : ' '} ${key}: ${value}`),
    ),
    '',
  ].join('\n');

describe('the file of a baseline', () => {
  let folder: string;
  let file: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'baseline-test-'));
    file = join(folder, 'baseline.yaml');
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  function read(text: string): ReturnType<typeof readBaseline> {
    writeFileSync(file, text);
    return readBaseline(file);
  }

  it('lists known deviations', () => {
    const deviation = {
      ...entry,
      clause: 'CONN-07',
      version: '>=2.5.11 <3',
      peer: undefined,
      check: undefined,
    };
    expect(read(yaml())).to.deep.equal({ file, deviations: [deviation] });
    expect(read(yaml({ peer: 'org1.peer0', check: 'refuses a wrong hash' })).deviations[0]).to.deep.equal({
      ...deviation,
      peer: 'org1.peer0',
      check: 'refuses a wrong hash',
    });
    expect(read('deviations: []').deviations).to.deep.equal([]);
  });

  const errors: readonly { what: string; text: string; says: string }[] = [
    { what: 'no YAML', text: 'deviations: [', says: 'is no YAML' },
    { what: 'nothing', text: '', says: 'deviations: is missing' },
    { what: 'no list', text: 'deviations: 7', says: 'deviations: must be a list' },
    { what: 'another key', text: 'deviation: []', says: 'deviation: is no key of a baseline' },
    { what: 'an entry that is text', text: 'deviations: [x]', says: 'deviations[0]: must have keys' },
    {
      what: 'an unknown key',
      text: yaml({ expiry: '2027-01-01' }),
      says: 'deviations[0].expiry: is no key of an entry',
    },
    ...Object.keys(entry)
      .slice(1)
      .map((field) => ({
        what: `no ${field}`,
        text: yaml({ [field]: undefined }),
        says: `deviations[0].${field}: is missing`,
      })),
    { what: 'no clause', text: 'deviations: [{ version: any }]', says: 'deviations[0].clause: is missing' },
    { what: 'an empty reason', text: yaml({ reason: '" "' }), says: 'deviations[0].reason: is empty' },
    {
      what: 'an unknown clause',
      text: yaml({ clause: 'CONN-7' }),
      says: 'deviations[0].clause: unknown clause "CONN-7"; did you mean CONN-07',
    },
    {
      what: 'a number for a version',
      text: yaml({ version: '2.10' }),
      says: 'deviations[0].version: must be text: put it in quotes',
    },
    {
      what: 'no version',
      text: yaml({ version: 'latest' }),
      says: 'deviations[0].version: "latest" is no version or range',
    },
    {
      what: 'a link to nowhere',
      text: yaml({ link: 'see the wiki' }),
      says: 'deviations[0].link: "see the wiki" is no http',
    },
    {
      what: 'a date in another form',
      text: yaml({ expires: 'next year' }),
      says: 'deviations[0].expires: "next year" is no date',
    },
    {
      what: 'a day that there is not',
      text: yaml({ expires: '2027-02-29' }),
      says: 'deviations[0].expires: "2027-02-29" is no date',
    },
    {
      what: 'an entry twice',
      text: yaml() + yaml().replace('deviations:\n', ''),
      says: 'deviations[1]: says the same as deviations[0]',
    },
  ];
  for (const { what, text, says } of errors) {
    it(`is refused with ${what}, and the file and key are named`, () => {
      expect(() => read(text))
        .to.throw(UsageError, says)
        .with.property('message')
        .contains(file);
    });
  }

  it('is wrong usage where it cannot be read, before anything runs', async () => {
    const { code, err, options } = await judge(['--baseline', join(folder, 'none.yaml')]);
    expect(code).to.equal(64);
    expect(err).to.contain(`cannot read the baseline ${join(folder, 'none.yaml')}`);
    expect(options).to.be.undefined;
  });

  it('is handed to the run, with what else the run is held to', async () => {
    writeFileSync(file, yaml());
    const flags = ['--baseline', file, '--require', 'should', '--min-clauses', '80'];
    const { options } = await judge(flags);
    expect(options?.gate).to.deep.include({ require: 'should', minClauses: 80 });
    expect(options?.gate?.baseline?.deviations).to.have.length(1);
    expect((await judge([])).options?.gate).to.be.undefined;
  });
});
