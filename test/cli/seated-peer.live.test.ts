import { expect } from 'chai';
import { delimiter } from 'node:path';
import { Seat } from '../../src/cli/capture/seated-peer';
import { timingProfiles } from '../../src/fabric/gossip-profile';
import { startNativeNetwork } from '../../src/fabric/native-network';
import { defaultSettings } from '../../src/fabric/network-settings';
import { systemClock, systemRandom } from '../../src/node';

const folders = (process.env['GOSSIPSPEC_FABRIC_BIN'] ?? '').split(delimiter).filter(Boolean);

if (folders.length === 0) {
  describe('our peer in the seat of a real one', () => {
    it('not run: GOSSIPSPEC_FABRIC_BIN names no folder with Fabric’s peer and orderer');
  });
}

for (const folder of folders) {
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
      expect(ours.plan.identity.identity.mspId).to.equal('Org1MSP');
      await network.awaitHeight(await network.addBlock(3));
      await ours.restart();
      await network.awaitHeight(await network.addBlock(3));
    });
  });
}
