import type { RecordingSink } from '../../capture';
import type { RecordingProxy } from '../../capture/proxy';
import { UsageError } from '../../../conformance/run-types';
import type { NetworkNode, RunningNetwork } from '../../fabric/running-network';
import { abortable } from '../../ports/abortable';
import type { Clock, Millis } from '../../ports/clock';

/** What a scenario is made of. `start` and `join` happen while the network comes up. */
const steps = [
  'start',
  'join',
  'blocks',
  'pause',
  'kill',
  'restart',
  'stop',
  'loss',
  'delay',
  'partition',
] as const;
export type Step = (typeof steps)[number];

/** Time between blocks. */
const BLOCK_MS = 2_000;
/** How long a peer is suspended or gone, at most. */
const FAULT_MS = 6_000;

/** The node that each fault hits. */
export const victims = {
  pause: 'org1.peer1',
  kill: 'org2.peer1',
  restart: 'org1.peer1',
  stop: 'org2.peer0',
} as const;
type NodeFault = keyof typeof victims;
const isNodeFault = (step: Step): step is NodeFault => Object.hasOwn(victims, step);

/** The share of envelopes that a loss takes, and how long a delay holds them at most. */
const LOSS_RATE = 0.1;
const DELAY_MS = 300;

/** Faults in what passes between peers, by a proxy: they hit everybody alike. */
const trafficFaults = {
  loss: (proxy: RecordingProxy) => proxy.inject({ action: { kind: 'drop' }, rate: LOSS_RATE }),
  delay: (proxy: RecordingProxy) => proxy.inject({ action: { kind: 'delay', minMs: 0, maxMs: DELAY_MS } }),
  partition: (proxy: RecordingProxy, organisations: readonly (readonly string[])[]) =>
    proxy.partition(organisations),
};
type TrafficFault = keyof typeof trafficFaults;
const isTrafficFault = (step: Step): step is TrafficFault => Object.hasOwn(trafficFaults, step);
type Fault = NodeFault | TrafficFault;
const isFault = (step: Step): step is Fault => isNodeFault(step) || isTrafficFault(step);

/** Whether a proxy between the peers has to play a part in it. */
export const needsProxy = (scenario: readonly Step[]): boolean => scenario.some(isTrafficFault);

/** Throws a UsageError. */
export function parseScenario(text: string): readonly Step[] {
  return text.split(',').map((word) => {
    const step = steps.find((known) => known === word.trim());
    if (step === undefined) throw new UsageError(`--scenario "${word}" is no step: ${steps.join(', ')}`);
    return step;
  });
}

export interface Play {
  readonly network: RunningNetwork;
  /** What the peers reach each other by way of, if anything. */
  readonly proxy: RecordingProxy | undefined;
  readonly scenario: readonly Step[];
  readonly seconds: number;
  readonly sink: RecordingSink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Plays the faults of a scenario one after the other, spread over the time, and blocks all the while. */
export async function playScenario(play: Play): Promise<void> {
  const { network, scenario, seconds, sink, clock, signal } = play;
  const played = scenario.filter(isFault);
  const slotMs = (seconds * 1000) / (played.length + 1);
  const pause = (ms: Millis): Promise<void> =>
    abortable(new Promise<void>((resolve) => void clock.after(ms, resolve)), signal);
  const endMs = clock.now() + seconds * 1000;
  const blocks = scenario.includes('blocks')
    ? addBlocks(network, sink, pause, () => clock.now() < endMs - BLOCK_MS)
    : undefined;
  // Whoever waits for both rejects with the first to fail.
  await Promise.all([
    blocks,
    (async () => {
      await pause(slotMs);
      for (const fault of played) {
        const startedMs = clock.now();
        const wait = (): Promise<void> => pause(Math.min(FAULT_MS, slotMs / 2));
        if (isNodeFault(fault)) await playNodeFault(fault, network.node(victims[fault]), sink, wait);
        else await playTrafficFault(fault, play, wait);
        await pause(Math.max(0, slotMs - (clock.now() - startedMs)));
      }
    })(),
  ]);
}

async function addBlocks(
  network: RunningNetwork,
  sink: RecordingSink,
  pause: (ms: Millis) => Promise<void>,
  hasTime: () => boolean,
): Promise<void> {
  while (hasTime()) {
    const height = await network.addBlock();
    sink.mark('block added', { height });
    await pause(BLOCK_MS);
  }
}

async function playTrafficFault(
  fault: TrafficFault,
  { network, proxy, sink }: Play,
  wait: () => Promise<void>,
): Promise<void> {
  if (proxy === undefined) throw new TypeError(`${fault} without a proxy`);
  const organisations = network.plan.peerOrganisations.map(({ organisation }) =>
    network.peers.filter(({ plan }) => plan.organisation === organisation).map(({ name }) => name),
  );
  const ending = await trafficFaults[fault](proxy, organisations);
  sink.mark(fault);
  try {
    await wait();
  } finally {
    await ending[Symbol.asyncDispose]();
  }
  sink.mark(`${fault} over`);
}

async function playNodeFault(
  fault: NodeFault,
  node: NetworkNode,
  sink: RecordingSink,
  wait: () => Promise<void>,
): Promise<void> {
  const peer = node.name;
  switch (fault) {
    case 'pause':
      sink.mark('SIGSTOP', { peer });
      await node.pause();
      await wait();
      await node.resume();
      sink.mark('SIGCONT', { peer });
      return;
    case 'kill':
      sink.mark('SIGKILL', { peer });
      await node.kill();
      await wait();
      sink.mark('start again', { peer });
      await node.start();
      return;
    case 'restart':
      sink.mark('restart', { peer });
      await node.restart();
      return;
    case 'stop':
      sink.mark('SIGTERM for good', { peer });
      await node.stop();
  }
}
