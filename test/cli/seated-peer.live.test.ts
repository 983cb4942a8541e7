import { expect } from 'chai';
import { Seat } from '../../src/cli/capture/seated-peer';
import { timingProfiles } from '../../src/fabric/gossip-profile';
import { startNativeNetwork } from '../../src/fabric/native-network';
import { defaultSettings } from '../../src/fabric/network-settings';
import { systemClock, systemRandom } from '../../src/node';
import { describeNotRun, fabricFolders } from '../support/real-peers';

if (fabricFolders.length === 0) describeNotRun('our peer in the seat of a real one');

for (const folder of fabricFolders) {
  describe(`our peer in the seat of one of ${folder}`, function () {
    this.timeout(60_000);

    it('forms a network with real ones, elects with them, and has the blocks that they have', async () => {
      const settings = { ...defaultSettings, timers: timingProfiles.fast };
      await using seat = new Seat('org1.peer0', settings, []);
      // It comes up only if every peer knows all the others, has every block, and each organisation has one leader.
      await using network = await startNativeNetwork({
        settings,
        binaries: [folder],
        clock: systemClock,
        random: systemRandom,
        signal: new AbortController().signal,
        standIn: seat,
      });
      const ours = network.node(seat.name);
      expect(ours.gossipOnly).not.to.be.undefined;
      await network.awaitHeight(await network.addBlock(3));
      await ours.restart();
      await network.awaitHeight(await network.addBlock(3));
    });
  });
}
