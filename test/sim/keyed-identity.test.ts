import { expect } from 'chai';
import { cheapHash, keyedIdentity } from '../../src/sim/keyed-identity';
import { hex } from '../../src/wire';

describe('keyed identities', () => {
  it('have PKI-IDs that tell peers apart', () => {
    expect(hex(keyedIdentity('Org1MSP', 'a').pkiId)).to.not.equal(hex(keyedIdentity('Org1MSP', 'b').pkiId));
  });

  it('are hashed to as many bytes as SHA-256 makes', () => {
    expect(cheapHash(Uint8Array.of(1))).to.have.length(32);
  });
});
