import { expect } from 'chai';
import { endpointOf, SimNetwork, type SimOptions } from '../../src/sim/network';

/** Another one: SEED=7 npx mocha test/sim/network.test.ts */
const seed = Number(process.env['SEED'] ?? 20_260_801);
const mspIds = ['Org1MSP', 'Org2MSP'];
/** The peers `from` to `to` - 1 of both organisations. */
const endpoints = (from: number, to: number): string[] =>
  mspIds.flatMap((mspId) => Array.from({ length: to - from }, (_, i) => endpointOf(mspId, from + i)));

describe(`a network of 52 peers in virtual time, seed ${seed}`, function () {
  this.timeout(120_000);
  const each = 26;
  let network: SimNetwork;
  before(async () => {
    network = await SimNetwork.start({
      seed,
      organisations: 2,
      peersEach: each,
      timing: { reconnectIntervalMs: 5000 },
    });
  });
  after(async () => {
    await network.stop();
  });

  it('MEMB-09, CERT-07: converges on full membership', () => {
    expect(network.runUntil(() => network.isComplete(), 60_000)).to.be.true;
  });

  it('DEAD-01, DEAD-03: notices that a third of it died, and only that', () => {
    const doomed = endpoints(17, each);
    for (const endpoint of doomed) {
      network.kill(endpoint);
    }
    expect(network.runUntil(() => network.isComplete(), 60_000)).to.be.true;
    for (const peer of network.peers()) {
      expect(peer.dead().map(({ endpoint }) => endpoint)).to.have.members(doomed);
    }
  });

  it('DEAD-05, MEMB-16: falls into two halves and grows together again', () => {
    // Who has heard a member's later alive message than others brings it back to them for a while, so this takes time.
    const halves = [endpoints(0, 9), endpoints(9, 17)];
    network.partition(halves);
    expect(network.runUntil(() => halves.every((half) => network.isComplete(half)), 90_000)).to.be.true;
    network.heal();
    expect(network.runUntil(() => network.isComplete(), 120_000)).to.be.true;
  });

  it('DEAD-04: takes back a peer that starts anew', async () => {
    await network.startPeer(endpointOf('Org2MSP', 20));
    expect(network.runUntil(() => network.isComplete(), 60_000)).to.be.true;
  });
});

describe(`a small network that goes through everything, seed ${seed}`, function () {
  this.timeout(120_000);
  async function trace(options: Partial<SimOptions> = {}): Promise<string> {
    const network = await SimNetwork.start({
      seed,
      organisations: 2,
      peersEach: 4,
      faults: { lossRate: 0.02, duplicateRate: 0.02, reorderRate: 0.05 },
      ...options,
    });
    network.advance(20_000);
    network.kill(endpointOf('Org1MSP', 2));
    network.partition([endpoints(0, 2), endpoints(2, 4)]);
    network.advance(30_000);
    network.heal();
    network.advance(30_000);
    const { traceHash, eventCount, messageCount } = network;
    await network.stop();
    expect(eventCount).to.be.greaterThan(1000);
    return `${traceHash} ${eventCount} ${messageCount}`;
  }

  it('goes the same way for the same seed', async () => {
    expect(await trace()).to.equal(await trace());
  });

  it('and another for another', async () => {
    expect(await trace()).to.not.equal(await trace({ seed: seed + 1 }));
  });
});
