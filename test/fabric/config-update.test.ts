import { expect } from 'chai';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import type { ChannelProfile } from '../../src/fabric/channel-profile';
import {
  changed,
  channelConfigIn,
  removeOrganisation,
  setAnchorPeers,
  setMsp,
} from '../../src/fabric/config-changes';
import { computeUpdate, configUpdateEnvelope } from '../../src/fabric/config-update';
import { FabricError } from '../../src/fabric/fabric-error';
import { genesisBlock } from '../../src/fabric/genesis-block';
import { X509Identity } from '../../src/identity';
import { describeGroup, present } from './support/describe-block';
import { sampleOrganisation, sampleProfile } from './support/sample-profile';

const CHANNEL = 'mychannel';

describe('configuration update', () => {
  let profile: ChannelProfile;
  let config: common.ConfigGroup;

  before(async () => {
    profile = await sampleProfile();
    config = channelConfigIn(common.Block.deserializeBinary(genesisBlock(profile, 1n)));
  });

  /** The group at `path`, below the channel's. */
  const groupAt = (root: common.ConfigGroup | undefined, ...path: string[]): common.ConfigGroup =>
    path.reduce((group, name) => present(group.getGroupsMap().get(name)), present(root));
  const namesIn = (group: common.ConfigGroup): Record<string, readonly string[]> => ({
    groups: group
      .getGroupsMap()
      .toArray()
      .map(([name]) => name),
    values: group
      .getValuesMap()
      .toArray()
      .map(([name]) => name),
    policies: group
      .getPoliciesMap()
      .toArray()
      .map(([name]) => name),
  });

  it('writes a changed value alone, one version up', () => {
    const change = setAnchorPeers('Org2MSP', [{ host: '127.71.0.22', port: 7051 }]);
    const update = computeUpdate(CHANNEL, config, changed(config, change));

    expect(update.getChannelId()).to.equal(CHANNEL);
    const written = groupAt(update.getWriteSet(), 'Application', 'Org2MSP');
    expect(namesIn(written)).to.deep.equal({ groups: [], values: ['AnchorPeers'], policies: [] });
    expect(written.getVersion()).to.equal(0);
    const value = present(written.getValuesMap().get('AnchorPeers'));
    expect(value.getVersion()).to.equal(1);
    expect(value.getModPolicy()).to.equal('Admins');
    expect(
      peer.AnchorPeers.deserializeBinary(value.getValue_asU8()).toObject().anchorPeersList,
    ).to.deep.equal([{ host: '127.71.0.22', port: 7051 }]);
    const read = groupAt(update.getReadSet(), 'Application', 'Org2MSP');
    expect(namesIn(read)).to.deep.equal({ groups: [], values: [], policies: [] });
    expect(namesIn(groupAt(update.getWriteSet()))).to.deep.equal({
      groups: ['Application'],
      values: [],
      policies: [],
    });
  });

  it('names all that stays in a group whose members change', () => {
    const update = computeUpdate(CHANNEL, config, changed(config, removeOrganisation('Org2MSP')));

    const written = groupAt(update.getWriteSet(), 'Application');
    const read = groupAt(update.getReadSet(), 'Application');
    const stays = {
      groups: ['Org1MSP'],
      values: ['Capabilities'],
      policies: ['Admins', 'Endorsement', 'LifecycleEndorsement', 'Readers', 'Writers'],
    };
    expect(namesIn(read)).to.deep.equal(stays);
    expect(namesIn(written)).to.deep.equal(stays);
    expect([read.getVersion(), written.getVersion()]).to.deep.equal([0, 1]);
    expect(written.getModPolicy()).to.equal('Admins');
    expect(groupAt(update.getWriteSet()).getVersion()).to.equal(0);
    // What stays is named by its version alone.
    expect(present(written.getValuesMap().get('Capabilities')).getValue()).to.have.lengthOf(0);
  });

  it('starts a new organisation at version 0', () => {
    const smaller = changed(config, removeOrganisation('Org2MSP'));
    const update = computeUpdate(CHANNEL, smaller, config);

    const organisation = groupAt(update.getWriteSet(), 'Application', 'Org2MSP');
    const whole = groupAt(config, 'Application', 'Org2MSP');
    expect(describeGroup(organisation)).to.deep.equal(describeGroup(whole));
    expect(groupAt(update.getReadSet(), 'Application').getGroupsMap().has('Org2MSP')).to.be.false;
  });

  it('counts on from the versions that are there', () => {
    const later = config.clone();
    groupAt(later, 'Application', 'Org1MSP').setVersion(3);
    present(groupAt(later, 'Application', 'Org1MSP').getValuesMap().get('AnchorPeers')).setVersion(7);
    const update = computeUpdate(CHANNEL, later, changed(later, setAnchorPeers('Org1MSP', [])));

    const written = groupAt(update.getWriteSet(), 'Application', 'Org1MSP');
    expect(written.getVersion()).to.equal(3);
    expect(present(written.getValuesMap().get('AnchorPeers')).getVersion()).to.equal(8);
  });

  it('puts a revocation list into an organisation’s MSP', async () => {
    const organisation = await sampleOrganisation('Org1MSP', 'org1.example.com');
    const leaver = await organisation.issue({ name: 'peer9', role: 'peer' });
    const revoking = await organisation.revoke([leaver]);
    const value = groupAt(changed(config, setMsp(revoking)), 'Application', 'Org1MSP')
      .getValuesMap()
      .get('MSP');

    const definition = msp.MSPConfig.deserializeBinary(present(value).getValue_asU8());
    const lists = msp.FabricMSPConfig.deserializeBinary(
      definition.getConfig_asU8(),
    ).getRevocationListList_asU8();
    expect(lists.map((list) => Buffer.from(list).toString())).to.deep.equal(revoking.revocationList);
  });

  it('is no update if nothing changes, or if nobody knows the organisation', () => {
    const codeOf = (act: () => unknown): string => {
      try {
        act();
        return 'nothing thrown';
      } catch (error) {
        if (error instanceof FabricError) return error.code;
        throw error;
      }
    };
    const [org1] = profile.applicationOrganisations;
    const same = setAnchorPeers('Org1MSP', present(org1).anchorPeers);
    expect(codeOf(() => computeUpdate(CHANNEL, config, changed(config, same)))).to.equal('NO_CHANGE');
    expect(codeOf(() => changed(config, removeOrganisation('Org9MSP')))).to.equal('MALFORMED');
  });

  it('is signed by everyone over header and update, and submitted by the first', async () => {
    const organisation = await sampleOrganisation('Org1MSP', 'org1.example.com');
    const admins = await Promise.all(
      ['Admin', 'Deputy'].map((name) => organisation.issue({ name, role: 'admin' })),
    );
    const [admin, deputy] = admins.map(({ identity }) => identity);
    const update = computeUpdate(CHANNEL, config, changed(config, removeOrganisation('Org2MSP')));
    const envelope = configUpdateEnvelope(CHANNEL, update, [present(admin), present(deputy)], 1n);

    expect(present(admin).verify(envelope.getPayload_asU8(), envelope.getSignature_asU8())).to.be.true;
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const header = common.ChannelHeader.deserializeBinary(
      present(payload.getHeader()).getChannelHeader_asU8(),
    );
    expect(header.getType()).to.equal(common.HeaderType.CONFIG_UPDATE);
    const body = common.ConfigUpdateEnvelope.deserializeBinary(payload.getData_asU8());
    const signers = body.getSignaturesList().map((signature, index) => {
      const headerBytes = signature.getSignatureHeader_asU8();
      const signed = Buffer.concat([headerBytes, body.getConfigUpdate_asU8()]);
      const signer = present([admin, deputy][index]);
      expect(signer).to.be.instanceOf(X509Identity);
      const { creator } = common.SignatureHeader.deserializeBinary(headerBytes).toObject();
      expect(creator).to.equal(Buffer.from(signer.serialized).toString('base64'));
      return signer.verify(signed, signature.getSignature_asU8());
    });
    expect(signers).to.deep.equal([true, true]);
  });
});
