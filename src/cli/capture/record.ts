import { join } from 'node:path';
import { startDockerNetwork } from '../../../docker';
import { NetworkError, UsageError } from '../../../conformance/run-types';
import {
  RecordingReader,
  RecordingWriter,
  RelayRecorder,
  shapeOf,
  type Manifest,
  type RecordingHeader,
} from '../../capture';
import { RecordingProxy } from '../../capture/proxy';
import { FabricError } from '../../fabric/fabric-error';
import { timingProfiles } from '../../fabric/gossip-profile';
import type { LaunchOptions } from '../../fabric/launched-network';
import { startNativeNetwork } from '../../fabric/native-network';
import { defaultSettings, type NetworkSettings } from '../../fabric/network-settings';
import type { RunningNetwork } from '../../fabric/running-network';
import { loadLocalMsp, loadTlsCredentials, MspRegistry } from '../../identity';
import { systemClock, systemRandom } from '../../node';
import { abortable } from '../../ports/abortable';
import { drawSeed, SeededRandom } from '../../ports/seeded-random';
import type { CaptureOptions } from './options';
import { describePlan, joinNetwork, startMember } from './member';
import { recordedSettings } from './network-settings';
import { Progress, summaryText } from './progress';
import { needsProxy, playScenario } from './scenario';
import { Seat } from './seated-peer';
import type { Session } from '../session';

const LOOPBACK = '127.0.0.1';

/** The seed is drawn. */
type Drawn = CaptureOptions & { readonly seed: number };

/** Records, tells how it goes, and sums up. An abort ends the recording properly, too. */
export async function record(
  given: CaptureOptions,
  session: Session,
  signal: AbortSignal,
): Promise<Manifest> {
  const { io } = session;
  const options: Drawn = { ...given, seed: given.seed ?? drawSeed(systemRandom) };
  const { seat, scenario } = options;
  await using standIn = seat === undefined ? undefined : new Seat(seat, networkSettings(options), scenario);
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const writer = new RecordingWriter({
    folder: options.out,
    gzip: options.gzip,
    clock: systemClock,
    header: headerOf(options, session),
    onFailure: (why) => {
      failure.abort(why);
    },
  });
  try {
    if (options.target === 'attach') await recordAttached(writer, options, session, either);
    else await recordNetwork(writer, { ...options, standIn }, session, either);
  } catch (error) {
    // What was recorded until the signal came is what was asked for.
    if (!signal.aborted || error !== signal.reason) {
      await writer.close().catch(() => undefined);
      throw error;
    }
  }
  const manifest = await writer.close();
  io.out.write(summaryText(await shapeOf(new RecordingReader(options.out))));
  io.out.write(`Recorded in ${options.out}; gossipspec judge ${options.out} judges it\n`);
  return manifest;
}

function headerOf(options: Drawn, { tool }: Session): RecordingHeader {
  const { command, host, target, tls, scenario, timingProfile, betweenPeers, channel, seed } = options;
  const settings = target === 'attach' ? {} : recordedSettings(networkSettings(options));
  return {
    tool,
    command,
    host,
    vantage: betweenPeers ? 'between-peers' : 'member',
    fabric: { version: null, builds: {} },
    tls,
    channels: target === 'attach' ? (channel === undefined ? [] : [channel]) : [defaultSettings.channel],
    scenario,
    seed: needsProxy(scenario) ? String(seed) : null,
    timing: target === 'attach' ? null : timingProfile,
    settings,
  };
}

const networkSettings = ({ tls, timingProfile }: CaptureOptions): NetworkSettings => ({
  ...defaultSettings,
  tls,
  timers: timingProfiles[timingProfile],
});

async function recordNetwork(
  writer: RecordingWriter,
  options: Drawn & { readonly standIn: Seat | undefined },
  { io, tool }: Session,
  signal: AbortSignal,
): Promise<void> {
  const { scenario, seconds, seed, betweenPeers, standIn } = options;
  await using proxy = betweenPeers
    ? new RecordingProxy({
        clock: systemClock,
        random: new SeededRandom(seed),
        observer: new RelayRecorder(writer),
      })
    : undefined;
  const { network, host } = await bringUp(options, {
    settings: networkSettings(options),
    clock: systemClock,
    signal,
    note: (line) => void io.out.write(`${line}\n`),
    ...(proxy && { between: proxy }),
    ...(standIn && { standIn }),
  });
  await using up = network;
  describePlan(writer, up.plan);
  const version = up.versions.join(' and ');
  const builds = {
    peer: version,
    orderer: up.versionOf('orderer'),
    ...(standIn && { [standIn.name]: `${tool.name} ${tool.version}` }),
  };
  writer.describeNetwork({ fabric: { version, builds } });
  writer.mark('up', { stages: up.stages });
  io.out.write(`Fabric ${version} is up; recording for ${seconds} s\n`);
  await using member = betweenPeers ? undefined : await joinNetwork(writer, up, host);
  if (member !== undefined) writer.mark('member', { address: member.address });
  const progress = new Progress(io, systemClock, writer, seconds);
  try {
    await playScenario({ network: up, proxy, scenario, seconds, sink: writer, clock: systemClock, signal });
  } finally {
    progress.stop();
  }
}

async function bringUp(
  options: CaptureOptions,
  launch: LaunchOptions,
): Promise<{ readonly network: RunningNetwork; readonly host: string }> {
  const { target, binaries, fabric, peerImage, ordererImage } = options;
  try {
    if (target === 'native') {
      return {
        network: await startNativeNetwork({ ...launch, binaries, random: systemRandom }),
        host: LOOPBACK,
      };
    }
    const images = { versions: [fabric], peer: peerImage, orderer: ordererImage };
    const { network, ownHost } = await startDockerNetwork({
      ...launch,
      note: launch.note ?? (() => undefined),
      images,
      keep: false,
    });
    if (ownHost !== undefined) return { network, host: ownHost };
    await network[Symbol.asyncDispose]();
    throw new UsageError('the containers reach no address of this machine, where our peer would be');
  } catch (error) {
    if (!(error instanceof FabricError)) throw error;
    throw new NetworkError(`The network does not come up. ${error.message}`, {
      cause: error,
      evidence: error.evidence,
    });
  }
}

/** Our own peer, with the papers given, among peers that are up. */
async function recordAttached(
  writer: RecordingWriter,
  { peers, tester, tls, listen, seconds }: CaptureOptions,
  { io }: Session,
  signal: AbortSignal,
): Promise<void> {
  if (tester === undefined)
    throw new UsageError('--target attach needs --tester MSPID=DIR, with msp/ and tls/');
  const { msp, identity } = loadLocalMsp(join(tester.dir, 'msp'), tester.mspId);
  const { config } = msp;
  writer.addOrganisation({
    mspId: config.mspId,
    rootCerts: config.rootCerts,
    intermediateCerts: config.intermediateCerts ?? [],
    tlsRootCerts: config.tlsRootCerts ?? [],
  });
  await using member = await startMember(writer, {
    identity,
    tls: tls ? loadTlsCredentials(join(tester.dir, 'tls')) : undefined,
    tlsRoots: config.tlsRootCerts ?? [],
    validator: new MspRegistry([msp]),
    listenHost: listen ?? LOOPBACK,
    bootstrap: peers,
    timing: {},
  });
  writer.mark('member', { address: member.address });
  const progress = new Progress(io, systemClock, writer, seconds);
  try {
    await abortable(new Promise<void>((resolve) => void systemClock.after(seconds * 1000, resolve)), signal);
  } finally {
    progress.stop();
  }
}
