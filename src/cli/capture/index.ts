import { Command, Option } from 'commander';
import { UsageError } from '../../../conformance/run-types';
import { commandText } from '../command-text';
import { exitCodes, exitCodesHelp } from '../exit-codes';
import { interruptible } from '../interrupt';
import { recordingHost } from '../recording-host';
import type { CommandFactory, Session } from '../session';
import type { CaptureOptions } from './options';
import type * as recordFile from './record';
import { needsProxy, parseScenario } from './scenario';
import { collect } from '../collect';
import { parseSeed } from '../seed-flag';

interface CaptureFlags {
  readonly target: CaptureOptions['target'];
  readonly out: string;
  readonly gzip: boolean;
  readonly seconds: string;
  readonly scenario: string;
  readonly betweenPeers?: true;
  readonly seat?: string;
  readonly seed?: string;
  readonly tls: boolean;
  readonly timing: CaptureOptions['timingProfile'];
  readonly fabricBin?: readonly string[];
  readonly fabric: string;
  readonly peerImage?: string;
  readonly ordererImage?: string;
  readonly peer?: readonly string[];
  readonly tester?: string;
  readonly listen?: string;
  readonly channel?: string;
}

/** `gossipspec capture`; `load` loads what records when it is needed. */
export const captureCommand =
  (load: () => typeof recordFile): CommandFactory =>
  (session) =>
    new Command('capture')
      .summary('record real gossip')
      .description(
        'Records gossip of real peers: what our own peer sends and receives as a member, or, with --between-peers, all that the peers of a network of the harness say to each other. Ctrl-C ends the recording properly.',
      )
      .addOption(
        new Option('--target <kind>', 'which network')
          .choices(['native', 'docker', 'attach'])
          .makeOptionMandatory(),
      )
      .requiredOption('--out <dir>', 'the recording’s folder')
      .option('--seconds <n>', 'for how long', '60')
      .option(
        '--scenario <steps>',
        'native, docker: what happens, of start, join, blocks, pause, kill, restart, stop, separated by commas; with --between-peers also loss, delay, partition',
        'start,join,blocks',
      )
      .option(
        '--between-peers',
        'native, docker: record between the peers, by a proxy that holds the network’s keys',
      )
      .option(
        '--seat <peer>',
        'native, docker, with --between-peers: our own peer takes the place of this one, such as org1.peer0',
      )
      .option('--seed <n>', 'what loss and delay draw their chance from; drawn at random if not given')
      .option('--fabric-bin <dir>', 'native: the folder with Fabric’s peer and orderer', collect)
      .option('--fabric <version>', 'docker: the release of Fabric’s images', '2.5.16')
      .option('--peer-image <name>', 'docker: the peer’s image')
      .option('--orderer-image <name>', 'docker: the orderer’s image')
      .option('--peer <host:port>', 'attach: a peer of the member’s organisation; repeatable', collect)
      .option('--tester <mspid=dir>', 'attach: folder with msp/ and tls/ of the member')
      .option('--listen <address>', 'attach: where the member listens')
      .option('--channel <name>', 'attach: a channel of the peers, for the manifest')
      .addOption(
        new Option('--timing <profile>', 'native, docker: the peers’ timers')
          .choices(['fast', 'fabric'])
          .default('fast'),
      )
      .option('--no-tls', 'TLS is off')
      .option('--no-gzip', 'leave the envelopes as plain text')
      .option('--verbose', 'show the stack of a fault of this program')
      .addHelpText('after', exitCodesHelp)
      .action(async (flags: CaptureFlags) => {
        const options = parse(flags, session);
        session.exitCode = await interruptible(session.io, async (signal) => {
          await load().record(options, session, signal);
          return exitCodes.conformant;
        });
      });

/** Throws a UsageError. */
function parse(flags: CaptureFlags, { tool, argv, io }: Session): CaptureOptions {
  const { target, peer: peers = [], betweenPeers = false, seat, fabricBin: binaries = [] } = flags;
  const seconds = Number(flags.seconds);
  if (!(seconds > 0)) throw new UsageError(`--seconds "${flags.seconds}" is no number above 0`);
  if (target === 'attach' && peers.length === 0)
    throw new UsageError('--target attach needs --peer HOST:PORT');
  const scenario = parseScenario(flags.scenario);
  checkBetweenPeers({ target, betweenPeers, seat, scenario });
  const [, mspId, dir] = /^([^=]+)=(.+)$/.exec(flags.tester ?? '') ?? [];
  if (target === 'attach' && (mspId === undefined || dir === undefined)) {
    throw new UsageError('--target attach needs --tester MSPID=DIR, with msp/ and tls/ of a member');
  }
  return {
    target,
    out: flags.out,
    gzip: flags.gzip,
    seconds,
    scenario,
    betweenPeers,
    seat,
    seed: parseSeed(flags.seed),
    tls: flags.tls,
    timingProfile: flags.timing,
    command: commandText(tool.name, argv, io.env),
    host: recordingHost(),
    binaries,
    fabric: flags.fabric,
    peerImage: flags.peerImage,
    ordererImage: flags.ordererImage,
    peers,
    tester: mspId === undefined || dir === undefined ? undefined : { mspId, dir },
    listen: flags.listen,
    channel: flags.channel,
  };
}

/** Throws a UsageError where something is asked of a proxy between the peers, and there is none. */
function checkBetweenPeers({
  target,
  betweenPeers,
  seat,
  scenario,
}: Pick<CaptureOptions, 'target' | 'betweenPeers' | 'seat' | 'scenario'>): void {
  if (target === 'attach' && betweenPeers) {
    throw new UsageError(
      '--between-peers needs a network whose keys the harness holds: --target native or docker',
    );
  }
  if (seat !== undefined && !betweenPeers) throw new UsageError('--seat goes with --between-peers');
  if (needsProxy(scenario) && !betweenPeers)
    throw new UsageError('--scenario with loss, delay or partition needs --between-peers');
}
