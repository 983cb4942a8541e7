import { createPrivateKey } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  issueOrganisation,
  loadLocalMsp,
  loadMsp,
  writeOrganisation,
  type IdentityErrorCode,
  type IssuedIdentity,
  type Organisation,
} from '../../src/identity';
import type { Log } from '../../src/ports/log';
import { NOW_MS } from './craft';
import { expectIdentityError } from './identity-error';
import { temporaryFolder } from './temporary-folder';

describe('MSP folders', () => {
  const temporary = temporaryFolder();
  let organisation: Organisation;
  let peer: IssuedIdentity;
  let other: IssuedIdentity;
  let foreign: IssuedIdentity;
  /** A fresh copy of the peer's MSP folder for each test. */
  let folder: string;
  let copies = 0;

  before(async () => {
    const [own, theirs] = await Promise.all([
      issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS }),
      issueOrganisation({ mspId: 'Org2MSP', domain: 'org2.example.com', nowMs: NOW_MS }),
    ]);
    organisation = own;
    [peer, other, foreign] = await Promise.all([
      own.issue({ name: 'peer0', role: 'peer' }),
      own.issue({ name: 'peer1', role: 'peer' }),
      theirs.issue({ name: 'peer0', role: 'peer' }),
    ]);
    writeOrganisation(temporary.path, organisation, [peer]);
  });
  beforeEach(() => {
    folder = join(temporary.path, `copy${copies++}`);
    const written = 'peerOrganizations/org1.example.com/peers/peer0.org1.example.com/msp';
    cpSync(join(temporary.path, written), folder, { recursive: true });
  });

  const put = (file: string, text: string): void => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const remove = (file: string): void => {
    rmSync(join(folder, file), { recursive: true });
  };
  const SIGNCERT = 'signcerts/peer0.org1.example.com-cert.pem';
  const load = () => loadLocalMsp(folder, 'Org1MSP', { nowMs: NOW_MS });
  const pkiIdLoaded = (): unknown => load().identity.pkiId;

  it('are read as they were written', () => {
    const { msp, identity } = load();
    expect(identity.pkiId).to.deep.equal(peer.identity.pkiId);
    expect(identity.mspId).to.equal('Org1MSP');
    expect(peer.identity.verify(Buffer.from('x'), identity.sign(Buffer.from('x')))).to.be.true;
    expect(msp.refuses(other.identity.certificate)).to.be.undefined;
    expect(msp.config.nodeOus).to.deep.equal(organisation.msp.config.nodeOus);
    expect(msp.config.tlsRootCerts).to.deep.equal([organisation.tlsCa.certificatePem]);
  });

  it('are read as the Fabric CA client lays them out', () => {
    renameSync(join(folder, SIGNCERT), join(folder, 'signcerts/cert.pem'));
    renameSync(join(folder, 'keystore/priv_sk'), join(folder, 'keystore/1f3c_sk'));
    const [ca = ''] = readdirSync(join(folder, 'cacerts'));
    renameSync(join(folder, 'cacerts', ca), join(folder, 'cacerts/localhost-7054-ca-org1.pem'));
    remove('config.yaml');
    put('IssuerPublicKey', 'binary');
    mkdirSync(join(folder, 'user'));
    expect(pkiIdLoaded()).to.deep.equal(peer.identity.pkiId);
  });

  it('have the key among others, whatever its file is called', () => {
    renameSync(join(folder, 'keystore/priv_sk'), join(folder, 'keystore/key.pem'));
    put('keystore/a_sk', other.enrolment.privateKeyPem);
    put('keystore/README', 'keys');
    expect(pkiIdLoaded()).to.deep.equal(peer.identity.pkiId);
  });

  it('may have the key in SEC 1', () => {
    const key = createPrivateKey(peer.enrolment.privateKeyPem);
    put('keystore/priv_sk', String(key.export({ type: 'sec1', format: 'pem' })));
    expect(pkiIdLoaded()).to.deep.equal(peer.identity.pkiId);
  });

  it('are read past files that hold no PEM, which are told of', () => {
    const told: unknown[] = [];
    const log: Log = {
      debug: () => undefined,
      info: () => undefined,
      warn: (text, fields) => told.push(text, fields),
    };
    put('cacerts/README', 'certificates of CAs');
    put('cacerts/.hidden', 'x');
    loadMsp(folder, 'Org1MSP', { log });
    expect(told).to.deep.equal([
      'skipped a file without a PEM block',
      { path: join(folder, 'cacerts/README') },
    ]);
  });

  it('have revocation lists in crls', async () => {
    const { revocationList = [] } = await organisation.revoke([other]);
    put('crls/crl.pem', revocationList.join(''));
    expect(load().msp.refuses(other.identity.certificate)?.detail).to.equal('it is revoked');
    expect(load().msp.refuses(peer.identity.certificate)).to.be.undefined;
  });

  it('that hold a certificate which other peers will refuse are loaded, with a warning', async () => {
    const told: string[] = [];
    const log: Log = { debug: () => undefined, info: () => undefined, warn: (text) => told.push(text) };
    const odd = await organisation.issue({ name: 'odd', role: 'peer', organizationalUnits: [] });
    put(SIGNCERT, odd.enrolment.certificatePem);
    put('keystore/priv_sk', odd.enrolment.privateKeyPem);
    expect(loadLocalMsp(folder, 'Org1MSP', { log }).identity.pkiId).to.deep.equal(odd.identity.pkiId);
    expect(told).to.deep.equal(['other peers will refuse this identity']);
  });

  describe('config.yaml', () => {
    const rolesOf = (yaml: string): unknown => {
      put('config.yaml', yaml);
      return loadMsp(folder, 'Org1MSP').config.nodeOus;
    };
    const admin = 'AdminOUIdentifier:\n    OrganizationalUnitIdentifier: boss\n';

    it('switches roles on and off', () => {
      expect(rolesOf(`NodeOUs:\n  Enable: true\n  ${admin}`)).to.deep.equal({
        admin: { organizationalUnitIdentifier: 'boss' },
      });
      expect(rolesOf(`NodeOUs:\n  Enable: yes\n  ${admin}`)).to.have.property('admin');
      expect(rolesOf(`NodeOUs:\n  Enable: false\n  ${admin}`)).to.be.undefined;
      expect(rolesOf(`NodeOUs:\n  ${admin}`)).to.be.undefined;
      expect(rolesOf('')).to.be.undefined;
    });

    it('may name a certificate that is not there, as in Fabric', () => {
      const yaml = `NodeOUs:\n  Enable: true\n  ${admin}    Certificate: cacerts/none.pem\n`;
      expect(rolesOf(yaml)).to.deep.equal({ admin: { organizationalUnitIdentifier: 'boss' } });
    });

    it('may ask for organisational units', () => {
      const [ca = ''] = readdirSync(join(folder, 'cacerts'));
      const unit = `- Certificate: cacerts/${ca}\n  OrganizationalUnitIdentifier: department1\n`;
      put('config.yaml', `OrganizationalUnitIdentifiers:\n${unit}`);
      expect(load().msp.refuses(peer.identity.certificate)?.reason).to.equal('wrong-role');
    });

    for (const [what, yaml] of Object.entries({
      'no YAML': 'NodeOUs: [',
      'no mapping': 'NodeOUs: on',
      'a text for a switch': 'NodeOUs:\n  Enable: "true"\n',
      'a list for a role': 'NodeOUs:\n  Enable: true\n  PeerOUIdentifier: []\n',
      'a number for a name':
        'NodeOUs:\n  Enable: true\n  PeerOUIdentifier:\n    OrganizationalUnitIdentifier: 1\n',
      'a mapping for a list': 'OrganizationalUnitIdentifiers:\n  a: b\n',
      'a unit whose certificate is not there':
        'OrganizationalUnitIdentifiers:\n- Certificate: none.pem\n  OrganizationalUnitIdentifier: x\n',
    })) {
      it(`cannot be ${what}`, () => {
        put('config.yaml', yaml);
        expectIdentityError(load, 'CONFIG_MALFORMED', join(folder, 'config.yaml'));
      });
    }

    it('cannot put a role under what is no CA', () => {
      put('config.yaml', `NodeOUs:\n  Enable: true\n  ${admin}    Certificate: ${SIGNCERT}\n`);
      expectIdentityError(load, 'CA_INVALID', join(folder, 'config.yaml'));
    });
  });

  const without = (file: string) => (): void => {
    remove(file);
  };
  const holding = (file: string, text: () => string) => (): void => {
    put(file, text());
  };
  const key = (): string => peer.enrolment.privateKeyPem;
  const certificate = (): string => peer.enrolment.certificatePem;
  const encryptedKey = (type: 'pkcs8' | 'sec1') => (): string => {
    const cipher = { cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    return String(createPrivateKey(key()).export({ type, format: 'pem', ...cipher }));
  };
  const KEY = 'keystore/priv_sk';
  const faults: Record<string, [IdentityErrorCode, string, () => void]> = {
    'without cacerts': ['FOLDER_MISSING', 'cacerts', without('cacerts')],
    'with cacerts that hold nothing': [
      'FILE_MISSING',
      'cacerts',
      () => {
        remove('cacerts');
        mkdirSync(join(folder, 'cacerts'));
      },
    ],
    'with a key in cacerts': ['CERTIFICATE_MALFORMED', 'cacerts/x.pem', holding('cacerts/x.pem', key)],
    'with an identity in cacerts': ['CA_INVALID', 'cacerts/x.pem', holding('cacerts/x.pem', certificate)],
    'with an identity in tlscacerts': [
      'CA_INVALID',
      'tlscacerts/x.pem',
      holding('tlscacerts/x.pem', certificate),
    ],
    'with a certificate in crls': ['CRL_MALFORMED', 'crls/x.pem', holding('crls/x.pem', certificate)],
    'without signcerts': ['FOLDER_MISSING', 'signcerts', without('signcerts')],
    'with no PEM in signcerts': ['FILE_MISSING', 'signcerts', holding(SIGNCERT, () => 'x')],
    'with a key in signcerts': ['CERTIFICATE_MALFORMED', SIGNCERT, holding(SIGNCERT, key)],
    'with a certificate of another organisation': [
      'CERTIFICATE_UNTRUSTED',
      SIGNCERT,
      holding(SIGNCERT, () => foreign.enrolment.certificatePem),
    ],
    'without keystore': ['FILE_MISSING', 'keystore', without('keystore')],
    'with another’s key': ['KEY_MISMATCH', 'keystore', holding(KEY, () => other.enrolment.privateKeyPem)],
    'with no PEM for a key': ['KEY_MALFORMED', KEY, holding(KEY, () => 'x')],
    'with an encrypted key': ['KEY_ENCRYPTED', KEY, holding(KEY, encryptedKey('pkcs8'))],
    'with an encrypted key of the old kind': ['KEY_ENCRYPTED', KEY, holding(KEY, encryptedKey('sec1'))],
  };
  for (const [what, [code, file, spoil]] of Object.entries(faults)) {
    it(`cannot be ${what}`, () => {
      spoil();
      expectIdentityError(load, code, join(folder, file));
    });
  }

  it('cannot be nowhere, or a file', () => {
    const nowhere = join(folder, 'nowhere');
    expectIdentityError(() => loadMsp(nowhere, 'Org1MSP'), 'FOLDER_MISSING', nowhere);
    const file = join(folder, 'config.yaml');
    expectIdentityError(() => loadMsp(file, 'Org1MSP'), 'FOLDER_MISSING', file);
  });

  it('cannot be read where a folder is in the place of a file', () => {
    remove('config.yaml');
    mkdirSync(join(folder, 'config.yaml'));
    expectIdentityError(load, 'UNREADABLE', join(folder, 'config.yaml'));
  });

  it('cannot hold an expired certificate, unless time does not matter', () => {
    const path = join(folder, SIGNCERT);
    const nowMs = peer.identity.notAfterMs + 1;
    expectIdentityError(() => loadLocalMsp(folder, 'Org1MSP', { nowMs }), 'CERTIFICATE_EXPIRED', path);
    expect(loadLocalMsp(folder, 'Org1MSP').identity.pkiId).to.deep.equal(peer.identity.pkiId);
  });
});
