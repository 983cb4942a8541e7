import { expect } from 'chai';
import { channelMac, pkiIdOf, tlsCertHash } from '../../src/identity';
import { hex } from '../../src/wire';

describe('digests', () => {
  it('gives the PKI-ID of the specification (ID-02)', () => {
    expect(hex(pkiIdOf('Org1MSP', Buffer.from('abc')))).to.equal(
      '1c32c238dd9fc1a16374f5e99f6e5abab990090f0a853ff0835215974c133724',
    );
  });

  it('gives the channel MAC of the specification (TAG-04)', () => {
    const pkiId = Uint8Array.from({ length: 32 }, (_, i) => i);
    const mac = '8c0fc94f59870d5ad3f4f3fd2d1273f929c4c28decd1e4e43e76752c5085dbbe';
    expect(hex(channelMac(pkiId, 'ch'))).to.equal(mac);
    expect(hex(channelMac(pkiId, Buffer.from('ch')))).to.equal(mac);
  });

  it('hashes the MSP-ID as UTF-8', () => {
    expect(hex(pkiIdOf('Münze', Buffer.of()))).to.equal(hex(tlsCertHash(Buffer.from('Münze', 'utf8'))));
  });

  it('hashes a TLS certificate as it is (TLS-08)', () => {
    expect(hex(tlsCertHash(Buffer.from('abc')))).to.equal(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
