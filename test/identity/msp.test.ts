import { expect } from 'chai';
import { decodePem, encodePem, Msp, type IdentityErrorCode, type MspConfig } from '../../src/identity';
import { parseCertificate, type Certificate } from '../../src/identity/certificate';
import { CertificateAuthority } from '../../src/identity/issue-authority';
import { craft, craftCa, highS, NOW_MS, withSignature } from './craft';
import { expectIdentityError } from './identity-error';

const DAY_MS = 24 * 3_600_000;
const validity = { notBeforeMs: NOW_MS - DAY_MS, notAfterMs: NOW_MS + DAY_MS };

describe('Msp', () => {
  /** root ─ ica ─ lower, root ─ ica2, and a root beside it. */
  let root: CertificateAuthority;
  let ica: CertificateAuthority;
  let ica2: CertificateAuthority;
  let lower: CertificateAuthority;
  let otherRoot: CertificateAuthority;

  before(async () => {
    const ca = (commonName: string, parent?: CertificateAuthority): Promise<CertificateAuthority> =>
      CertificateAuthority.create({
        commonName,
        organization: 'o',
        validity,
        curve: 'P-256',
        ...(parent === undefined ? {} : { parent }),
      });
    [root, otherRoot] = await Promise.all([ca('root'), ca('other')]);
    [ica, ica2] = await Promise.all([ca('ica', root), ca('ica2', root)]);
    lower = await ca('lower', ica);
  });

  const pemsOf = (...cas: CertificateAuthority[]): string[] =>
    cas.map(({ certificatePem }) => certificatePem);
  const mspOf = (rootCerts: string[], intermediateCerts: string[] = [], more: Partial<MspConfig> = {}): Msp =>
    new Msp({ mspId: 'M', rootCerts, intermediateCerts, ...more });
  const by = async (ca: CertificateAuthority, organizationalUnits = ['peer']): Promise<Certificate> => {
    const certificate = parseCertificate(await craft(ca, { organizationalUnits }));
    if (certificate === undefined) throw new Error('not crafted');
    return certificate;
  };
  const verdict = async (msp: Msp, ca: CertificateAuthority, units?: string[]): Promise<string> => {
    const refusal = msp.refuses(await by(ca, units));
    return refusal === undefined ? 'fine' : `${refusal.reason}: ${refusal.detail}`;
  };

  describe('CAs', () => {
    it('issue identities below the roots, and through intermediates', async () => {
      expect(await verdict(mspOf(pemsOf(root)), root)).to.equal('fine');
      expect(await verdict(mspOf(pemsOf(root, otherRoot)), otherRoot)).to.equal('fine');
      const deep = mspOf(pemsOf(root), pemsOf(ica, lower, ica2));
      expect(await verdict(deep, lower)).to.equal('fine');
      expect(await verdict(deep, ica2)).to.equal('fine');
    });

    it('issue none if they issue intermediates, or are not known', async () => {
      expect(await verdict(mspOf(pemsOf(root), pemsOf(ica)), root)).to.match(/untrusted: its issuer issues/);
      expect(await verdict(mspOf(pemsOf(root), pemsOf(ica, lower)), ica)).to.match(/untrusted: its issuer/);
      expect(await verdict(mspOf(pemsOf(root)), ica)).to.match(/untrusted: no chain/);
      expect(await verdict(mspOf(pemsOf(root)), otherRoot)).to.match(/untrusted: no chain/);
    });

    it('lead to a root one way: a root and its successor of the same key are one too many', async () => {
      const successor = encodePem('CERTIFICATE', await craftCa(root, root));
      expect(await verdict(mspOf([root.certificatePem, successor]), root)).to.match(/untrusted: 2 chains/);
    });

    it('count once if they are given twice, or with the other s', async () => {
      const { certificate, certificatePem } = root;
      const other = encodePem('CERTIFICATE', withSignature(certificate.der, highS));
      for (const second of [certificatePem, certificatePem.replaceAll('\n', '\r\n'), other]) {
        expect(await verdict(mspOf([certificatePem, second]), root)).to.equal('fine');
      }
      expect(await verdict(mspOf([other]), root)).to.equal('fine');
    });

    it('keep to their path lengths', async () => {
      const flatRoot = encodePem('CERTIFICATE', await craftCa(root, root, { pathLength: 0 }));
      expect(await verdict(mspOf([flatRoot]), root)).to.equal('fine');
      expect(await verdict(mspOf([flatRoot], pemsOf(ica)), ica)).to.match(/untrusted: no chain/);
      const flatIca = encodePem('CERTIFICATE', await craftCa(ica, root, { pathLength: 0 }));
      expect(await verdict(mspOf(pemsOf(root), [flatIca]), ica)).to.equal('fine');
    });

    it('sign certificates only if their key usage says so', async () => {
      const notSigning = encodePem('CERTIFICATE', await craftCa(ica, root, { signsCertificates: false }));
      expect(await verdict(mspOf(pemsOf(root), [notSigning]), ica)).to.match(/untrusted: no chain/);
    });

    const wrong: [
      string,
      IdentityErrorCode,
      string,
      () => Promise<[string[], string[]]> | [string[], string[]],
    ][] = [
      ['no root', 'CA_INVALID', 'rootCerts[0]', () => [[], []]],
      ['text that is no PEM', 'PEM_MALFORMED', 'rootCerts[0]', () => [['x'], []]],
      [
        'PEM that is no certificate',
        'CERTIFICATE_MALFORMED',
        'rootCerts[1]',
        () => [[root.certificatePem, root.privateKeyPem], []],
      ],
      [
        'an identity',
        'CA_INVALID',
        'rootCerts[0]',
        async () => [[encodePem('CERTIFICATE', await craft(root))], []],
      ],
      ['an intermediate for a root', 'CA_INVALID', 'rootCerts[0]', () => [pemsOf(ica), []]],
      [
        'an intermediate below another root',
        'CA_INVALID',
        'intermediateCerts[1]',
        async () => {
          const foreign = encodePem('CERTIFICATE', await craftCa(ica2, otherRoot));
          return [pemsOf(root), [ica.certificatePem, foreign]];
        },
      ],
      [
        'without a subject key identifier',
        'CA_INVALID',
        'rootCerts[0]',
        async () => [[encodePem('CERTIFICATE', await craftCa(root, root, { subjectKeyId: false }))], []],
      ],
    ];
    for (const [what, code, path, make] of wrong) {
      it(`cannot be ${what}`, async () => {
        const [roots, intermediates] = await make();
        expectIdentityError(() => mspOf(roots, intermediates), code, path);
      });
    }

    it('for TLS have to be CAs as well', async () => {
      const tlsRootCerts = pemsOf(otherRoot);
      expect(await verdict(mspOf(pemsOf(root), [], { tlsRootCerts }), root)).to.equal('fine');
      const identity = encodePem('CERTIFICATE', await craft(otherRoot));
      expectIdentityError(
        () => mspOf(pemsOf(root), [], { tlsRootCerts: [identity] }),
        'CA_INVALID',
        'tlsRootCerts[0]',
      );
      expectIdentityError(
        () => mspOf(pemsOf(root), [], { tlsRootCerts, tlsIntermediateCerts: pemsOf(ica) }),
        'CA_INVALID',
        'tlsIntermediateCerts[0]',
      );
    });
  });

  describe('revocation lists', () => {
    it('count for what their own CA issued', async () => {
      const revoked = await by(root);
      const roots = pemsOf(root, otherRoot);
      const ofRoot = mspOf(roots, [], { revocationList: [await root.revoke([revoked], validity)] });
      expect(ofRoot.refuses(revoked)).to.deep.equal({ reason: 'untrusted', detail: 'it is revoked' });
      // The crafted certificates have the same serial number.
      expect(await verdict(ofRoot, otherRoot)).to.equal('fine');
    });

    it('count only if that CA signed them', async () => {
      const revoked = await by(root);
      const genuine = await root.revoke([revoked], validity);
      const forged = withSignature(decode(genuine), highS);
      forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
      const revocationList = [encodePem('X509 CRL', forged)];
      expect(mspOf(pemsOf(root), [], { revocationList }).refuses(revoked)).to.be.undefined;
      const both = mspOf(pemsOf(root), [], { revocationList: [...revocationList, genuine] });
      expect(both.refuses(revoked)?.reason).to.equal('untrusted');
    });

    it('may be empty', async () => {
      const revocationList = [await root.revoke([], validity)];
      expect(await verdict(mspOf(pemsOf(root), [], { revocationList }), root)).to.equal('fine');
    });

    it('must not name an intermediate of the MSP', async () => {
      const revocationList = [await root.revoke([ica.certificate], validity)];
      expectIdentityError(
        () => mspOf(pemsOf(root), pemsOf(ica), { revocationList }),
        'CA_INVALID',
        'intermediateCerts[0]',
      );
    });

    it('must be lists', () => {
      for (const [text, code] of [
        ['x', 'PEM_MALFORMED'],
        [root.certificatePem, 'CRL_MALFORMED'],
      ] as const) {
        expectIdentityError(
          () => mspOf(pemsOf(root), [], { revocationList: [text] }),
          code,
          'revocationList[0]',
        );
      }
    });
  });

  describe('organisational units', () => {
    const peerUnder = (certificate?: string): Partial<MspConfig> => ({
      nodeOus: {
        peer: { organizationalUnitIdentifier: 'peer', ...(certificate === undefined ? {} : { certificate }) },
      },
    });

    it('do not matter unless the MSP asks for them', async () => {
      expect(await verdict(mspOf(pemsOf(root)), root, [])).to.equal('fine');
      expect(await verdict(mspOf(pemsOf(root), [], { nodeOus: {} }), root, [])).to.equal('fine');
    });

    it('have the names that the MSP gives them', async () => {
      const nodeOus = {
        peer: { organizationalUnitIdentifier: 'gossipers' },
        client: { organizationalUnitIdentifier: 'peer' },
      };
      const msp = mspOf(pemsOf(root), [], { nodeOus });
      expect(await verdict(msp, root, ['gossipers'])).to.equal('fine');
      expect(await verdict(msp, root, ['peer'])).to.equal('fine');
      expect(await verdict(msp, root, ['admin'])).to.match(/wrong-role: no organisational unit of a role/);
    });

    it('count below the one CA that the MSP names with them', async () => {
      const two = mspOf(pemsOf(root, otherRoot), [], peerUnder(root.certificatePem));
      expect(await verdict(two, root)).to.equal('fine');
      expect(await verdict(two, otherRoot)).to.match(/wrong-role: .*CA that may not give it/);
      const below = mspOf(pemsOf(root), pemsOf(ica, ica2), peerUnder(ica.certificatePem));
      expect(await verdict(below, ica)).to.equal('fine');
      expect(await verdict(below, ica2)).to.match(/wrong-role/);
      const named = mspOf(pemsOf(root), pemsOf(ica, ica2), peerUnder(root.certificatePem));
      expect(await verdict(named, ica), 'the chain counts, not the root alone').to.match(/wrong-role/);
    });

    it('cannot be under a CA of another MSP, or one that issues no identities', () => {
      for (const ca of [otherRoot, ica]) {
        expectIdentityError(
          () => mspOf(pemsOf(root), pemsOf(ica, lower), peerUnder(ca.certificatePem)),
          'CA_INVALID',
          'nodeOus[0]',
        );
      }
    });

    it('can be asked for without roles', async () => {
      const organizationalUnitIdentifiers = [
        { organizationalUnitIdentifier: 'department1', certificate: root.certificatePem },
      ];
      const msp = mspOf(pemsOf(root, otherRoot), [], { organizationalUnitIdentifiers });
      expect(await verdict(msp, root, ['peer', 'department1'])).to.equal('fine');
      expect(await verdict(msp, root, ['peer'])).to.match(/wrong-role: none of the organisational units/);
      expect(await verdict(msp, root, [])).to.match(/wrong-role: .*it has none/);
      expect(await verdict(msp, otherRoot, ['department1'])).to.match(/wrong-role/);
    });
  });
});

const decode = (pem: string): Uint8Array => Uint8Array.from(decodePem(pem)?.bytes ?? []);
