import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { FabricError } from '../../src/fabric/fabric-error';
import { timingProfiles } from '../../src/fabric/gossip-profile';
import { startNativeNetwork } from '../../src/fabric/native-network';
import { hasPrograms } from '../../src/fabric/native-programs';
import { defaultSettings } from '../../src/fabric/network-settings';
import type { NetworkNode, RunningNetwork } from '../../src/fabric/running-network';
import { systemClock, systemRandom } from '../../src/node';
import { describeNotRun, fabricFolders } from '../support/real-peers';

/** Those on PATH, where no folder is named. */
const folders = fabricFolders.length > 0 ? fabricFolders : hasPrograms(undefined) ? [undefined] : [];

if (folders.length === 0) {
  describeNotRun('controls of a network of real peers', ', and PATH has none');
}

for (const folder of folders) {
  describe(`controls of a network of real peers, programs in ${folder ?? 'PATH'}`, function () {
    this.timeout(60_000);
    let network: RunningNetwork;
    let peer: NetworkNode;
    let height = 0;

    before(async () => {
      network = await startNativeNetwork({
        settings: { ...defaultSettings, timers: timingProfiles.fast },
        binaries: folder === undefined ? [] : [folder],
        clock: systemClock,
        random: systemRandom,
        signal: new AbortController().signal,
      });
      peer = network.node('org1.peer1');
    });

    after(() => network[Symbol.asyncDispose]());

    /** Does `work` while a control holds, and undoes that. */
    async function during(control: AsyncDisposable, work: () => Promise<void> | void): Promise<void> {
      try {
        await work();
      } finally {
        await control[Symbol.asyncDispose]();
      }
    }

    /** A peer that answers has all blocks, those of its absence too. */
    async function expectUp(node = peer): Promise<void> {
      expect(node.state).to.equal('running');
      height = await network.addBlock();
      await network.awaitHeight(height);
    }

    const codeOf = async (promise: Promise<unknown>): Promise<string> => {
      try {
        await promise;
        return 'none';
      } catch (error) {
        if (error instanceof FabricError) return error.code;
        throw error;
      }
    };

    it('addBlock has a block ordered, and every peer commits it', async () => {
      const first = await network.addBlock();
      expect(await network.addBlock(2)).to.equal(first + 2);
      await network.awaitHeight(first + 2);
    });

    it('logs gives back what a node printed, or the last lines of it', async () => {
      expect(await peer.logs()).to.contain('Started peer');
      expect((await peer.logs(3)).split('\n')).to.have.lengthOf(3);
      expect(await network.orderer.logs()).to.contain('orderer');
    });

    it('metrics gives back what a node measures', async () => {
      const metrics = await peer.metrics();
      expect(metrics.peersKnown(network.plan.settings.channel)).to.equal(3);
    });

    for (const verb of ['stop', 'kill'] as const) {
      it(`${verb} ends a peer, which is started again when that is undone`, async () => {
        await during(await peer[verb](), async () => {
          expect(peer.state).to.equal('stopped');
          expect(await codeOf(peer.metrics())).to.equal('UNREACHABLE');
          expect(await codeOf(peer.resume())).to.equal('WRONG_STATE');
          await network.addBlock();
        });
        await expectUp();
      });
    }

    it('start starts it earlier than that, and undoing is then nothing', async () => {
      await during(await peer.stop(), async () => {
        await peer.start();
        expect(await codeOf(peer.start())).to.equal('WRONG_STATE');
      });
      await expectUp();
    });

    it('restart stops and starts it, with the ledger that it has', async () => {
      await peer.restart();
      await expectUp();
    });

    it('pause holds a peer, which goes on when that is undone', async () => {
      await during(await peer.pause(), async () => {
        expect(peer.state).to.equal('paused');
        expect(await codeOf(peer.metrics())).to.equal('UNREACHABLE');
        expect(await codeOf(peer.stop())).to.equal('WRONG_STATE');
      });
      await expectUp();
    });

    it('resume lets it go on earlier than that', async () => {
      await during(await peer.pause(), async () => {
        await peer.resume();
        expect(peer.state).to.equal('running');
      });
      await expectUp();
    });

    it('stop, pause and restart do the same with the orderer', async () => {
      await during(await network.orderer.stop(), () => {
        expect(network.orderer.state).to.equal('stopped');
      });
      await expectUp(network.orderer);
      await during(await network.orderer.pause(), () => {
        expect(network.orderer.state).to.equal('paused');
      });
      await network.orderer.restart();
      await expectUp(network.orderer);
    });

    it('leave nothing when the network is taken down', async () => {
      const home = network.orderer.plan.place.home;
      expect(existsSync(home)).to.be.true;
      await network[Symbol.asyncDispose]();
      expect(existsSync(home)).to.be.false;
      expect(network.peers.map(({ state }) => state)).to.deep.equal([
        'stopped',
        'stopped',
        'stopped',
        'stopped',
      ]);
    });
  });
}
