import { Command } from 'commander';
import { alsoFoundBy, killMatrix, missedBy } from '../../conformance/mutants/matrix';
import type { MutantResult, MutantsRunner } from '../../conformance/run-types';
import { duration, plural } from '../report/text';
import { exitCodes } from './exit-codes';
import { interruptible } from './interrupt';
import type { CommandFactory, Session } from './session';

interface MutantsFlags {
  readonly list?: true;
  readonly quick?: true;
  readonly verbose?: true;
}

const exitCodesHelp = `
Exit codes:
  ${exitCodes.conformant}    every mutant was found, and every clause with a check found one
  ${exitCodes.notConformant}    a mutant lives, or a clause found none
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
      .option('--quick', 'judge each mutant by the clauses that must find it, and by no others')
      .option('--verbose', 'show the stack of a fault of this program')
      .addHelpText('after', exitCodesHelp)
      .action(async (names: readonly string[], flags: MutantsFlags) => {
        session.exitCode =
          flags.list === true ? list(load(), session) : await run(load(), session, names, flags);
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

/** What was found of a mutant; `quick`: no other clauses were asked. */
function line(result: MutantResult, quick: boolean): string {
  const { mutant, undecided, tries, durationMs } = result;
  const missed = missedBy(result);
  const found = missed.length === 0;
  const by = mutant.expected.filter((id) => !missed.includes(id));
  const others = alsoFoundBy(result);
  const parts = [
    `${found ? '✓' : '✗'} ${mutant.name}: ${mutant.breaks}`,
    ...(found ? [] : [`missed by ${missed.join(', ')}`]),
    ...(by.length > 0 ? [`found by ${by.join(', ')}`] : []),
    ...(quick ? [] : [`trips ${[plural(others.length, 'other clause'), ...others].join(' ')}`]),
    duration(durationMs),
    ...(tries > 1 ? [`judged ${tries} times`] : []),
  ];
  return [parts.join(' · '), ...(found ? [] : undecided)].join('\n    ');
}

/** Each clause and the mutants that it found, those it was not made for included. */
function clauseLines(kills: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...kills].map(([id, names]) => {
    return `${id.padEnd(9)} ${String(names.length).padStart(3)}  ${names.join(', ')}`;
  });
  return `\nClauses, and the mutants each found:\n${lines.join('\n')}\n`;
}

async function run(
  { runMutants }: MutantsRunner,
  { io }: Session,
  only: readonly string[],
  { quick }: MutantsFlags,
): Promise<number> {
  return interruptible(io, async (signal) => {
    const results = await runMutants({
      only,
      quick: quick === true,
      signal,
      finished: (result) => void io.out.write(`${line(result, quick === true)}\n`),
    });
    signal.throwIfAborted();
    const { kills, blind, living } = killMatrix(results);
    const everything = only.length === 0;
    if (everything && quick !== true) io.out.write(clauseLines(kills));
    io.out.write(
      `\n${plural(results.length, 'mutant')}: ${results.length - living.size} found, ${living.size} missed\n`,
    );
    const again = results.filter(({ tries }) => tries > 1).map(({ mutant }) => mutant.name);
    if (again.length > 0) io.out.write(`judged more than once: ${again.join(', ')}\n`);
    if (everything && blind.length > 0) io.out.write(`no mutant found by ${blind.join(', ')}\n`);
    const faults = results.flatMap((result) => result.faults);
    for (const fault of faults) io.err.write(`fault of this program: ${fault}\n`);
    if (faults.length > 0) return exitCodes.ownFault;
    if (results.length === 0) return exitCodes.cannotTell;
    return living.size === 0 && (!everything || blind.length === 0)
      ? exitCodes.conformant
      : exitCodes.notConformant;
  });
}
