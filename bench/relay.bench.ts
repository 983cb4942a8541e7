import { GrpcLines } from '../conformance/harness/grpc-lines';
import type { PeerUnderTest } from '../conformance/harness/target';
import { paperMill } from '../conformance/harness/targets/issued-papers';
import { noJournal } from '../conformance/harness/journal';
import { Tester } from '../conformance/harness/tester';
import type { TesterStream } from '../conformance/harness/tester-stream';
import { Waits } from '../conformance/harness/timing';
import { enterChannel } from '../conformance/steps/block-pull';
import { blockMessage, isPushOf, payloadOf } from '../conformance/steps/blocks';
import { isStateInfoOf, stateInfo } from '../conformance/steps/state-info';
import { noTap } from '../src/capture';
import type { RunningNetwork } from '../src/fabric/running-network';
import type { IssuedIdentity } from '../src/identity';
import { systemClock, systemRandom } from '../src/node';
import { wallMs } from '../src/ports/clock';
import { median, quantile } from '../src/statistics';
import type { Envelope } from '../src/wire';
import { firstBlock, HOST, issuePapers, makeChain, startNetwork, startOurs } from './real-channel';

const MESSAGES = 200;
/** Nobody listens there. */
const NOWHERE = '127.77.7';

/** Milliseconds from a push to a peer until it has reached another member. */
export interface Latency {
  readonly name: string;
  readonly medianMs: number;
  /** What nine of ten stay below. */
  readonly ninthMs: number;
}

/** Blocks and state info on their way over one peer, between two members that have no connection to one another. */
export interface RelayLatencies {
  readonly blocks: Latency;
  readonly stateInfo: Latency;
}

/** How long blocks and state info take over a real peer, and over ours in its place, each on a channel of its own. */
export async function relayBench(folder: string): Promise<readonly [RelayLatencies, RelayLatencies]> {
  await using network = await startNetwork(folder);
  const channelNamed = (name: string): BenchChannel => ({ name, first: firstBlock(network, name) });
  const [realChannel, ourChannel] = [channelNamed('relay-real'), channelNamed('relay-ours')];
  const node = network.node('org1.peer0');
  await network.joinChannel(node, realChannel.first);
  const real = putOf('a real peer', node.plan.identity, node.access.endpoint);
  const overReal = await latenciesOver(network, real, realChannel);

  const papers = await issuePapers(network, 'ours');
  const { peer } = await startOurs(network, papers, node, [ourChannel.first]);
  try {
    return [overReal, await latenciesOver(network, putOf('ours', papers, peer.address), ourChannel)];
  } finally {
    await peer.stop();
  }
}

/** A channel that one peer alone is on, and its first block. */
interface BenchChannel {
  readonly name: string;
  readonly first: Uint8Array;
}

const putOf = (name: string, { identity }: IssuedIdentity, endpoint: string): PeerUnderTest => ({
  name,
  endpoint,
  mspId: identity.mspId,
  pkiId: identity.pkiId,
  identity: identity.serialized,
  externalEndpoint: endpoint,
});

async function latenciesOver(
  network: RunningNetwork,
  put: PeerUnderTest,
  { name, first }: BenchChannel,
): Promise<RelayLatencies> {
  const chain = makeChain(network, name, first, { blocks: MESSAGES, transactions: 10 });
  await using author = await testerOf(network, put, 1);
  await using watcher = await testerOf(network, put, 2);
  const [{ stream: from }, { stream: to }] = [await author.join(), await watcher.join()];
  await enterChannel(author, from, name);
  await enterChannel(watcher, to, name);
  const [blocks, infos]: [number[], number[]] = [[], []];
  for (const [number, block] of chain.entries()) {
    if (number === 0) continue;
    const push = blockMessage(name, payloadOf(BigInt(number), block));
    blocks.push(await latency(from, push, () => to.expect('dataMsg', { where: isPushOf(BigInt(number)) })));
    const time = author.nextTime();
    const info = stateInfo(author, name, time);
    infos.push(
      await latency(from, info, () => to.expect('stateInfo', { where: isStateInfoOf(author, time) })),
    );
  }
  return {
    blocks: summary(`blocks over ${put.name}`, blocks),
    stateInfo: summary(`state info over ${put.name}`, infos),
  };
}

/** Milliseconds from sending a message to its arrival at the other member. */
async function latency(
  from: TesterStream,
  message: Envelope,
  arrival: () => Promise<{ readonly atMs: number }>,
): Promise<number> {
  const sentAtMs = systemClock.now();
  from.send(message);
  const { atMs } = await arrival();
  return atMs - sentAtMs;
}

/** A member of the network's first organisation whom nobody can dial. */
async function testerOf({ plan }: RunningNetwork, put: PeerUnderTest, number: number): Promise<Tester> {
  const [first] = plan.peerOrganisations;
  if (first === undefined) throw new Error('a network without organisations');
  const { tls, timers } = plan.settings;
  const nowMs = (): number => wallMs(systemClock);
  const mill = paperMill({ organisation: first.organisation, tls, listenHost: HOST, nowMs });
  return new Tester(await mill(), `${NOWHERE}.${number}:9`, {
    clock: systemClock,
    random: systemRandom,
    lines: new GrpcLines(systemClock),
    waits: new Waits(timers),
    put,
    tap: noTap,
    journal: noJournal,
    sign: () => undefined,
  });
}

function summary(name: string, each: readonly number[]): Latency {
  return { name, medianMs: median(each), ninthMs: quantile(each, 0.9) };
}
