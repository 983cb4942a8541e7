#!/usr/bin/env node
import type * as mutantsRun from '../../conformance/mutants/run';
import type * as conformanceDocument from '../../conformance/document';
import type * as conformanceRun from '../../conformance/run';
import { cleanCommand } from './clean';
import { conformanceCommand } from './conformance';
import { exitCodes } from './exit-codes';
import { documentCommand } from './document';
import { explainCommand } from './explain';
import { mutantsCommand } from './mutants';
import { peerCommand } from './peer';
import { runCommandLine, tellError } from './program';
import type { CommandFactory, Io, StopSignal } from './session';

// ts-node maps every stack trace to the sources, and grpc-js takes one for each call: a third of a run’s time.
if (!process.argv.includes('--verbose')) Reflect.deleteProperty(Error, 'prepareStackTrace');

const stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

const io: Io = {
  out: process.stdout,
  err: process.stderr,
  env: process.env,
  onStopSignal: (stop) => {
    const handle = (signal: NodeJS.Signals): void => {
      forget();
      for (const known of stopSignals) if (known === signal) stop(known);
    };
    const forget = (): void => {
      for (const signal of stopSignals) process.removeListener(signal, handle);
    };
    for (const signal of stopSignals) process.on(signal, handle);
    return forget;
  },
};

const commands: readonly CommandFactory[] = [
  conformanceCommand(
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would pass by ts-node, which hooks require
    () => require('../../conformance/run') as typeof conformanceRun,
  ),
  mutantsCommand(
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
    () => require('../../conformance/mutants/run') as typeof mutantsRun,
  ),
  explainCommand,
  documentCommand(
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as above
    () => require('../../conformance/document') as typeof conformanceDocument,
  ),
  cleanCommand,
  peerCommand,
];

const argv = process.argv.slice(2);

process.on('uncaughtException', (error) => {
  process.exit(tellError(error, argv, io));
});

// Whoever read our output has gone, as `head` does: there is nobody left to tell.
process.stdout.on('error', () => process.exit(exitCodes.ownFault));

void runCommandLine(argv, io, commands).then((code) => {
  process.exitCode = code;
  // What was started has been stopped; checks that are still at it come to nothing, and nobody waits for them.
  if (code === exitCodes.interrupted || code === exitCodes.terminated) process.exit();
});
