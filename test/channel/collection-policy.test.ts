import { expect } from 'chai';
import { COLLECTION, collectionConfigs } from '../../conformance/steps/private-data';
import { collectionReaders, readChannelConfig, type MayReadCollection } from '../../src/channel';
import type { PeerIdentity } from '../../src/ports/identity';
import { sampleChannel } from './support/sample-channel';

describe('policy of a collection', () => {
  let mayRead: MayReadCollection;
  let peer: PeerIdentity;
  before(async () => {
    const sample = await sampleChannel();
    mayRead = collectionReaders(readChannelConfig(sample.genesis).members);
    ({ peer } = sample);
  });

  it('PVT-07: members of the organisations that it names may read, and nobody else', () => {
    expect(mayRead(collectionConfigs('Org1MSP'), COLLECTION, peer)).to.equal(true);
    expect(mayRead(collectionConfigs('Org2MSP', 'Org1MSP'), COLLECTION, peer)).to.equal(true);
    expect(mayRead(collectionConfigs('Org2MSP'), COLLECTION, peer)).to.equal(false);
  });

  it('is of one collection, and never satisfied where it is not there or cannot be read', () => {
    expect(mayRead(collectionConfigs('Org1MSP'), 'another', peer)).to.equal(false);
    expect(mayRead(new Uint8Array(), COLLECTION, peer)).to.equal(false);
    expect(mayRead(Uint8Array.of(0xff), COLLECTION, peer)).to.equal(false);
  });
});
