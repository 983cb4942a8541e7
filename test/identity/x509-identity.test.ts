import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import {
  createSigningIdentity,
  encodePem,
  issueOrganisation,
  type IssuedIdentity,
  type Organisation,
} from '../../src/identity';
import { craft, highS, NOW_MS, numbersOf, P256_ORDER, withSignature } from './craft';
import { expectIdentityError } from './identity-error';

describe('signing identities', () => {
  let organisation: Organisation;
  let peer: IssuedIdentity;
  const payload = Buffer.from('payload');

  before(async () => {
    organisation = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS });
    peer = await organisation.issue({ name: 'peer0', role: 'peer' });
  });

  it('make signatures that they verify, always with the lower s (SIGN-03)', () => {
    for (let i = 0; i < 40; i++) {
      const signature = peer.identity.sign(payload);
      expect(numbersOf(signature)[1] <= P256_ORDER / 2n).to.be.true;
      expect(peer.identity.verify(payload, signature)).to.be.true;
    }
  });

  it('verify no other payload, no high s, and nothing empty (SIGN-03, SIGN-09)', () => {
    const signature = peer.identity.sign(payload);
    expect(peer.identity.verify(Buffer.from('Payload'), signature)).to.be.false;
    expect(peer.identity.verify(payload, highS(signature))).to.be.false;
    expect(peer.identity.verify(payload, Buffer.of())).to.be.false;
    expect(peer.identity.verify(Buffer.of(), peer.identity.sign(Buffer.of()))).to.be.false;
  });

  describe('are what a Fabric peer makes of its certificate', () => {
    const changes: Record<string, (pem: string) => string> = {
      CRLF: (pem) => pem.replaceAll('\n', '\r\n'),
      'text around it': (pem) => `Certificate:\n  Version: 3\n${pem}\nmore\n`,
      'other lines': (pem) => pem.replace(/\n(?=[A-Za-z0-9+/])/g, '\n\n'),
    };
    for (const [what, change] of Object.entries(changes)) {
      it(`so ${what} does not change the PKI-ID`, () => {
        const { certificatePem, privateKeyPem } = peer.enrolment;
        const changed = { certificatePem: change(certificatePem), privateKeyPem };
        const { pkiId, serialized } = createSigningIdentity(organisation.msp, changed);
        expect(pkiId).to.deep.equal(peer.identity.pkiId);
        expect(serialized).to.deep.equal(peer.identity.serialized);
      });
    }

    it('so the signature on the certificate does not either', () => {
      const { privateKeyPem } = peer.enrolment;
      const other = encodePem('CERTIFICATE', withSignature(peer.identity.certificate.der, highS));
      expect(other).to.not.equal(peer.enrolment.certificatePem);
      const { pkiId } = createSigningIdentity(organisation.msp, { certificatePem: other, privateKeyPem });
      expect(pkiId).to.deep.equal(peer.identity.pkiId);
    });

    it('but one that no CA of the MSP issued stays as it is', async () => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const foreign = await craft(organisation.tlsCa, { publicKey });
      const certificatePem = encodePem('CERTIFICATE', withSignature(foreign, highS));
      const privateKeyPem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const identity = createSigningIdentity(organisation.msp, { certificatePem, privateKeyPem });
      expect(Buffer.from(identity.serialized).includes(certificatePem)).to.be.true;
    });
  });

  it('cannot be made of a certificate and another’s key, or of an expired certificate', async () => {
    const other = await organisation.issue({ name: 'peer1', role: 'peer' });
    const { certificatePem, privateKeyPem } = peer.enrolment;
    const make =
      (material: { certificatePem: string; privateKeyPem: string }, nowMs = NOW_MS) =>
      () =>
        createSigningIdentity(organisation.msp, material, { nowMs });
    const mixed = { certificatePem, privateKeyPem: other.enrolment.privateKeyPem };
    expectIdentityError(make(mixed), 'KEY_MISMATCH', 'privateKeyPem');
    expectIdentityError(make({ certificatePem: 'x', privateKeyPem }), 'PEM_MALFORMED', 'certificatePem');
    expectIdentityError(make({ certificatePem, privateKeyPem: 'x' }), 'KEY_MALFORMED', 'privateKeyPem');
    const late = peer.identity.notAfterMs + 1;
    expectIdentityError(
      make({ certificatePem, privateKeyPem }, late),
      'CERTIFICATE_EXPIRED',
      'certificatePem',
    );
    expect(make({ certificatePem, privateKeyPem }, late - 1)).to.not.throw();
  });

  it('cannot be made of an RSA key', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const certificatePem = encodePem('CERTIFICATE', await craft(organisation.ca, { publicKey }));
    const privateKeyPem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const make = () => createSigningIdentity(organisation.msp, { certificatePem, privateKeyPem });
    expectIdentityError(make, 'KEY_UNSUPPORTED', 'certificatePem');
  });
});
