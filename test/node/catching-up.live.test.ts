import { expect } from 'chai';
import { timingProfiles } from '../../src/fabric/gossip-profile';
import { startNativeNetwork } from '../../src/fabric/native-network';
import { defaultSettings, type NetworkSettings } from '../../src/fabric/network-settings';
import type { NetworkNode, RunningNetwork } from '../../src/fabric/running-network';
import { systemClock, systemRandom, type GossipTiming } from '../../src/node';
import { eventually } from '../support/eventually';
import { describeNotRun, fabricFolders } from '../support/real-peers';
import { ourPapers, startOurPeer, type OurPeer } from './support/our-peer';

const LONG_CHAIN = 200;
const LAGGARD = 'org1.peer1';

if (fabricFolders.length === 0) describeNotRun('our peer and real peers, catching up');

/** A network with our peer on its channel. */
async function scene(
  folder: string,
  change: Partial<NetworkSettings>,
  ours: Partial<GossipTiming> = {},
): Promise<{ network: RunningNetwork; ours: OurPeer }> {
  const network = await startNativeNetwork({
    settings: { ...defaultSettings, timers: timingProfiles.fast, ...change },
    binaries: [folder],
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
  });
  return { network, ours: await startOurPeer(network, await ourPapers(network), ours) };
}

const reaches = ({ ledger }: OurPeer, height: number): Promise<void> =>
  eventually(`our ledger of ${height} blocks`, () => ledger.height() >= BigInt(height), 60_000);

/** A real peer lags by so many blocks, and comes back to find nobody but ours. */
async function alone(network: RunningNetwork, ours: OurPeer, blocks: number): Promise<NetworkNode> {
  const laggard = network.node(LAGGARD);
  await laggard.stop();
  const height = await network.addBlock(blocks);
  await reaches(ours, height);
  const others = [network.orderer, ...network.peers].filter(({ name }) => name !== LAGGARD);
  await Promise.all(others.map((node) => node.stop()));
  await laggard.start();
  await network.awaitHeight(height, [laggard]);
  return laggard;
}

for (const folder of fabricFolders) {
  describe(`our peer and real peers of ${folder}, catching up`, function () {
    this.timeout(180_000);
    let network: RunningNetwork | undefined;
    let ours: OurPeer | undefined;
    afterEach(async () => {
      await ours?.peer.stop();
      await network?.[Symbol.asyncDispose]();
      [network, ours] = [undefined, undefined];
    });

    it('STATE-09, STATE-13: ours gets a chain of 200 blocks from height 1 on; STATE-05: a real peer that lags, from ours', async () => {
      const settings = { blocks: LONG_CHAIN - 1, blockGossip: true, stateTransfer: true };
      const set = await scene(folder, settings);
      ({ network, ours } = set);
      await reaches(ours, LONG_CHAIN);
      const asked = ours.peer.statistics().sent['stateRequest'] ?? 0;
      expect(asked, 'requests of at most eleven blocks each').to.be.within(15, 40);
      await alone(network, ours, 30);
      expect(ours.peer.statistics().sent['stateResponse'] ?? 0, 'responses').to.be.at.least(3);
    });

    // Ours goes without state transfer as well: like a real peer, it offers for pull what was pushed or pulled alone.
    it('BLOCK-07, PULL-06: a real peer that lags a little pulls its blocks from ours, without state transfer', async () => {
      const settings = { blockGossip: true, stateTransfer: false };
      const set = await scene(folder, settings, { stateEnabled: false });
      ({ network, ours } = set);
      await reaches(ours, network.plan.settings.blocks + 1);
      const updates = (): number => set.ours.peer.statistics().sent['dataUpdate'] ?? 0;
      const before = updates();
      await alone(network, ours, 6);
      expect(updates() - before, 'updates').to.be.at.least(1);
      expect(ours.peer.statistics().sent['stateResponse'] ?? 0, 'responses').to.equal(0);
    });

    it('BLOCK-02: with blockGossipEnabled false ours still gets new blocks, and nothing hangs', async () => {
      const set = await scene(folder, { blockGossip: false, stateTransfer: true });
      ({ network, ours } = set);
      for (let i = 0; i < 3; i++) {
        const height = await network.addBlock(2);
        await network.awaitHeight(height);
        await reaches(ours, height);
      }
      await eventually('all of one height', () =>
        set.ours.channel.members().every(({ ledgerHeight }) => ledgerHeight === set.ours.ledger.height()),
      );
      expect([...ours.rejected]).to.deep.equal([]);
      const started = systemClock.now();
      await ours.peer.stop();
      expect(systemClock.now() - started, 'ms to stop').to.be.lessThan(5_000);
    });
  });
}
