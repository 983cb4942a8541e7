#!/usr/bin/env node
import { createRequire } from 'node:module';
import type * as mutantsRun from '../../conformance/mutants/run';
import type * as capture from '../capture';
import type * as node from '../node';
import type * as recordedRun from '../../conformance/recorded/run';
import type * as conformanceDocument from '../../conformance/document';
import type * as conformanceRun from '../../conformance/run';
import { systemClock } from '../node/system-clock';
import { captureCommand } from './capture';
import type * as captureRecord from './capture/record';
import { cleanCommand } from './clean';
import { convertCommand } from './convert';
import { conformanceCommand } from './conformance';
import { exitCodes } from './exit-codes';
import { diffCommand } from './diff';
import { documentCommand } from './document';
import { driftCommand } from './drift';
import { explainCommand } from './explain';
import { judgeCommand } from './judge-recording';
import { mutantsCommand } from './mutants';
import { peerCommand } from './peer';
import { runCommandLine, tellError } from './program';
import type { CommandFactory, Io, StopSignal } from './session';

// ts-node maps every stack trace to the sources, and grpc-js takes one for each call: a third of a run’s time.
if (!process.argv.includes('--verbose')) Reflect.deleteProperty(Error, 'prepareStackTrace');

const stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** Stops what the running command has started; undefined where there is nothing to be stopped. */
let stopRunning: (() => void) | undefined;

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
    stopRunning = () => {
      handle('SIGTERM');
    };
    return () => {
      stopRunning = undefined;
      forget();
    };
  },
};

/** Loads what a command needs when it runs, so that `--help` is quick. ts-node hooks require(), and not import(). */
const load = createRequire(__filename);

const commands: readonly CommandFactory[] = [
  conformanceCommand(() => load('../../conformance/run') as typeof conformanceRun),
  mutantsCommand(() => load('../../conformance/mutants/run') as typeof mutantsRun),
  explainCommand,
  documentCommand(() => load('../../conformance/document') as typeof conformanceDocument),
  judgeCommand(() => load('../../conformance/recorded/run') as typeof recordedRun),
  captureCommand(() => load('./capture/record') as typeof captureRecord),
  convertCommand({
    capture: () => load('../capture') as typeof capture,
    node: () => load('../node') as typeof node,
  }),
  driftCommand,
  diffCommand(() => load('../capture') as typeof capture),
  cleanCommand,
  peerCommand,
];

const argv = process.argv.slice(2);

/** So long what runs outside of this process may take to end. */
const STOP_MS = 10_000;
let faultCode: number | undefined;

process.on('uncaughtException', (error) => {
  const code = tellError(error, argv, io);
  const stop = stopRunning;
  if (faultCode !== undefined || stop === undefined) process.exit(code);
  faultCode = code;
  systemClock.after(STOP_MS, () => process.exit(code));
  stop();
});

// Whoever read our output has gone, as `head` does: there is nobody left to tell.
process.stdout.on('error', () => process.exit(exitCodes.ownFault));

void runCommandLine(argv, io, commands).then((code) => {
  // Nothing that is still under way is waited for: checks that were interrupted come to nothing, and connections to
  // containers that are gone are being tried for minutes.
  const leave = (): never => process.exit(faultCode ?? code);
  process.stdout.write('', () => process.stderr.write('', leave));
});
