import { expect } from 'chai';
import { common } from '@hyperledger/fabric-protos';
import { ChannelConfigError, readChannelConfig, type ChannelConfigErrorCode } from '../../src/channel';
import { genesisBlock } from '../../src/fabric/genesis-block';
import { present } from '../fabric/support/describe-block';
import { sampleChannel, signedBlock, type SampleChannel } from './support/sample-channel';

/** The block with its configuration changed. */
function reconfigured(genesis: Uint8Array, change: (root: common.ConfigGroup) => void): Uint8Array {
  const block = common.Block.deserializeBinary(genesis);
  const [transaction] = present(block.getData()).getDataList_asU8();
  const envelope = common.Envelope.deserializeBinary(present(transaction));
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8());
  change(present(present(config.getConfig()).getChannelGroup()));
  payload.setData(config.serializeBinary());
  envelope.setPayload(payload.serializeBinary());
  present(block.getData()).setDataList([envelope.serializeBinary()]);
  return block.serializeBinary();
}

const codeOf = (bytes: Uint8Array): ChannelConfigErrorCode | undefined => {
  try {
    readChannelConfig(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof ChannelConfigError) return error.code;
    throw error;
  }
};

describe('channel configuration', () => {
  let sample: SampleChannel;
  before(async () => {
    sample = await sampleChannel();
  });

  it('is read from a channel’s first block: organisations, anchor peers, MSPs', () => {
    const config = readChannelConfig(sample.genesis);
    expect(config.channel).to.equal('mychannel');
    expect(config.blockNumber).to.equal(0n);
    const told = config.organisations.map(({ msp, anchorPeers }) => [msp.mspId, anchorPeers]);
    expect(told).to.deep.equal([
      ['Org1MSP', ['127.71.0.11:7051']],
      ['Org2MSP', []],
    ]);
    expect(config.members.mspIds()).to.have.members(['Org1MSP', 'Org2MSP', 'OrdererMSP']);
    const { config: read } = present(config.organisations[0]).msp;
    const wanted = present(sample.profile.applicationOrganisations[0]).msp;
    expect(read.rootCerts).to.deep.equal(wanted.rootCerts);
    expect(read.tlsRootCerts).to.deep.equal(wanted.tlsRootCerts);
    expect(read.nodeOus).to.deep.equal(wanted.nodeOus);
  });

  it('its readers are members of its application organisations', async () => {
    const config = readChannelConfig(sample.genesis);
    expect(config.isReader(sample.peer)).to.be.true;
    expect(config.isReader(sample.orderer)).to.be.false;
    const stranger = await sampleChannel();
    expect(config.isReader(stranger.peer), 'the same MSP-ID, another CA').to.be.false;
  });

  it('BOOT-05: skips anchor peers without host or port', () => {
    const [org1] = sample.profile.applicationOrganisations;
    const anchorPeers = [
      { host: '', port: 7051 },
      { host: 'peer', port: 0 },
      { host: 'peer', port: 1 },
    ];
    const profile = { ...sample.profile, applicationOrganisations: [{ ...present(org1), anchorPeers }] };
    const [organisation] = readChannelConfig(genesisBlock(profile, 1n)).organisations;
    expect(organisation?.anchorPeers).to.deep.equal(['peer:1']);
  });

  it('bytes that are no block, and blocks without configuration, are refused', () => {
    expect(codeOf(Uint8Array.of(0xff, 0xff))).to.equal('NO_CONFIG_BLOCK');
    expect(codeOf(new Uint8Array())).to.equal('NO_CONFIG_BLOCK');
    expect(codeOf(signedBlock(sample))).to.equal('NO_CONFIG_BLOCK');
  });

  it('so are configurations that lack something, or have what is not understood', () => {
    const changes: [ChannelConfigErrorCode, (root: common.ConfigGroup) => void][] = [
      ['INCOMPLETE', (root) => root.getGroupsMap().del('Application')],
      ['INCOMPLETE', (root) => root.getGroupsMap().del('Orderer')],
      ['INCOMPLETE', (root) => group(root, 'Application', 'Org1MSP').getValuesMap().del('MSP')],
      [
        'BAD_ORGANISATION',
        (root) => {
          present(group(root, 'Application', 'Org1MSP').getValuesMap().get('MSP')).setValue('');
        },
      ],
    ];
    const group = (root: common.ConfigGroup, ...path: string[]): common.ConfigGroup =>
      path.reduce((at, name) => present(at.getGroupsMap().get(name)), root);
    for (const [code, change] of changes) {
      expect(codeOf(reconfigured(sample.genesis, change)), code).to.equal(code);
    }
  });
});
