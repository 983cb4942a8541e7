import Table from 'cli-table3';
import { Command } from 'commander';
import type * as capture from '../capture';
import { plural, printable } from '../report/text';
import { exitCodes } from './exit-codes';
import type { CommandFactory } from './session';

interface DiffFlags {
  readonly from?: string;
  readonly fromB?: string;
  readonly json?: true;
}

/** `gossipspec diff`: two recordings by shape. */
export const diffCommand =
  (load: () => typeof capture): CommandFactory =>
  (session) =>
    new Command('diff')
      .summary('compare two recordings by shape')
      .description(
        'Compares two recordings by shape: kinds of messages, fields present, what follows what, intervals, sizes; values are left out. Exits with 1 where they differ.',
      )
      .argument('<a>', 'a recording’s folder')
      .argument('<b>', 'another')
      .option('--from <name>', 'only what this party sends, such as org1.peer0')
      .option('--from-b <name>', 'the same for the second recording, where it is another')
      .option('--json', 'print the differences as JSON')
      .option('--verbose', 'show the stack of a fault of this program')
      .action(async (a: string, b: string, { from, fromB = from, json }: DiffFlags) => {
        const { compareShapes, RecordingReader, shapeOf } = load();
        const shapes = [
          await shapeOf(new RecordingReader(a), from),
          await shapeOf(new RecordingReader(b), fromB),
        ] as const;
        const differences = compareShapes(...shapes);
        const { out } = session.io;
        if (json === true) {
          out.write(`${JSON.stringify(differences, undefined, 2)}\n`);
        } else {
          if (differences.length > 0) {
            const table = new Table({ head: ['', 'what', a, b], style: { head: [], border: [] } });
            for (const { about, what, a: ofA, b: ofB } of differences) {
              table.push([about, printable(what), ofA, ofB]);
            }
            out.write(`${table.toString()}\n`);
          }
          const [ofA, ofB] = shapes;
          out.write(
            `${plural(differences.length, 'difference')} between ${plural(ofA.envelopes, 'envelope')} and ${plural(ofB.envelopes, 'envelope')}\n`,
          );
        }
        session.exitCode = differences.length === 0 ? exitCodes.conformant : exitCodes.notConformant;
      });
