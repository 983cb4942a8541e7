import { createRequire } from 'node:module';
import { Command } from 'commander';
import type * as leftovers from '../../conformance/harness/targets/leftovers';
import { plural } from '../report/text';
import { exitCodes } from './exit-codes';
import type { CommandFactory } from './session';

interface CleanFlags {
  readonly dryRun?: boolean;
}

/** Loaded when it is needed, so that `--help` is quick. ts-node hooks require(), and not import(). */
const load = (): typeof leftovers =>
  createRequire(__filename)('../../conformance/harness/targets/leftovers') as typeof leftovers;

/** `gossipspec clean`: removes networks that `--keep` left up, logs that were kept, and what killed runs left. */
export const cleanCommand: CommandFactory = (session) =>
  new Command('clean')
    .summary('remove networks and logs that were kept, and what killed runs left')
    .description(
      'Ends and removes networks that --keep left up, logs kept of runs that did not end well, and whatever runs that were killed have left, and nothing else: processes and folders are found by marks of our own, those of runs still under way are let alone.',
    )
    .option('--dry-run', 'only tell what would be removed')
    .action(async ({ dryRun = false }: CleanFlags) => {
      const { io } = session;
      let count = 0;
      const { removeLeftovers, runsOfOthers } = load();
      for await (const line of removeLeftovers(dryRun)) {
        count += 1;
        io.out.write(`${dryRun ? 'would remove' : 'removed'} ${line}\n`);
      }
      for (const line of await runsOfOthers()) io.out.write(`let alone ${line}\n`);
      io.out.write(
        count === 0
          ? 'nothing to remove\n'
          : `${plural(count, 'thing')}${dryRun ? ' to remove' : ' removed'}\n`,
      );
      session.exitCode = exitCodes.conformant;
    });
