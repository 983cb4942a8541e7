import { verify } from 'node:crypto';
import { expect } from 'chai';
import { hasLowS, publicKeyOf, withoutDer, withOtherS } from '../../../conformance/steps/ecdsa';
import {
  disguised,
  relabelled,
  rewrapped,
  unmet,
  withLongSignature,
  withPem,
} from '../../../conformance/steps/identities';
import {
  issueOrganisation,
  MspRegistry,
  pkiIdOf,
  type Organisation,
  type X509SigningIdentity,
} from '../../../src/identity';
import { systemClock, systemRandom } from '../../../src/node';
import { wallMs } from '../../../src/ports/clock';

const nowMs = (): number => wallMs(systemClock);

for (const curve of ['P-256', 'P-384'] as const) {
  describe(`identities and signatures with one thing wrong, on ${curve}`, () => {
    let organisation: Organisation;
    let identity: X509SigningIdentity;

    before(async () => {
      organisation = await issueOrganisation({
        mspId: 'Org1MSP',
        domain: 'org1.example.com',
        nowMs: nowMs(),
        curve,
      });
      ({ identity } = await organisation.issue({ name: 'peer0', role: 'peer' }));
    });

    it('has a low and a high s that both verify', () => {
      const key = publicKeyOf(identity.serialized);
      if (key === undefined) throw new Error('no key');
      for (let i = 0; i < 20; i++) {
        const payload = Uint8Array.of(i);
        const low = identity.sign(payload);
        const high = withOtherS(low, key);
        expect([hasLowS(low, key), hasLowS(high, key)]).to.deep.equal([true, false]);
        expect(verify('sha256', payload, key, high), 'by mathematics alone').to.equal(true);
        expect(identity.verify(payload, high), 'by Fabric’s rule').to.equal(false);
        const raw = withoutDer(low, key);
        expect(verify('sha256', payload, { key, dsaEncoding: 'ieee-p1363' }, raw)).to.equal(true);
        expect(hasLowS(raw, key), 'no DER').to.equal(undefined);
      }
    });

    it('computes the PKI-ID of what is really sent', () => {
      const other = disguised(identity, { idBytes: Uint8Array.of(1) });
      expect(other.pkiId).to.deep.equal(pkiIdOf('Org1MSP', Uint8Array.of(1)));
    });

    it('makes forms of a PEM of which an MSP takes those it must, and no others', () => {
      const registry = new MspRegistry([organisation.msp]);
      const taken = (change: (pem: string) => string): boolean =>
        registry.validate(withPem(identity, change).serialized, nowMs()).ok;
      expect(
        taken((pem) => pem),
        'as it is',
      ).to.equal(true);
      expect(taken(rewrapped), 'in longer lines').to.equal(true);
      expect(
        registry.validate(unmet(identity, systemRandom).serialized, nowMs()).ok,
        'behind a line',
      ).to.equal(true);
      expect(
        taken((pem) => `${pem}\n`),
        'a newline too many',
      ).to.equal(false);
      expect(taken(relabelled), 'another label').to.equal(false);
      expect(taken(withLongSignature), 'a byte behind r and s').to.equal(false);
    });
  });
}
