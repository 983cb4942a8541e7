import { Command } from 'commander';
import { badInputs, type BadInput } from '../../conformance/hostile/bad-inputs';
import { clauseOf, type Clause, type Evidence, type Role } from '../../conformance/clauses';
import { resolveClause } from '../../conformance/selection';
import { wrap } from '../report/text';
import type { CommandFactory } from './session';
import { terminalOptions } from './terminal-options';

const roles: Readonly<Record<Role, string>> = {
  init: 'binds the side that opens the stream',
  resp: 'binds the side that accepts the stream',
  both: 'binds both sides',
};

const evidence: Readonly<Record<Evidence, string>> = {
  live: 'seen on running peers of Fabric 2.5.16 and 3.1.5',
  live25: 'seen on running peers of Fabric 2.5.16; the source of 3.1.5 is the same',
  code: 'read in the source of Fabric 2.5.16 and 3.1.5',
};

const legend =
  'PUT is the peer under test, OP the outside peer that judges it; [in brackets] are Fabric’s defaults.';

interface Entry {
  readonly heading: string;
  readonly rows: readonly (readonly [label: string, text: string])[];
}

const clauseEntry = ({
  id,
  level,
  role,
  area,
  text,
  source,
  observation,
  unobservable,
  ...rest
}: Clause): Entry => ({
  heading: `${id} · ${level} · ${roles[role]} · ${area}`,
  rows: [
    ['Demands', text],
    unobservable === undefined ? ['Seen by', observation] : ['Unseen', unobservable],
    ['Source', source],
    ['Evidence', evidence[rest.evidence] + (rest.differs ? '; the two differ in it' : '')],
  ],
});

const badInputEntry = ({ id, input, reaction, destructive, source, ...rest }: BadInput): Entry => ({
  heading: `${id} · bad input${destructive ? ' · destructive' : ''}`,
  rows: [
    ['Input', input],
    ['Reaction', destructive ? `${reaction}; a conforming peer drops it` : reaction],
    ['Source', source],
    ['Evidence', evidence[rest.evidence]],
  ],
});

/** Throws a UsageError for an id that does not exist. */
function find(text: string): Entry {
  const bad = [...badInputs.values()].find(({ id }) => id === text.toUpperCase());
  return bad === undefined ? clauseEntry(clauseOf(resolveClause(text))) : badInputEntry(bad);
}

const labelWidth = 10;

/** `gossipspec explain`. */
export const explainCommand: CommandFactory = ({ io }) =>
  new Command('explain')
    .summary('print a clause of the catalogue')
    .description('Prints a clause of the catalogue (CONN-07), or a row of the table of bad inputs (BAD-11).')
    .argument('<clause>', 'its id, in any case')
    .option('--verbose', 'show the stack of a fault of this program')
    .action((text: string) => {
      const { heading, rows } = find(text);
      const columns = Math.max(40, Math.min(terminalOptions(io).columns ?? 100, 100)) - labelWidth;
      const lines = rows.flatMap(([label, content]) =>
        wrap(content, columns).map((line, i) => (i === 0 ? label : '').padEnd(labelWidth) + line),
      );
      io.out.write([heading, '', ...lines, '', legend, ''].join('\n'));
    });
