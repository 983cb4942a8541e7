import { Command } from 'commander';
import type { MutantResult, MutantsRunner } from '../../conformance/run-types';
import { duration, plural } from '../report/text';
import { exitCodes } from './exit-codes';
import { interruptible } from './interrupt';
import type { CommandFactory, Session } from './session';

interface MutantsFlags {
  readonly list?: true;
  readonly verbose?: true;
}

const exitCodesHelp = `
Exit codes:
  ${exitCodes.conformant}    the suite found every mutant
  ${exitCodes.notConformant}    it missed one
  other codes as those of conformance`;

/** `gossipspec mutants`: the suite's own test; `load` loads the mutants when they are needed. */
export const mutantsCommand =
  (load: () => MutantsRunner): CommandFactory =>
  (session) =>
    new Command('mutants')
      .summary('test the suite: does it find peers with one rule broken?')
      .description(
        'Tests the suite itself: runs it against our own peer with one rule broken at a time. A clause’s checks are worth something if they find the mutant that breaks it.',
      )
      .argument('[mutant...]', 'names of mutants; every one if none is given')
      .option('--list', 'print the mutants and the clauses that must find them; runs nothing')
      .option('--verbose', 'show the stack of a fault of this program')
      .addHelpText('after', exitCodesHelp)
      .action(async (names: readonly string[], flags: MutantsFlags) => {
        session.exitCode = flags.list === true ? list(load(), session) : await run(load(), session, names);
      });

function list({ listMutants }: MutantsRunner, { io }: Session): number {
  const mutants = listMutants();
  const width = Math.max(0, ...mutants.map(({ name }) => name.length));
  for (const { name, breaks, expected } of mutants) {
    io.out.write(`${name.padEnd(width)}  ${expected.join(', ')}: ${breaks}\n`);
  }
  io.out.write(`\n${plural(mutants.length, 'mutant')}\n`);
  return exitCodes.conformant;
}

/** The clauses that had to find a mutant and did not. */
function missed({ mutant, foundBy }: MutantResult): readonly string[] {
  return mutant.expected.filter((id) => !foundBy.includes(id));
}

function line(result: MutantResult): string {
  const { mutant, foundBy, durationMs } = result;
  const blind = missed(result);
  const found = blind.length === 0;
  const also = foundBy.filter((id) => !found || !mutant.expected.includes(id));
  return [
    `${found ? '✓' : '✗'} ${mutant.name}: ${mutant.breaks}`,
    found ? `found by ${mutant.expected.join(', ')}` : `missed by ${blind.join(', ')}`,
    ...(also.length > 0 ? [`${found ? 'also' : 'found by'} ${also.join(', ')}`] : []),
    duration(durationMs),
  ].join(' · ');
}

async function run({ runMutants }: MutantsRunner, { io }: Session, only: readonly string[]): Promise<number> {
  return interruptible(io, async (signal) => {
    const results = await runMutants({
      only,
      signal,
      finished: (result) => void io.out.write(`${line(result)}\n`),
    });
    signal.throwIfAborted();
    const unfound = results.filter((result) => missed(result).length > 0);
    io.out.write(
      `\n${plural(results.length, 'mutant')}: ${results.length - unfound.length} found, ${unfound.length} missed\n`,
    );
    if (results.length === 0) return exitCodes.cannotTell;
    return unfound.length === 0 ? exitCodes.conformant : exitCodes.notConformant;
  });
}
