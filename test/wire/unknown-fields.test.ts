import { expect } from 'chai';
import { decodeMessage, unknownFieldsOf } from '../../src/wire';
import { bytes } from './hex';

describe('unknownFieldsOf', () => {
  it('finds nothing in a known message', () => {
    expect(unknownFieldsOf(decodeMessage(bytes('18014a0408011802')))).to.deep.equal([]);
  });

  it('names the path, number and wire type of each', () => {
    // memRes { alive {}, alive { secretEnvelope { 9: 1 } }, 10: 2 }, 100: 3
    const message = decodeMessage(bytes('3a0a 0a00 0a04 1a02 4801 5002 a00603'));
    expect(unknownFieldsOf(message)).to.deep.equal([
      { path: 'memRes.alive[1].secretEnvelope', no: 9, wireType: 0 },
      { path: 'memRes', no: 10, wireType: 0 },
      { path: '', no: 100, wireType: 0 },
    ]);
  });
});
