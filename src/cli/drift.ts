import { Command } from 'commander';
import { badInputs } from '../../conformance/hostile/bad-inputs';
import { clauses } from '../../conformance/clauses';
import { UsageError } from '../../conformance/run-types';
import { compare, type Drift, type Fate, type PlaceDrift } from '../drift/drift';
import { GitError, Revision } from '../drift/revision';
import { plural, wrap } from '../report/text';
import { exitCodes } from './exit-codes';
import type { CommandFactory } from './session';

/** The newest release that the catalogue was read from. */
const READ_FROM = 'v3.1.5';

interface Flags {
  readonly fabricSource: string;
  readonly from: string;
  readonly to: string;
}

/** `gossipspec drift`. */
export const driftCommand: CommandFactory = (session) =>
  new Command('drift')
    .summary('compare what clauses cite between two revisions of Fabric')
    .description(
      'Compares the places in Fabric’s sources that clauses and bad inputs cite between two revisions, and lists which of them to look at again. Exits with 1 if there are any.',
    )
    .requiredOption('--fabric-source <dir>', 'a git repository of Fabric, with or without a work tree')
    .option('--from <rev>', 'the older revision', READ_FROM)
    .option('--to <rev>', 'the newer one', 'HEAD')
    .option('--verbose', 'show the stack of a fault of this program')
    .action(({ fabricSource, from, to }: Flags) => {
      const citing = [...clauses.values(), ...badInputs.values()];
      const drift = usable(() =>
        compare(citing, new Revision(fabricSource, from), new Revision(fabricSource, to)),
      );
      session.io.out.write(`${reportOf(drift, from, to).join('\n')}\n`);
      session.exitCode = toLookAt(drift).length === 0 ? exitCodes.conformant : exitCodes.notConformant;
    });

/** Throws a UsageError where git has no such thing. */
function usable<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** Who cites something that is not as it was. */
const toLookAt = ({ places }: Drift): readonly string[] => [
  ...new Set(places.filter(({ fate }) => isDrift(fate)).flatMap(({ ids }) => ids)),
];

function isDrift(fate: Fate): boolean {
  switch (fate) {
    case 'changed':
    case 'gone':
    case 'new':
      return true;
    case 'same':
    case 'unknown':
      return false;
  }
}

const headings: readonly { readonly fate: Fate; readonly heading: string }[] = [
  { fate: 'changed', heading: 'Changed' },
  { fate: 'gone', heading: 'Gone' },
  { fate: 'new', heading: 'There now, and not before' },
  { fate: 'unknown', heading: 'In neither: the citation is wrong, or of another version' },
];

const columns = 100;

const entry = ({ place, nowIn, ids }: PlaceDrift): readonly string[] => [
  `  ${place}${nowIn.length === 0 ? '' : ` (now declared in ${nowIn.join(', ')})`}`,
  ...wrap(ids.join(', '), columns - 6).map((line) => `      ${line}`),
];

function reportOf(drift: Drift, from: string, to: string): readonly string[] {
  const { places, elsewhere } = drift;
  const count = (fate: Fate): number => places.filter((one) => one.fate === fate).length;
  const ids = [...toLookAt(drift)].sort();
  const isBad = (id: string): boolean => id.startsWith('BAD-');
  return [
    `${from} → ${to}: ${plural(places.length, 'place')} cited; ${count('same')} the same, ${count('changed')} changed, ${count('gone')} gone, ${count('new')} new, ${count('unknown')} in neither`,
    ...headings.flatMap(({ fate, heading }) => {
      const found = places.filter((one) => one.fate === fate);
      return found.length === 0 ? [] : ['', heading, ...found.flatMap(entry)];
    }),
    ...(elsewhere.length === 0 ? [] : ['', 'Not in Fabric’s sources, and so not compared']),
    ...elsewhere.map(({ text, ids: citedBy }) => `  ${text}: ${citedBy.join(', ')}`),
    '',
    `To look at again: ${plural(ids.filter((id) => !isBad(id)).length, 'clause')}, ${plural(ids.filter(isBad).length, 'bad input')}`,
    ...wrap(ids.join(', '), columns - 2).map((line) => `  ${line}`.trimEnd()),
  ];
}
