import { expect } from 'chai';
import { blockHash, signedBlock, type BlockSigner } from '../../conformance/steps/signed-block';
import { issueBftOrderers, type BftOrderers } from '../../conformance/harness/targets/bft-orderers';
import { fillerTransaction } from '../../src/fabric/broadcast';
import { timingProfiles } from '../../src/fabric/gossip-profile';
import { startNativeNetwork } from '../../src/fabric/native-network';
import { capabilitiesFor, planGenesisBlock } from '../../src/fabric/network-plan';
import { defaultSettings } from '../../src/fabric/network-settings';
import { advertisedAt } from '../../src/fabric/node-place';
import { majorOf } from '../../src/fabric/release';
import type { NetworkNode, RunningNetwork } from '../../src/fabric/running-network';
import { systemClock, systemRandom } from '../../src/node';
import { eventually, pause } from '../support/eventually';
import { describeNotRun, fabricFolders } from '../support/real-peers';
import { ourPapers, startOurPeer, type OurPeer } from './support/our-peer';

const CHANNEL = 'bft';
const BLOCKS = 30;

type Chain = readonly [Uint8Array, ...Uint8Array[]];

if (fabricFolders.length === 0)
  describeNotRun('blocks whose orderers agree by BFT, between our peer and real peers');

/** The first block of a channel of these orderers. */
const firstBlock = ({ plan, versions }: RunningNetwork, { consenters }: BftOrderers): Uint8Array =>
  planGenesisBlock(plan, capabilitiesFor(versions), systemClock.wallNanos(), {
    name: CHANNEL,
    anchorPeersOf: () => [],
    bft: consenters,
  });

/** A chain with so many more blocks, signed by these. */
function extended(
  { plan }: RunningNetwork,
  chain: Chain,
  count: number,
  signers: readonly BlockSigner[],
): Chain {
  const [first, ...blocks] = chain;
  const admin = plan.peerOrganisations[0]?.admin.identity;
  if (admin === undefined) throw new Error('a network without organisations');
  for (let left = count; left > 0; left--) {
    const block = signedBlock({
      number: blocks.length + 1,
      previousHash: blockHash(blocks.at(-1) ?? first),
      transactions: [fillerTransaction(CHANNEL, admin, systemClock.wallNanos()).serializeBinary()],
      signers,
    });
    blocks.push(block.serializeBinary());
  }
  return [first, ...blocks];
}

for (const folder of fabricFolders) {
  describe(`BLOCK-15: blocks whose orderers agree by BFT, between our peer and real peers of ${folder}`, function () {
    this.timeout(90_000);
    let network: RunningNetwork;
    let node: NetworkNode;
    let orderers: BftOrderers;
    let chain: Chain;
    const running: OurPeer[] = [];

    const begin = async (from: Chain): Promise<OurPeer> => {
      const ours = await startOurPeer(network, await ourPapers(network), {}, from);
      running.push(ours);
      return ours;
    };
    const heightOfReal = async (): Promise<number> => (await node.metrics()).height(CHANNEL) ?? 0;

    before(async function () {
      network = await startNativeNetwork({
        settings: { ...defaultSettings, timers: timingProfiles.fast, organisations: 1, blocks: 0 },
        binaries: [folder],
        clock: systemClock,
        random: systemRandom,
        signal: new AbortController().signal,
      });
      // Fabric 2 has no such channels.
      if (network.versions.some((version) => majorOf(version) < 3)) this.skip();
      node = network.node('org1.peer0');
      const { organisation } = network.plan.ordererOrganisation;
      orderers = await issueBftOrderers(organisation, advertisedAt(network.plan.orderer.place));
      chain = extended(network, [firstBlock(network, orderers)], BLOCKS, orderers.quorum);
      await network.joinChannel(node, chain[0]);
    });
    after(async () => {
      await Promise.all(running.map(({ peer }) => peer.stop()));
      await network[Symbol.asyncDispose]();
    });

    it('a real peer takes from ours what a quorum has signed', async () => {
      await begin(chain);
      await eventually('the chain', async () => (await heightOfReal()) === BLOCKS + 1);
    });

    it('ours takes it from the real peer', async () => {
      await Promise.all(running.splice(0).map(({ peer }) => peer.stop()));
      const { ledger, rejected } = await begin([chain[0]]);
      await eventually('the chain', () => ledger.height() === BigInt(BLOCKS + 1));
      expect([...rejected]).to.deep.equal([]);
    });

    it('neither takes what one orderer too few has signed', async () => {
      const short = extended(network, chain, 1, orderers.quorum.slice(1));
      const giver = await begin(short);
      const [first] = running;
      await eventually(
        'they are asked for it',
        () => (giver.peer.statistics().sent['stateResponse'] ?? 0) >= 2,
      );
      await pause(500);
      expect(first?.ledger.height(), 'of ours').to.equal(BigInt(BLOCKS + 1));
      expect(await heightOfReal(), 'of the real peer').to.equal(BLOCKS + 1);
      expect([...(first?.rejected ?? [])].some((reason) => reason.includes('not-signed'))).to.be.true;
    });
  });
}
