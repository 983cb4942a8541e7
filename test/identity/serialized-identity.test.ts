import { expect } from 'chai';
import { deserializeIdentity, serializeIdentity } from '../../src/identity';

describe('SerializedIdentity', () => {
  const serialized = Buffer.from('0a074f7267314d5350' + '1203616263', 'hex');

  it('is two fields (ID-01)', () => {
    const bytes = serializeIdentity({ mspId: 'Org1MSP', idBytes: Buffer.from('abc') });
    expect(Buffer.from(bytes).equals(serialized)).to.be.true;
  });

  it('is read back byte for byte', () => {
    const read = deserializeIdentity(serialized);
    expect(read?.mspId).to.equal('Org1MSP');
    expect(Buffer.from(read?.idBytes ?? []).toString()).to.equal('abc');
  });

  it('is read whatever the order and whatever else there is', () => {
    const odd = Buffer.from('1203616263' + 'a20601ff' + '0a074f7267314d5350', 'hex');
    const read = deserializeIdentity(odd);
    expect(read?.mspId).to.equal('Org1MSP');
    expect(Buffer.from(read?.idBytes ?? []).toString()).to.equal('abc');
  });

  for (const [what, bytes] of Object.entries({
    'a field cut short': serialized.subarray(0, -1),
    'an MSP-ID that is not UTF-8': Buffer.from('0a01ff', 'hex'),
    'a stray byte': Buffer.concat([serialized, Buffer.of(0xff)]),
  })) {
    it(`is not ${what}`, () => {
      expect(deserializeIdentity(bytes)).to.be.undefined;
    });
  }
});
