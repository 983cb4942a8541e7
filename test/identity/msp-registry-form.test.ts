import { expect } from 'chai';
import { encodePem, serializeIdentity, type IssuedIdentity, type Organisation } from '../../src/identity';
import { craft, highS, identityOf, NOW_MS, paddedR, serializedOf, withSignature } from './craft';
import { issueCast, RegistryBench, type RegistryCast } from './registry-bench';

describe('MspRegistry, of the form of identities', () => {
  let cast: RegistryCast;
  let org1: Organisation;
  let peer: IssuedIdentity;
  let bench: RegistryBench;

  before(async () => {
    cast = await issueCast();
    ({ org1, peer } = cast);
  });
  beforeEach(() => {
    bench = new RegistryBench(cast);
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
        const verdict = bench.registry.validate(serialized, NOW_MS);
        expect(verdict.ok && Buffer.compare(verdict.identity.pkiId, peer.identity.pkiId)).to.not.equal(0);
        bench.expectAccepted(serialized);
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
        bench.expectRefused(
          serializedOf('Org1MSP', change(peer.enrolment.certificatePem)),
          'malformed',
          detail,
        );
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
        bench.expectRefused(identityOf('Org1MSP', changed), 'malformed', /no X.509 certificate/);
      });
    }

    it('must hold a certificate whose signature is canonical DER', async () => {
      const certificate = await craft(org1.ca);
      bench.expectAccepted(identityOf('Org1MSP', certificate));
      bench.expectRefused(
        identityOf('Org1MSP', withSignature(certificate, paddedR)),
        'malformed',
        /canonical/,
      );
    });

    it('may hold one whose signature has a high s, which only senders avoid', async () => {
      bench.expectAccepted(identityOf('Org1MSP', withSignature(await craft(org1.ca), highS)));
    });
  });

  describe('SerializedIdentity', () => {
    it('is refused if it does not decode', () => {
      const { serialized } = peer.identity;
      bench.expectRefused(serialized.subarray(0, -1), 'malformed', /SerializedIdentity/);
      bench.expectRefused(Buffer.of(), 'malformed', /SerializedIdentity/);
    });

    it('is refused if its MSP is not known (ID-05)', () => {
      const { certificatePem } = peer.enrolment;
      bench.expectRefused(serializedOf('Org3MSP', certificatePem), 'unknown-msp', /Org3MSP/);
      bench.expectRefused(serializedOf('org1msp', certificatePem), 'unknown-msp');
      bench.expectRefused(serializedOf('', certificatePem), 'unknown-msp');
    });
  });

  it('takes the same certificate from whoever serializes it otherwise, with the same PKI-ID', () => {
    const idBytes = Buffer.from(peer.enrolment.certificatePem);
    const plain = serializeIdentity({ mspId: 'Org1MSP', idBytes });
    const unknownField = Buffer.concat([plain, Buffer.from('a20601ff', 'hex')]);
    const verdict = bench.registry.validate(unknownField, NOW_MS);
    expect(verdict.ok && verdict.identity.pkiId).to.deep.equal(peer.identity.pkiId);
  });
});
