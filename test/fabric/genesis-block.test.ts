import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { common } from '@hyperledger/fabric-protos';
import type { ChannelProfile } from '../../src/fabric/channel-profile';
import { genesisBlock } from '../../src/fabric/genesis-block';
import { describeConfigBlock, present } from './support/describe-block';
import { sampleProfile } from './support/sample-profile';

/**
 * What Fabric's configtxgen makes of the same profile, told by `describeConfigBlock`: versions 2.5.16 and 3.1.5 differ
 * in nothing but the channel's capability.
 */
const expected: unknown = JSON.parse(readFileSync(join(__dirname, 'genesis-block.expected.json'), 'utf8'));

describe('genesis block', () => {
  let profile: ChannelProfile;

  before(async () => {
    profile = await sampleProfile();
  });

  it('says what configtxgen says for the same profile', () => {
    const block = genesisBlock(profile, 1n);
    expect(describeConfigBlock(block)).to.deep.equal(expected);
  });

  it('differs for 3.x in the channel’s capability alone', () => {
    const capabilities = { ...profile.capabilities, channel: 'V3_0' as const };
    const described = JSON.stringify(describeConfigBlock(genesisBlock({ ...profile, capabilities }, 1n)));
    const inExpected = JSON.stringify(expected);
    expect(described).to.contain('"capabilities":["V3_0"]');
    expect(described.replace('V3_0', 'V2_0')).to.equal(inExpected);
  });

  it('is hashed over its data, and its transaction’s id over the nonce', () => {
    const block = common.Block.deserializeBinary(genesisBlock(profile, 1_500_000_000n));
    const data = block.getData()?.getDataList_asU8() ?? [];
    const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
    expect(Buffer.from(present(block.getHeader()).getDataHash_asU8())).to.deep.equal(
      sha256(Buffer.concat(data)),
    );

    const [bytes] = data;
    const envelope = common.Envelope.deserializeBinary(present(bytes));
    expect(envelope.getSignature()).to.have.lengthOf(0);
    const header = present(common.Payload.deserializeBinary(envelope.getPayload_asU8()).getHeader());
    const channelHeader = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
    const signatureHeader = common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8());
    expect(signatureHeader.getCreator()).to.have.lengthOf(0);
    expect(channelHeader.getTxId()).to.equal(sha256(signatureHeader.getNonce_asU8()).toString('hex'));
    expect(channelHeader.getTimestamp()?.toObject()).to.deep.equal({ seconds: 1, nanos: 500_000_000 });
  });

  it('carries the organisations’ certificates byte for byte', () => {
    const text = Buffer.from(genesisBlock(profile, 1n)).toString('latin1');
    for (const { msp } of [...profile.applicationOrganisations, ...profile.ordererOrganisations]) {
      for (const pem of [...msp.rootCerts, ...(msp.tlsRootCerts ?? [])]) expect(text).to.contain(pem);
    }
  });
});
