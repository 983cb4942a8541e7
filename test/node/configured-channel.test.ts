import { expect } from 'chai';
import { EventEmitter, once } from 'node:events';
import { common } from '@hyperledger/fabric-protos';
import { genesisBlock } from '../../src/fabric/genesis-block';
import { MspRegistry } from '../../src/identity';
import {
  joinConfiguredChannel,
  MemoryLedger,
  startGossipPeer,
  type ChannelHost,
  type GossipPeerEvents,
  type JoinChannelOptions,
  type RunningChannel,
  readChannelConfig,
} from '../../src/node';
import { sampleChannel, signedBlock, type SampleChannel } from '../channel/support/sample-channel';
import { present } from '../fabric/support/describe-block';

describe('a channel joined by its configuration block', function () {
  this.timeout(30_000);
  let sample: SampleChannel;
  let ledger: MemoryLedger;
  let validator: MspRegistry;
  before(async () => {
    sample = await sampleChannel();
  });
  beforeEach(() => {
    ledger = new MemoryLedger([sample.genesis]);
    validator = new MspRegistry([]);
  });

  /** Writes down what a running peer is told. */
  function host(): { readonly host: ChannelHost; readonly joins: JoinChannelOptions[]; revalidated: number } {
    const joins: JoinChannelOptions[] = [];
    const told = {
      joins,
      revalidated: 0,
      host: {
        events: new EventEmitter<GossipPeerEvents>(),
        identity: sample.peer,
        joinChannel: (options: JoinChannelOptions): RunningChannel => {
          joins.push(options);
          return { name: options.name } as RunningChannel;
        },
        revalidateIdentities: (): void => {
          told.revalidated++;
        },
      },
    };
    return told;
  }
  /** Commits a block that carries the configuration of another first block. */
  function commitConfigOf(to: ChannelHost, genesis: Uint8Array): void {
    const transactions = present(common.Block.deserializeBinary(genesis).getData()).getDataList_asU8();
    const number = ledger.height();
    ledger.append(signedBlock(sample, { number: Number(number), transactions }));
    to.events.emit('blockCommitted', { channel: 'mychannel', number });
  }

  it('takes name, organisations, readers, anchor peers and verifier from it, and tells the other MSPs', () => {
    const told = host();
    joinConfiguredChannel(told.host, { config: readChannelConfig(sample.genesis), ledger, validator });
    const options = present(told.joins[0]);
    expect(options).to.deep.include({
      name: 'mychannel',
      orgs: ['Org1MSP', 'Org2MSP'],
      anchorPeers: [{ endpoint: '127.71.0.11:7051', mspId: 'Org1MSP' }],
      ledger,
    });
    expect(options.isReader?.(sample.peer)).to.be.true;
    expect(options.verifier.verify(signedBlock(sample), 1n)).to.deep.equal({ ok: true });
    expect(validator.mspIds()).to.deep.equal(['Org2MSP']);
  });

  it('SINF-15: follows a configuration that is committed; calls anchor peers again only if they changed', () => {
    const told = host();
    joinConfiguredChannel(told.host, { config: readChannelConfig(sample.genesis), ledger, validator });
    const [org1] = sample.profile.applicationOrganisations;
    const smaller = { ...sample.profile, applicationOrganisations: [present(org1)] };
    commitConfigOf(told.host, genesisBlock(smaller, 1n));
    expect(told.joins[1]).to.deep.include({ orgs: ['Org1MSP'], anchorPeers: [] });
    const anchorPeers = [{ host: '127.71.0.12', port: 7051 }];
    const moved = { ...smaller, applicationOrganisations: [{ ...present(org1), anchorPeers }] };
    commitConfigOf(told.host, genesisBlock(moved, 1n));
    expect(told.joins[2]?.anchorPeers).to.deep.equal([{ endpoint: '127.71.0.12:7051', mspId: 'Org1MSP' }]);
    expect(told.revalidated).to.equal(2);
  });

  it('verifies by the newest configuration', async () => {
    const told = host();
    const other = await sampleChannel();
    joinConfiguredChannel(told.host, { config: readChannelConfig(sample.genesis), ledger, validator });
    commitConfigOf(told.host, other.genesis);
    const { verifier } = present(told.joins[0]);
    expect(verifier.verify(signedBlock(sample, { number: 2 }), 2n)).to.include({ reason: 'not-signed' });
    expect(verifier.verify(signedBlock(other, { number: 2 }), 2n)).to.deep.equal({ ok: true });
  });

  it('goes on by the one before where the new one is not understood, and says so', () => {
    const told = host();
    joinConfiguredChannel(told.host, { config: readChannelConfig(sample.genesis), ledger, validator });
    const refused: string[] = [];
    told.host.events.on('channelConfigRefused', ({ error }) => refused.push(error.code));
    commitConfigOf(told.host, genesisBlock({ ...sample.profile, applicationOrganisations: [] }, 1n));
    expect(refused).to.deep.equal([]);
    const empty = common.Block.deserializeBinary(sample.genesis);
    const envelope = common.Envelope.deserializeBinary(
      present(present(empty.getData()).getDataList_asU8()[0]),
    );
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    payload.setData('');
    envelope.setPayload(payload.serializeBinary());
    present(empty.getData()).setDataList([envelope.serializeBinary()]);
    commitConfigOf(told.host, empty.serializeBinary());
    expect(refused).to.deep.equal(['INCOMPLETE']);
    expect(told.joins).to.have.length(2);
  });

  it('a running peer commits what its orderer signed, and follows the configuration', async () => {
    const [org1] = sample.organisations;
    validator.put(present(org1).msp);
    await using peer = await startGossipPeer({
      identity: sample.peer,
      validator,
      network: { listenAddress: '127.0.0.1:0', grpc: { closeGraceMs: 100 } },
    });
    const channel = joinConfiguredChannel(peer, {
      config: readChannelConfig(sample.genesis),
      ledger,
      validator,
    });
    const committed = once(peer.events, 'blockCommitted');
    channel.deliver(1n, signedBlock(sample));
    await committed;
    expect(channel.height()).to.equal(2n);
  });
});
