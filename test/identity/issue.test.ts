import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import {
  createSigningIdentity,
  identityFiles,
  issueOrganisation,
  loadLocalMsp,
  MspRegistry,
  openOrganisation,
  writeOrganisation,
  type IssuedIdentity,
  type Organisation,
  type OrganisationFolders,
} from '../../src/identity';
import { parseCertificate } from '../../src/identity/certificate';
import { isCanonical } from '../../src/identity/ecdsa';
import { NOW_MS, numbersOf, P256_ORDER } from './craft';
import { expectIdentityError } from './identity-error';
import { temporaryFolder } from './temporary-folder';

const HOUR_MS = 3_600_000;

describe('issued organisations', () => {
  let organisation: Organisation;
  let peer: IssuedIdentity;
  let admin: IssuedIdentity;

  before(async () => {
    organisation = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS });
    [peer, admin] = await Promise.all([
      organisation.issue({ name: 'peer0', role: 'peer' }),
      organisation.issue({ name: 'Admin', role: 'admin' }),
    ]);
  });

  it('name nodes and users as cryptogen does', () => {
    expect(peer.name).to.equal('peer0.org1.example.com');
    expect(admin.name).to.equal('Admin@org1.example.com');
    const { subject } = new X509Certificate(peer.enrolment.certificatePem);
    expect(subject.split('\n')).to.deep.equal(['OU=peer', 'CN=peer0.org1.example.com']);
  });

  it('sign certificates with the lower s, so that Fabric sends them as they are', async () => {
    const { ca, msp } = organisation;
    const { notBeforeMs, notAfterMs } = ca.certificate;
    for (let i = 0; i < 10; i++) {
      const issued = await ca.issue({
        commonName: `peer${i}`,
        organizationalUnits: ['peer'],
        validity: { notBeforeMs, notAfterMs },
        curve: 'P-256',
      });
      const certificate = parseCertificate(issued.der);
      const signature = certificate?.signature ?? Buffer.of();
      expect(isCanonical(signature)).to.be.true;
      expect(numbersOf(signature)[1] <= P256_ORDER / 2n).to.be.true;
      const { serialized } = createSigningIdentity(msp, issued);
      expect(Buffer.from(serialized).includes(issued.certificatePem)).to.be.true;
    }
    expect(numbersOf(ca.certificate.signature)[1] <= P256_ORDER / 2n).to.be.true;
  });

  it('have TLS certificates by a root of their own, for both ends, with the SANs asked for', async () => {
    const sans = ['localhost', '127.0.0.1', '::1'];
    const { tls, clientTls } = await organisation.issue({
      name: 'a',
      role: 'peer',
      sans,
      separateClientTls: true,
    });
    for (const credentials of [tls, clientTls]) {
      const certificate = new X509Certificate(credentials?.certificateChainPem ?? '');
      expect(certificate.subjectAltName).to.match(
        /DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1/,
      );
      expect(certificate.keyUsage).to.deep.equal(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
      expect(certificate.checkIssued(new X509Certificate(organisation.tlsCa.certificatePem))).to.be.true;
      expect(certificate.checkIP('127.0.0.1')).to.equal('127.0.0.1');
    }
    const byDefault = new X509Certificate(peer.tls.certificateChainPem);
    expect(byDefault.subjectAltName).to.equal('DNS:peer0.org1.example.com, DNS:peer0');
    expect(peer.clientTls).to.be.undefined;
  });

  it('issue for the time asked for, expired certificates too', async () => {
    const validity = { notBeforeMs: NOW_MS - 48 * HOUR_MS, notAfterMs: NOW_MS - HOUR_MS };
    const tlsValidity = { notAfterMs: NOW_MS + 12_000 };
    const { identity, tls } = await organisation.issue({ name: 'old', role: 'peer', validity, tlsValidity });
    expect(identity.notAfterMs).to.equal(NOW_MS - HOUR_MS);
    const registry = new MspRegistry([organisation.msp]);
    expect(registry.validate(identity.serialized, NOW_MS)).to.include({ ok: false, reason: 'expired' });
    expect(registry.validate(identity.serialized, NOW_MS - 2 * HOUR_MS)).to.include({ ok: true });
    expect(Date.parse(new X509Certificate(tls.certificateChainPem).validTo)).to.equal(NOW_MS + 12_000);
  });

  it('may have an intermediate CA, which then issues', async () => {
    const deep = await issueOrganisation({
      mspId: 'Org2MSP',
      domain: 'org2.example.com',
      nowMs: NOW_MS,
      intermediateCa: true,
    });
    const { identity } = await deep.issue({ name: 'peer0', role: 'peer' });
    expect(new MspRegistry([deep.msp]).validate(identity.serialized, NOW_MS)).to.include({ ok: true });
    const issuer = new X509Certificate(Buffer.from(identity.certificate.der)).issuer;
    expect(issuer).to.match(/CN=ica\.org2\.example\.com$/);
    expect(deep.msp.config.intermediateCerts).to.have.length(1);
  });

  it('give CAs what Fabric asks of them', () => {
    for (const { certificate } of [organisation.ca, organisation.tlsCa]) {
      expect(certificate.basicConstraints).to.deep.equal({ ca: true, pathLength: undefined });
      expect(certificate.subjectKeyId).to.match(/^[0-9a-f]{40}$/);
      expect(certificate.keyUsage).to.equal(1 + 32 + 64);
    }
  });

  describe('in folders', () => {
    const temporary = temporaryFolder();
    let written: OrganisationFolders;
    before(() => {
      written = writeOrganisation(temporary.path, organisation, [peer, admin]);
    });

    it('are laid out as by cryptogen', () => {
      const files = readdirSync(written.folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(relative(temporary.path, entry.parentPath), entry.name))
        .sort();
      const own = 'peerOrganizations/org1.example.com';
      const peerFolder = `${own}/peers/peer0.org1.example.com`;
      const userFolder = `${own}/users/Admin@org1.example.com`;
      const mspOf = (folder: string): string[] => [
        `${folder}/msp/cacerts/ca.org1.example.com-cert.pem`,
        `${folder}/msp/config.yaml`,
        `${folder}/msp/tlscacerts/tlsca.org1.example.com-cert.pem`,
      ];
      expect(files).to.deep.equal(
        [
          `${own}/ca/ca.org1.example.com-cert.pem`,
          `${own}/ca/priv_sk`,
          `${own}/tlsca/tlsca.org1.example.com-cert.pem`,
          `${own}/tlsca/priv_sk`,
          ...mspOf(own),
          ...mspOf(peerFolder),
          `${peerFolder}/msp/keystore/priv_sk`,
          `${peerFolder}/msp/signcerts/peer0.org1.example.com-cert.pem`,
          `${peerFolder}/tls/ca.crt`,
          `${peerFolder}/tls/server.crt`,
          `${peerFolder}/tls/server.key`,
          ...mspOf(userFolder),
          `${userFolder}/msp/keystore/priv_sk`,
          `${userFolder}/msp/signcerts/Admin@org1.example.com-cert.pem`,
          `${userFolder}/tls/ca.crt`,
          `${userFolder}/tls/client.crt`,
          `${userFolder}/tls/client.key`,
        ].sort(),
      );
    });

    it('say where things are', () => {
      expect(written.identities.map(({ name }) => name)).to.deep.equal([peer.name, admin.name]);
      const { identity } = loadLocalMsp(written.identities[1]?.mspFolder ?? '', 'Org1MSP');
      expect(identity.pkiId).to.deep.equal(admin.identity.pkiId);
    });

    it('keep keys to their owner', () => {
      const keys = readdirSync(written.folder, { recursive: true, withFileTypes: true })
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => /priv_sk$|\.key$/.test(path));
      expect(keys).to.have.length(6);
      for (const path of keys) expect(statSync(path).mode & 0o777, path).to.equal(0o600);
    });

    it('can be had one identity at a time, without a disk', () => {
      const files = identityFiles(organisation, admin);
      const home = join(written.folder, 'users', admin.name);
      const onDisk = readdirSync(home, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(home, join(entry.parentPath, entry.name)));
      expect(Object.keys(files).sort()).to.deep.equal(onDisk.sort());
      for (const [path, text] of Object.entries(files)) {
        expect(readFileSync(join(home, path), 'utf8'), path).to.equal(text);
      }
    });

    it('name the CA of each role', () => {
      const yaml = readFileSync(join(written.mspFolder, 'config.yaml'), 'utf8');
      expect(yaml).to.include('PeerOUIdentifier:\n    Certificate: cacerts/ca.org1.example.com-cert.pem\n');
    });

    it('can be taken up again to issue more', async () => {
      const again = await openOrganisation(written.folder, 'Org1MSP', { nowMs: NOW_MS });
      expect(again).to.include({ domain: 'org1.example.com', kind: 'peer', mspId: 'Org1MSP' });
      const { identity, tls } = await again.issue({ name: 'tester', role: 'peer' });
      expect(organisation.msp.refuses(identity.certificate)).to.be.undefined;
      const certificate = new X509Certificate(tls.certificateChainPem);
      expect(certificate.verify(organisation.tlsCa.certificate.publicKey)).to.be.true;
    });

    it('cannot be taken up without the CA’s key', async () => {
      const { folder } = writeOrganisation(join(temporary.path, 'keyless'), organisation, []);
      writeFileSync(join(folder, 'ca/priv_sk'), peer.enrolment.privateKeyPem);
      const failure = await openOrganisation(folder, 'Org1MSP', { nowMs: NOW_MS }).catch(
        (error: unknown) => error,
      );
      expectIdentityError(
        () => {
          throw failure;
        },
        'KEY_MISMATCH',
        join(folder, 'ca'),
      );
    });

    it('of orderers are in a folder of their own', async () => {
      const orderers = await issueOrganisation({
        mspId: 'OrdererMSP',
        domain: 'example.com',
        nowMs: NOW_MS,
        kind: 'orderer',
      });
      const orderer = await orderers.issue({ name: 'orderer', role: 'orderer' });
      const { folder, identities } = writeOrganisation(temporary.path, orderers, [orderer]);
      expect(relative(temporary.path, folder)).to.equal('ordererOrganizations/example.com');
      expect(relative(folder, identities[0]?.tlsFolder ?? '')).to.equal('orderers/orderer.example.com/tls');
      expect((await openOrganisation(folder, 'OrdererMSP', { nowMs: NOW_MS })).kind).to.equal('orderer');
    });

    it('cannot be written into a file', () => {
      const file = join(temporary.path, 'file');
      writeFileSync(file, '');
      const first = 'peerOrganizations/org1.example.com/msp/cacerts/ca.org1.example.com-cert.pem';
      expectIdentityError(() => writeOrganisation(file, organisation, []), 'UNREADABLE', join(file, first));
    });

    it('with an intermediate CA come back the same', async () => {
      const deep = await issueOrganisation({
        mspId: 'Org2MSP',
        domain: 'o2',
        nowMs: NOW_MS,
        intermediateCa: true,
      });
      const { mspFolder, folder } = writeOrganisation(temporary.path, deep, []);
      const again = await openOrganisation(folder, 'Org2MSP', { nowMs: NOW_MS });
      const { identity } = await again.issue({ name: 'peer0', role: 'peer' });
      expect(deep.msp.refuses(identity.certificate)).to.be.undefined;
      expect(readdirSync(mspFolder)).to.include('intermediatecerts');
    });
  });
});
