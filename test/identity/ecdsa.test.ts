import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { curveOf, isCanonical, toLowS, verifiable } from '../../src/identity/ecdsa';
import { encodeElement } from '../../src/identity/der';
import { highS, numbersOf, P256_ORDER, paddedR, signatureOf } from './craft';

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p256 = curveOf(keys.publicKey);
if (p256 === undefined) throw new Error('P-256 is not known');
const payload = Buffer.from('payload');
const signature = toLowS(sign('sha256', payload, keys.privateKey), p256) ?? Buffer.of();
const [r, s] = numbersOf(signature);
const HALF = P256_ORDER / 2n;

describe('ECDSA signatures', () => {
  it('come with the lower s, and still verify (SIGN-03)', () => {
    for (let i = 0; i < 40; i++) {
      const low = toLowS(sign('sha256', payload, keys.privateKey), p256) ?? Buffer.of();
      expect(numbersOf(low)[1] <= HALF).to.be.true;
      expect(verify('sha256', payload, keys.publicKey, low)).to.be.true;
      expect(isCanonical(low)).to.be.true;
    }
  });

  it('are left alone if their s is low, and go back to it from the higher one', () => {
    expect(toLowS(signature, p256)).to.equal(signature);
    expect(Buffer.from(toLowS(highS(signature), p256) ?? []).equals(signature)).to.be.true;
  });

  it('may have an s of half the order and not one more', () => {
    const at = signatureOf(r, HALF);
    expect(verifiable(at, p256)).to.equal(at);
    expect(verifiable(signatureOf(r, HALF + 1n), p256)).to.be.undefined;
  });

  it('are judged as big numbers are, whatever r and s', () => {
    const number = fc.bigInt({ min: 1n, max: (1n << 256n) - 1n });
    fc.assert(
      fc.property(number, number, (anyR, anyS) => {
        const bytes = signatureOf(anyR, anyS);
        expect(verifiable(bytes, p256) !== undefined).to.equal(anyS <= HALF);
        const low = toLowS(bytes, p256);
        const wanted = anyS <= HALF ? anyS : P256_ORDER - anyS;
        if (wanted > 0n) expect(numbersOf(low ?? Buffer.of())).to.deep.equal([anyR, wanted]);
        else expect(low).to.be.undefined;
      }),
    );
  });

  it('are refused, not misread, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const accepted = verifiable(bytes, p256);
        expect(accepted === undefined || isCanonical(accepted)).to.be.true;
      }),
    );
  });

  const refused: Record<string, Uint8Array> = {
    'a zero before r that DER does not allow': paddedR(signature),
    'a length in the long form': Buffer.concat([
      Buffer.of(0x30, 0x81, signature.length - 2),
      signature.subarray(2),
    ]),
    'a length that is indefinite': Buffer.concat([
      Buffer.of(0x30, 0x80),
      signature.subarray(2),
      Buffer.of(0, 0),
    ]),
    'an s of zero': signatureOf(r, 0n),
    'an r of zero': signatureOf(0n, s),
    'a negative r': Buffer.from('3006020180020101', 'hex'),
    'an r without bytes': Buffer.from('30050200020101', 'hex'),
    'no s': Buffer.from('3003020101', 'hex'),
    'another tag than SEQUENCE': Buffer.concat([Buffer.of(0x31), signature.subarray(1)]),
    'another tag than INTEGER': Buffer.from('3006020101030101', 'hex'),
    'no bytes': Buffer.of(),
    'the end missing': signature.subarray(0, -1),
    'r and s side by side': Buffer.alloc(64, 1),
  };
  for (const [what, bytes] of Object.entries(refused)) {
    it(`are refused with ${what}`, () => {
      expect(verifiable(bytes, p256)).to.be.undefined;
      expect(isCanonical(bytes)).to.be.false;
    });
  }

  // Go's asn1.Unmarshal leaves both unread, so Fabric accepts them; OpenSSL would not.
  const ignored: Record<string, Uint8Array> = {
    'bytes after it': Buffer.concat([signature, Buffer.of(0)]),
    'an element after s': encodeElement(0x30, signature.subarray(2), Buffer.of(2, 1, 1)),
  };
  for (const [what, bytes] of Object.entries(ignored)) {
    it(`are accepted with ${what}, though that is not canonical`, () => {
      expect(isCanonical(bytes)).to.be.false;
      expect(Buffer.from(verifiable(bytes, p256) ?? []).equals(signature)).to.be.true;
    });
  }

  for (const namedCurve of ['secp224r1', 'P-384', 'P-521']) {
    it(`work on ${namedCurve}`, () => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
      const curve = curveOf(publicKey);
      if (curve === undefined) throw new Error(`${namedCurve} is not known`);
      for (let i = 0; i < 10; i++) {
        const made = sign('sha256', createHash('sha256').update(`${i}`).digest(), privateKey);
        const low = toLowS(made, curve) ?? Buffer.of();
        expect(numbersOf(low)[1] <= curve.order / 2n).to.be.true;
        expect(verifiable(low, curve)).to.equal(low);
        expect(verifiable(made, curve) !== undefined).to.equal(numbersOf(made)[1] <= curve.order / 2n);
        expect(verify('sha256', createHash('sha256').update(`${i}`).digest(), publicKey, low)).to.be.true;
      }
    });
  }

  it('are only of curves that Fabric knows', () => {
    expect(curveOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)).to.be.undefined;
    expect(curveOf(generateKeyPairSync('ed25519').publicKey)).to.be.undefined;
  });
});
