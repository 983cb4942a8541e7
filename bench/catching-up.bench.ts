import type { NetworkNode } from '../src/fabric/running-network';
import { systemClock } from '../src/node';
import { firstBlock, issuePapers, makeChain, startNetwork, startOurs } from './real-channel';
import type { Rate } from './rates';

const CHAIN = { blocks: 1_000, transactions: 10 };
const POLL_MS = 20;
const PATIENCE_MS = 120_000;

/**
 * Blocks per second at which a peer that has the first block alone gets a thousand from one real peer by state
 * transfer: a real peer, then ours. Measured from the first block that comes to the last, so that nobody's timers count.
 */
export async function catchingUpBench(folder: string): Promise<readonly Rate[]> {
  await using network = await startNetwork(folder);
  const name = 'catching-up';
  const first = firstBlock(network, name);
  const chain = makeChain(network, name, first, CHAIN);
  const [source, other] = [network.node('org1.peer0'), network.node('org1.peer1')];
  const heightOf = (node: NetworkNode) => async (): Promise<number> => {
    const metrics = await node.metrics();
    return metrics.height(name) ?? 0;
  };

  // The source has it from ours.
  const giver = await startOurs(network, await issuePapers(network, 'giver'), source, chain);
  await network.joinChannel(source, first);
  await rateTo(heightOf(source));
  await giver.peer.stop();

  await network.joinChannel(other, first);
  const real = await rateTo(heightOf(other));
  await other.stop();

  const ours = await startOurs(network, await issuePapers(network, 'ours'), source, [first]);
  try {
    const rate = await rateTo(() => Promise.resolve(Number(ours.ledger.height())));
    return [
      { name: 'a real peer', perSecond: real },
      { name: 'ours', perSecond: rate },
    ];
  } finally {
    await ours.peer.stop();
  }
}

/** Blocks per second from the first look that sees a height of two or more to the whole chain. */
async function rateTo(heightNow: () => Promise<number>): Promise<number> {
  const deadline = systemClock.now() + PATIENCE_MS;
  const look = async (): Promise<{ readonly atMs: number; readonly height: number }> => {
    const height = await heightNow();
    return { atMs: systemClock.now(), height };
  };
  let start = await look();
  let now = start;
  while (now.height <= CHAIN.blocks) {
    if (now.atMs > deadline) throw new Error(`only ${now.height} blocks after ${PATIENCE_MS} ms`);
    await new Promise<void>((resolve) => systemClock.after(POLL_MS, resolve));
    now = await look();
    if (start.height <= 1) start = now;
  }
  return ((now.height - start.height) / (now.atMs - start.atMs)) * 1_000;
}
