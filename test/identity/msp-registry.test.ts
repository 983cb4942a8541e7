import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import {
  issueOrganisation,
  Msp,
  MspRegistry,
  pkiIdOf,
  type IssuedIdentity,
  type Organisation,
} from '../../src/identity';
import * as x509 from '../../src/identity/x509-library';
import { craft, identityOf, NOW_MS, withSignature, type Craft } from './craft';
import { issueCast, RegistryBench, type RegistryCast } from './registry-bench';

const HOUR_MS = 3_600_000;

describe('MspRegistry', () => {
  let cast: RegistryCast;
  let org1: Organisation;
  let org2: Organisation;
  let peer: IssuedIdentity;
  let bench: RegistryBench;

  before(async () => {
    cast = await issueCast();
    ({ org1, org2, peer } = cast);
  });
  beforeEach(() => {
    bench = new RegistryBench(cast);
  });

  it('gives an identity whose PKI-ID is over the MSP-ID and the bytes as sent (ID-01, ID-02)', () => {
    const verdict = bench.registry.validate(peer.identity.serialized, NOW_MS);
    if (!verdict.ok) throw new Error(verdict.detail);
    const { identity } = verdict;
    expect(identity.mspId).to.equal('Org1MSP');
    expect(identity.pkiId).to.deep.equal(pkiIdOf('Org1MSP', Buffer.from(peer.enrolment.certificatePem)));
    expect(Buffer.from(identity.serialized).equals(peer.identity.serialized)).to.be.true;
    expect(identity.notAfterMs).to.equal(peer.identity.notAfterMs);
    const payload = Buffer.from('payload');
    expect(identity.verify(payload, peer.identity.sign(payload))).to.be.true;
  });

  it('keeps the identity as it came, not the buffer it came in', () => {
    const buffer = Buffer.from(peer.identity.serialized);
    const verdict = bench.registry.validate(buffer, NOW_MS);
    buffer.fill(0);
    expect(verdict.ok && Buffer.from(verdict.identity.serialized).equals(peer.identity.serialized)).to.be
      .true;
  });

  describe('chain (ID-05)', () => {
    it('leads to the roots of the MSP that is named', async () => {
      const { identity } = await org2.issue({ name: 'peer0', role: 'peer' });
      bench.expectAccepted(identity.serialized);
      bench.expectRefused(identityOf('Org1MSP', identity.certificate.der), 'untrusted', /no chain/);
    });

    const untrusted: Record<string, Craft> = {
      'is self-signed': { selfSigned: true },
      'is that of a CA': { extensions: [new x509.BasicConstraintsExtension(true, undefined, true)] },
      'has a critical extension that nobody knows': {
        extensions: [new x509.Extension('1.2.3.4', true, Buffer.of(5, 0))],
      },
      'is for TLS clients alone': {
        extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
      },
      'is signed over SHA-1': { hash: 'SHA-1' },
      'was valid before its CA': { notBeforeMs: NOW_MS - 400 * 24 * HOUR_MS },
      'was valid for less than a second': { notBeforeMs: NOW_MS, notAfterMs: NOW_MS },
      'has an RSA key': { publicKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey },
      'has an Ed25519 key': { publicKey: generateKeyPairSync('ed25519').publicKey },
    };
    for (const [what, how] of Object.entries(untrusted)) {
      it(`is refused for a certificate that ${what}`, async () => {
        bench.expectRefused(identityOf('Org1MSP', await craft(org1.ca, how)), 'untrusted');
      });
    }

    it('is refused for a certificate that was changed', async () => {
      const flipped = withSignature(await craft(org1.ca), (signature) => {
        const copy = Uint8Array.from(signature);
        copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
        return copy;
      });
      bench.expectRefused(identityOf('Org1MSP', flipped), 'untrusted', /no chain/);
    });

    it('is refused for CAs and TLS certificates themselves', () => {
      bench.expectRefused(identityOf('Org1MSP', org1.ca.certificate.der), 'untrusted', /of a CA/);
      bench.expectRefused(identityOf('Org1MSP', peer.tls.leafDer), 'untrusted', /no chain/);
    });

    const trusted: Record<string, Craft> = {
      'says that it is no CA': { extensions: [new x509.BasicConstraintsExtension(false, undefined, true)] },
      'names another authority key': { extensions: [new x509.AuthorityKeyIdentifierExtension('0011')] },
      'is for TLS servers too': {
        extensions: [
          new x509.ExtendedKeyUsageExtension([
            x509.ExtendedKeyUsage.clientAuth,
            x509.ExtendedKeyUsage.serverAuth,
          ]),
        ],
      },
      'has the attributes of a Fabric CA': {
        extensions: [new x509.Extension('1.2.3.4.5.6.7.8.1', false, Buffer.from('{"attrs":{}}'))],
      },
      'is signed over SHA-384': { hash: 'SHA-384' },
      'is not valid yet': { notBeforeMs: NOW_MS + HOUR_MS, notAfterMs: NOW_MS + 2 * HOUR_MS },
    };
    for (const [what, how] of Object.entries(trusted)) {
      it(`is accepted for a certificate that ${what}`, async () => {
        bench.expectAccepted(identityOf('Org1MSP', await craft(org1.ca, how)));
      });
    }

    it('is refused where it is revoked, from the moment the list is there', async () => {
      const revoked = await org2.issue({ name: 'peer9', role: 'peer' });
      const other = await org2.issue({ name: 'peer8', role: 'peer' });
      bench.expectAccepted(revoked.identity.serialized);
      bench.registry.put(new Msp(await org2.revoke([revoked])));
      bench.expectRefused(revoked.identity.serialized, 'untrusted', /revoked/);
      bench.expectAccepted(other.identity.serialized);
    });
  });

  describe('roles (ID-06)', () => {
    for (const role of ['client', 'peer', 'admin', 'orderer']) {
      it(`may be ${role}`, async () => {
        bench.expectAccepted(identityOf('Org1MSP', await craft(org1.ca, { organizationalUnits: [role] })));
      });
    }

    it('may come with other units', async () => {
      const organizationalUnits = ['department1', 'peer', 'blue'];
      bench.expectAccepted(identityOf('Org1MSP', await craft(org1.ca, { organizationalUnits })));
    });

    const wrong: Record<string, string[]> = {
      none: [],
      'another unit': ['department1'],
      'two of them': ['peer', 'client'],
      'one of them twice': ['peer', 'peer'],
      'one in capitals': ['Peer'],
    };
    for (const [what, organizationalUnits] of Object.entries(wrong)) {
      it(`must not be ${what}`, async () => {
        bench.expectRefused(
          identityOf('Org1MSP', await craft(org1.ca, { organizationalUnits })),
          'wrong-role',
        );
      });
    }
  });

  describe('expiry (ID-07)', () => {
    it('is judged by the clock, on identities that are remembered too', async () => {
      const validity = { notBeforeMs: NOW_MS - HOUR_MS, notAfterMs: NOW_MS + HOUR_MS };
      const { identity } = await org1.issue({ name: 'short', role: 'peer', validity });
      expect(identity.notAfterMs).to.equal(NOW_MS + HOUR_MS);
      for (const [atMs, ok] of [
        [NOW_MS, true],
        [identity.notAfterMs, true],
        [identity.notAfterMs + 1, false],
        [NOW_MS, true],
      ] as const) {
        const verdict = bench.registry.validate(identity.serialized, atMs);
        expect(verdict.ok ? 'fine' : verdict.reason).to.equal(ok ? 'fine' : 'expired');
      }
    });

    it('does not hide that an identity is untrusted', async () => {
      const expired = { notBeforeMs: NOW_MS - 2 * HOUR_MS, notAfterMs: NOW_MS - HOUR_MS };
      bench.expectRefused(identityOf('Org1MSP', await craft(org1.ca, expired)), 'expired');
      bench.expectRefused(identityOf('Org1MSP', await craft(org2.ca, expired)), 'untrusted');
    });
  });

  describe('as MSPs come and go', () => {
    it('validates anew what an MSP validated that was replaced or removed (ID-10)', async () => {
      bench.expectAccepted(peer.identity.serialized);
      const again = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS });
      bench.registry.put(again.msp);
      bench.expectRefused(peer.identity.serialized, 'untrusted');
      expect(bench.registry.remove('Org1MSP')).to.be.true;
      bench.expectRefused(peer.identity.serialized, 'unknown-msp');
      expect(bench.registry.remove('Org1MSP')).to.be.false;
      bench.registry.put(org1.msp);
      bench.expectAccepted(peer.identity.serialized);
      expect(bench.registry.get('Org1MSP')).to.equal(org1.msp);
      expect(bench.registry.mspIds()).to.deep.equal(['Org2MSP', 'Org1MSP']);
    });

    it('remembers identities up to its bound, the ones last used', async () => {
      const small = new MspRegistry([org1.msp], { maxCachedIdentities: 2 });
      const issued = await Promise.all(['a', 'b', 'c'].map((name) => org1.issue({ name, role: 'peer' })));
      const identityAt = (index: number): unknown => {
        const serialized = issued[index]?.identity.serialized ?? Buffer.of();
        const verdict = small.validate(serialized, NOW_MS);
        return verdict.ok ? verdict.identity : verdict;
      };
      const [a, b] = [identityAt(0), identityAt(1)];
      expect(identityAt(0), 'a is remembered').to.equal(a);
      identityAt(2);
      expect(identityAt(0), 'a was used after b').to.equal(a);
      expect(identityAt(1), 'b had to go').to.not.equal(b);
    });
  });

  it('takes identities on P-384, signed over SHA-256 like all (SIGN-03)', async () => {
    const org3 = await issueOrganisation({ mspId: 'Org3MSP', domain: 'o3', nowMs: NOW_MS, curve: 'P-384' });
    bench.registry.put(org3.msp);
    const { identity, enrolment } = await org3.issue({ name: 'peer0', role: 'peer' });
    expect(createPrivateKey(enrolment.privateKeyPem).asymmetricKeyDetails).to.deep.equal({
      namedCurve: 'secp384r1',
    });
    const verdict = bench.registry.validate(identity.serialized, NOW_MS);
    const payload = Buffer.from('payload');
    expect(verdict.ok && verdict.identity.verify(payload, identity.sign(payload))).to.be.true;
  });
});
