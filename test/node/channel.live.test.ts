import { expect } from 'chai';
import { timingProfiles } from '../../src/fabric/gossip-profile';
import { startNativeNetwork } from '../../src/fabric/native-network';
import { defaultSettings } from '../../src/fabric/network-settings';
import type { RunningNetwork } from '../../src/fabric/running-network';
import type { IssuedIdentity } from '../../src/identity';
import {
  systemClock,
  systemRandom,
  type GossipTiming,
  type MemoryLedger,
  type RunningChannel,
  type RunningPeer,
  type Tamper,
} from '../../src/node';
import { hex, decodeEnvelope, decodeMessage } from '../../src/wire';
import { eventually, pause } from '../support/eventually';
import { describeNotRun, fabricFolders } from '../support/real-peers';
import { ourPapers, startOurPeer, type OurPeer } from './support/our-peer';

const timers = timingProfiles.fast;

/** Listens to what comes from whom, by PKI-ID in hex. */
const hearing = (listen: (bytes: Uint8Array, by: string) => void): Tamper => ({
  incoming: (bytes, { peer }) => {
    listen(bytes, hex(peer ?? new Uint8Array()));
    return [bytes];
  },
});

/** Whether an envelope is a snapshot of state info in which this peer's stands. */
function isTold(bytes: Uint8Array, pkiId: Uint8Array): boolean {
  const { content } = decodeMessage(decodeEnvelope(bytes).payload);
  if (content?.kind !== 'stateSnapshot') return false;
  return content.value.elements.some((element) => {
    const told = decodeMessage(element.payload).content;
    return told?.kind === 'stateInfo' && hex(told.value.pkiId) === hex(pkiId);
  });
}

if (fabricFolders.length === 0) describeNotRun('our peer on a channel of real peers');

for (const folder of fabricFolders) {
  describe(`our peer on a channel of real peers of ${folder}`, function () {
    this.timeout(90_000);
    let network: RunningNetwork;
    let papers: IssuedIdentity;
    let ours: RunningPeer;
    let channel: RunningChannel;
    let ledger: MemoryLedger;
    const lives: OurPeer[] = [];

    before(async () => {
      network = await startNativeNetwork({
        settings: { ...defaultSettings, timers, blockGossip: true },
        binaries: [folder],
        clock: systemClock,
        random: systemRandom,
        signal: new AbortController().signal,
      });
      await network.addBlock(15);
      papers = await ourPapers(network);
      await start({ useLeaderElection: false });
    });

    async function start(change: Partial<GossipTiming>): Promise<void> {
      const started = await startOurPeer(network, papers, change);
      ours = started.peer;
      ({ channel, ledger } = started);
      lives.push(started);
    }
    after(async () => {
      await ours.stop();
      await network[Symbol.asyncDispose]();
    });

    it('STATE-09, BLOCK-04: gets the whole chain from them, every block of it verified', async () => {
      const height = await network.addBlock();
      await eventually('the chain', () => ledger.height() >= BigInt(height));
    });

    it('SINF-07: counts them, and is counted by them, as on the channel', async () => {
      const peersKnown = async (): Promise<(number | undefined)[]> =>
        Promise.all(
          network.peers.map(async (peer) => (await peer.metrics()).peersKnown(network.plan.settings.channel)),
        );
      await eventually('counts them', () => channel.members().length === network.peers.length);
      await eventually('is counted', async () =>
        (await peersKnown()).every((known) => known === network.peers.length),
      );
    });

    it('SINF-08: stands in the snapshots of state info that they tell others', async () => {
      const tellers = new Set<string>();
      const listener = await startOurPeer(
        network,
        await ourPapers(network, 'listener'),
        {},
        undefined,
        hearing((bytes, by) => {
          if (isTold(bytes, ours.identity.pkiId)) tellers.add(by);
        }),
      );
      lives.push(listener);
      try {
        const theirs = (): number => [...tellers].filter((by) => by !== hex(ours.identity.pkiId)).length;
        await eventually('snapshots of two real peers', () => theirs() >= 2);
      } finally {
        await listener.peer.stop();
      }
    });

    it('BLOCK-05, BLOCK-12: gets new blocks by gossip', async () => {
      const sent = ours.statistics().sent['stateRequest'] ?? 0;
      for (let i = 0; i < 5; i++) {
        const height = await network.addBlock();
        await eventually(`block ${height - 1}`, () => ledger.height() >= BigInt(height));
      }
      const asked = (ours.statistics().sent['stateRequest'] ?? 0) - sent;
      expect(asked, 'state requests for five blocks').to.be.lessThan(5);
    });

    it('SINF-05: tells them its height', async () => {
      await eventually('all of one height', () =>
        channel.members().every(({ ledgerHeight }) => ledgerHeight === ledger.height()),
      );
    });

    it('BLOCK-07: serves them what they pull', async () => {
      await eventually('digests', () => (ours.statistics().sent['dataDig'] ?? 0) > 0);
    });

    it('ELECT-06, ELECT-09: is one leader of its organisation, or follows one; leaves it to others when it yields', async () => {
      await ours.stop();
      await start({ useLeaderElection: true });
      const fellows = network.peers.filter(({ name }) => name.startsWith('org1.'));
      const theirs = async (): Promise<number> => {
        const metrics = await Promise.all(fellows.map((peer) => peer.metrics()));
        return metrics.filter((each) => each.isLeader(network.plan.settings.channel)).length;
      };
      await eventually('counts them', () => channel.members().length === network.peers.length);
      await pause(2 * timers.electionLeaderAliveThresholdMs);
      await eventually('one leader', async () => (await theirs()) + (channel.isLeader() ? 1 : 0) === 1);
      channel.yieldLeadership();
      await eventually('one of theirs', async () => (await theirs()) === 1);
      expect(channel.isLeader()).to.be.false;
    });

    it('finds nothing wrong with what they say', () => {
      expect(lives.flatMap(({ rejected }) => [...rejected])).to.deep.equal([]);
    });
  });
}
