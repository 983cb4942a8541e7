import { expect } from 'chai';
import { once } from 'node:events';
import { issueOrganisation, MspRegistry, type Organisation } from '../../src/identity';
import {
  MemoryLedger,
  MemoryPrivateData,
  startGossipPeer,
  systemClock,
  type BlockVerifier,
  type GossipTiming,
  type RunningChannel,
  type RunningPeer,
} from '../../src/node';
import { wallMs } from '../../src/ports/clock';
import { quickTiming } from './support/quick-timing';

const HOST = '127.0.0.1';
const nowMs = wallMs(systemClock);
const blockOf = (number: bigint): Uint8Array => Buffer.from(`block ${number}`);
const verifier: BlockVerifier = {
  verify: (block, number) =>
    Buffer.from(blockOf(number)).equals(block)
      ? { ok: true }
      : { ok: false, reason: 'not-signed', detail: 'forged' },
};

const quick: Partial<GossipTiming> = {
  ...quickTiming,
  publishStateInfoIntervalMs: 100,
  requestStateInfoIntervalMs: 100,
  stateEnabled: true,
  stateCheckIntervalMs: 100,
};

interface OnChannel {
  readonly peer: RunningPeer;
  readonly channel: RunningChannel;
  readonly ledger: MemoryLedger;
}

describe('GossipPeer on a channel, over gRPC', function () {
  this.timeout(60_000);
  const running: RunningPeer[] = [];
  let organisations: Organisation[];
  before(async () => {
    organisations = await Promise.all(
      [1, 2].map((n) => issueOrganisation({ mspId: `Org${n}MSP`, domain: `org${n}.example.com`, nowMs })),
    );
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((peer) => peer.stop()));
  });

  async function start(organisation: number, height: number, known?: RunningPeer): Promise<OnChannel> {
    const issued = await organisations[organisation]?.issue({ name: 'peer', role: 'peer', sans: [HOST] });
    if (issued === undefined) throw new Error('no such organisation');
    const peer = await startGossipPeer({
      identity: issued.identity,
      validator: new MspRegistry(organisations.map(({ msp }) => msp)),
      network: { listenAddress: `${HOST}:0`, grpc: { closeGraceMs: 100 } },
      settings: (address) => ({ ...quick, externalEndpoint: address }),
    });
    running.push(peer);
    const ledger = new MemoryLedger(Array.from({ length: height }, (_, number) => blockOf(BigInt(number))));
    const channel = peer.joinChannel({
      name: 'ch',
      orgs: ['Org1MSP', 'Org2MSP'],
      ledger,
      verifier,
      privateData: new MemoryPrivateData(),
      anchorPeers: known === undefined ? [] : [{ endpoint: known.address, mspId: known.identity.mspId }],
    });
    return { peer, channel, ledger };
  }
  const reaches = async ({ peer, ledger }: OnChannel, height: bigint): Promise<void> => {
    while (ledger.height() < height) await once(peer.events, 'blockCommitted');
  };

  it('BOOT-05, STATE-02, STATE-09: one that joins late gets the whole chain, from another organisation too', async () => {
    const first = await start(0, 40);
    const late = await start(1, 1, first.peer);
    await reaches(late, 40n);
    expect(late.ledger.blockAt(39n)).to.deep.equal(Buffer.from(blockOf(39n)));
    while (first.channel.members()[0]?.ledgerHeight !== 40n)
      await once(first.peer.events, 'stateInfoLearned');
    expect(first.channel.members()[0]?.member).to.include({ mspId: 'Org2MSP', endpoint: late.peer.address });
  });

  it('BLOCK-03, BLOCK-05: a block that one gets from the orderer reaches all of its organisation', async () => {
    const leader = await start(0, 1);
    const others = [await start(0, 1, leader.peer), await start(0, 1, leader.peer)];
    while (leader.channel.members().length < 2) await once(leader.peer.events, 'stateInfoLearned');
    for (const number of [1n, 2n, 3n]) leader.channel.deliver(number, blockOf(number));
    await Promise.all([leader, ...others].map((each) => reaches(each, 4n)));
    expect(leader.channel.height()).to.equal(4n);
    leader.channel.leave();
    expect(leader.channel.members()).to.deep.equal([]);
  });
});

describe('MemoryPrivateData', () => {
  it('keeps a bounded number of write sets, the newest', () => {
    const store = new MemoryPrivateData();
    const write = {
      collectionName: 'c',
      namespace: 'n',
      privateRwset: new Uint8Array(10),
      privateSimHeight: 1n,
      collectionConfigs: new Uint8Array(),
    };
    for (let i = 0; i < 1001; i++) expect(store.keep({ ...write, txId: `tx${i}` })).to.equal(undefined);
    expect([store.of('tx0'), store.of('tx1000')].map(({ length }) => length)).to.deep.equal([0, 1]);
    const huge = new Uint8Array(65 * 1024 * 1024);
    expect(store.keep({ ...write, txId: 'huge', privateRwset: huge })).to.equal('too large to be kept');
  });

  it('PVT-07: gives them to those who may read, by what came with them', async () => {
    const organisation = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs });
    const { identity } = await organisation.issue({ name: 'peer0', role: 'peer' });
    const write = {
      collectionName: 'c',
      namespace: 'n',
      txId: 'tx',
      privateRwset: Uint8Array.of(1),
      privateSimHeight: 1n,
      collectionConfigs: Uint8Array.of(2),
    };
    const digest = { txId: 'tx', namespace: 'n', collection: 'c', blockSeq: 1n, seqInBlock: 0n };
    const closed = new MemoryPrivateData();
    closed.keep(write);
    expect(closed.find(digest, identity)).to.deep.equal([]);
    const open = new MemoryPrivateData((configs, collection) => configs[0] === 2 && collection === 'c');
    open.keep(write);
    expect(open.find(digest, identity)).to.deep.equal([write.privateRwset]);
    for (const other of [{ txId: '' }, { namespace: 'm' }, { collection: 'd' }]) {
      expect(open.find({ ...digest, ...other }, identity)).to.deep.equal([]);
    }
  });
});
