import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import {
  encodePem,
  issueOrganisation,
  Msp,
  MspRegistry,
  pkiIdOf,
  serializeIdentity,
  type IssuedIdentity,
  type Organisation,
} from '../../src/identity';
import * as x509 from '../../src/identity/x509-library';
import type { IdentityRefusal } from '../../src/ports/identity';
import { craft, highS, identityOf, NOW_MS, paddedR, serializedOf, withSignature, type Craft } from './craft';

const HOUR_MS = 3_600_000;

describe('MspRegistry', () => {
  let org1: Organisation;
  let org2: Organisation;
  let peer: IssuedIdentity;
  let registry: MspRegistry;

  before(async () => {
    [org1, org2] = await Promise.all([
      issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS }),
      issueOrganisation({
        mspId: 'Org2MSP',
        domain: 'org2.example.com',
        nowMs: NOW_MS,
        intermediateCa: true,
      }),
    ]);
    peer = await org1.issue({ name: 'peer0', role: 'peer' });
  });
  beforeEach(() => {
    registry = new MspRegistry([org1.msp, org2.msp]);
  });

  const expectAccepted = (serialized: Uint8Array): void => {
    expect(registry.validate(serialized, NOW_MS)).to.deep.include({ ok: true });
  };
  const expectRefused = (serialized: Uint8Array, reason: IdentityRefusal, detail = /./): void => {
    const verdict = registry.validate(serialized, NOW_MS);
    expect(verdict).to.deep.include({ ok: false, reason });
    expect(verdict.ok ? '' : verdict.detail).to.match(detail);
  };

  it('gives an identity whose PKI-ID is over the MSP-ID and the bytes as sent (ID-01, ID-02)', () => {
    const verdict = registry.validate(peer.identity.serialized, NOW_MS);
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
    const verdict = registry.validate(buffer, NOW_MS);
    buffer.fill(0);
    expect(verdict.ok && Buffer.from(verdict.identity.serialized).equals(peer.identity.serialized)).to.be
      .true;
  });

  describe('id_bytes (ID-04)', () => {
    const accepted: Record<string, (pem: string) => string> = {
      'no newline at the end': (pem) => pem.trimEnd(),
      'CRLF for newlines': (pem) => pem.replaceAll('\n', '\r\n'),
      'text before the block': (pem) => `Certificate:\n${pem}`,
      'a header in the block': (pem) => pem.replace('\n', '\nKey: value\n\n'),
      'no type': (pem) => pem.replaceAll('CERTIFICATE', ''),
    };
    for (const [how, change] of Object.entries(accepted)) {
      it(`may have ${how}, which makes another PKI-ID`, () => {
        const serialized = serializedOf('Org1MSP', change(peer.enrolment.certificatePem));
        const verdict = registry.validate(serialized, NOW_MS);
        expect(verdict.ok && Buffer.compare(verdict.identity.pkiId, peer.identity.pkiId)).to.not.equal(0);
        expectAccepted(serialized);
      });
    }

    const malformed: Record<string, [(pem: string) => string, RegExp]> = {
      'one newline more': [(pem) => `${pem}\n`, /after the PEM block/],
      'a blank after the last newline': [(pem) => `${pem} `, /after the PEM block/],
      'a second block': [(pem) => pem + pem, /after the PEM block/],
      'another type': [(pem) => pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'), /type X509 CERTIFICATE/],
      'a blank before the block': [(pem) => ` ${pem}`, /no PEM block/],
      'DER in place of PEM': [() => 'DER', /no PEM block/],
      'a private key': [() => peer.enrolment.privateKeyPem, /type PRIVATE KEY/],
      'nothing in the block': [
        () => '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
        /no X.509 certificate/,
      ],
      'a byte after the certificate': [
        () => encodePem('CERTIFICATE', Buffer.concat([peer.identity.certificate.der, Buffer.of(0)])),
        /no X.509 certificate/,
      ],
    };
    for (const [what, [change, detail]] of Object.entries(malformed)) {
      it(`must not have ${what}`, () => {
        expectRefused(serializedOf('Org1MSP', change(peer.enrolment.certificatePem)), 'malformed', detail);
      });
    }

    const unreadable: Record<string, [string, string]> = {
      'a negative serial number': ['02024d41', '0202cd41'],
      'a public key of no kind': ['2a8648ce3d0201', '2a8648ce3d0209'],
      'an extension that is no DER': ['0603551d0f0101ff04040302', '0603551d0f0101ff04040502'],
    };
    for (const [what, [from, to]] of Object.entries(unreadable)) {
      it(`must not hold a certificate with ${what}`, async () => {
        const der = Buffer.from(await craft(org1.ca)).toString('hex');
        expect(der.split(from), 'the change hits one place').to.have.length(2);
        const changed = Buffer.from(der.replace(from, to), 'hex');
        expectRefused(identityOf('Org1MSP', changed), 'malformed', /no X.509 certificate/);
      });
    }

    it('must hold a certificate whose signature is canonical DER', async () => {
      const certificate = await craft(org1.ca);
      expectAccepted(identityOf('Org1MSP', certificate));
      expectRefused(identityOf('Org1MSP', withSignature(certificate, paddedR)), 'malformed', /canonical/);
    });

    it('may hold one whose signature has a high s, which only senders avoid', async () => {
      expectAccepted(identityOf('Org1MSP', withSignature(await craft(org1.ca), highS)));
    });
  });

  describe('SerializedIdentity', () => {
    it('is refused if it does not decode', () => {
      const { serialized } = peer.identity;
      expectRefused(serialized.subarray(0, -1), 'malformed', /SerializedIdentity/);
      expectRefused(Buffer.of(), 'malformed', /SerializedIdentity/);
    });

    it('is refused if its MSP is not known (ID-05)', () => {
      const { certificatePem } = peer.enrolment;
      expectRefused(serializedOf('Org3MSP', certificatePem), 'unknown-msp', /Org3MSP/);
      expectRefused(serializedOf('org1msp', certificatePem), 'unknown-msp');
      expectRefused(serializedOf('', certificatePem), 'unknown-msp');
    });
  });

  describe('chain (ID-05)', () => {
    it('leads to the roots of the MSP that is named', async () => {
      const { identity } = await org2.issue({ name: 'peer0', role: 'peer' });
      expectAccepted(identity.serialized);
      expectRefused(identityOf('Org1MSP', identity.certificate.der), 'untrusted', /no chain/);
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
        expectRefused(identityOf('Org1MSP', await craft(org1.ca, how)), 'untrusted');
      });
    }

    it('is refused for a certificate that was changed', async () => {
      const flipped = withSignature(await craft(org1.ca), (signature) => {
        const copy = Uint8Array.from(signature);
        copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1;
        return copy;
      });
      expectRefused(identityOf('Org1MSP', flipped), 'untrusted', /no chain/);
    });

    it('is refused for CAs and TLS certificates themselves', () => {
      expectRefused(identityOf('Org1MSP', org1.ca.certificate.der), 'untrusted', /of a CA/);
      expectRefused(identityOf('Org1MSP', peer.tls.leafDer), 'untrusted', /no chain/);
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
        expectAccepted(identityOf('Org1MSP', await craft(org1.ca, how)));
      });
    }

    it('is refused where it is revoked, from the moment the list is there', async () => {
      const revoked = await org2.issue({ name: 'peer9', role: 'peer' });
      const other = await org2.issue({ name: 'peer8', role: 'peer' });
      expectAccepted(revoked.identity.serialized);
      registry.put(new Msp(await org2.revoke([revoked])));
      expectRefused(revoked.identity.serialized, 'untrusted', /revoked/);
      expectAccepted(other.identity.serialized);
    });
  });

  describe('roles (ID-06)', () => {
    for (const role of ['client', 'peer', 'admin', 'orderer']) {
      it(`may be ${role}`, async () => {
        expectAccepted(identityOf('Org1MSP', await craft(org1.ca, { organizationalUnits: [role] })));
      });
    }

    it('may come with other units', async () => {
      const organizationalUnits = ['department1', 'peer', 'blue'];
      expectAccepted(identityOf('Org1MSP', await craft(org1.ca, { organizationalUnits })));
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
        expectRefused(identityOf('Org1MSP', await craft(org1.ca, { organizationalUnits })), 'wrong-role');
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
        const verdict = registry.validate(identity.serialized, atMs);
        expect(verdict.ok ? 'fine' : verdict.reason).to.equal(ok ? 'fine' : 'expired');
      }
    });

    it('does not hide that an identity is untrusted', async () => {
      const expired = { notBeforeMs: NOW_MS - 2 * HOUR_MS, notAfterMs: NOW_MS - HOUR_MS };
      expectRefused(identityOf('Org1MSP', await craft(org1.ca, expired)), 'expired');
      expectRefused(identityOf('Org1MSP', await craft(org2.ca, expired)), 'untrusted');
    });
  });

  describe('as MSPs come and go', () => {
    it('validates anew what an MSP validated that was replaced or removed (ID-10)', async () => {
      expectAccepted(peer.identity.serialized);
      const again = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS });
      registry.put(again.msp);
      expectRefused(peer.identity.serialized, 'untrusted');
      expect(registry.remove('Org1MSP')).to.be.true;
      expectRefused(peer.identity.serialized, 'unknown-msp');
      expect(registry.remove('Org1MSP')).to.be.false;
      registry.put(org1.msp);
      expectAccepted(peer.identity.serialized);
      expect(registry.get('Org1MSP')).to.equal(org1.msp);
      expect(registry.mspIds()).to.deep.equal(['Org2MSP', 'Org1MSP']);
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
    registry.put(org3.msp);
    const { identity, enrolment } = await org3.issue({ name: 'peer0', role: 'peer' });
    expect(createPrivateKey(enrolment.privateKeyPem).asymmetricKeyDetails).to.deep.equal({
      namedCurve: 'secp384r1',
    });
    const verdict = registry.validate(identity.serialized, NOW_MS);
    const payload = Buffer.from('payload');
    expect(verdict.ok && verdict.identity.verify(payload, identity.sign(payload))).to.be.true;
  });

  it('takes the same certificate from whoever serializes it otherwise, with the same PKI-ID', () => {
    const idBytes = Buffer.from(peer.enrolment.certificatePem);
    const plain = serializeIdentity({ mspId: 'Org1MSP', idBytes });
    const unknownField = Buffer.concat([plain, Buffer.from('a20601ff', 'hex')]);
    const verdict = registry.validate(unknownField, NOW_MS);
    expect(verdict.ok && verdict.identity.pkiId).to.deep.equal(peer.identity.pkiId);
  });
});
