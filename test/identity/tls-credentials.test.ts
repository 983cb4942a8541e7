import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  createTlsCredentials,
  issueOrganisation,
  loadTlsCredentials,
  writeOrganisation,
  type IdentityErrorCode,
  type IssuedIdentity,
  type Organisation,
  type TlsCredentials,
} from '../../src/identity';
import { NOW_MS } from './craft';
import { expectIdentityError } from './identity-error';
import { temporaryFolder } from './temporary-folder';

describe('TLS credentials', () => {
  const temporary = temporaryFolder();
  let organisation: Organisation;
  let peer: IssuedIdentity;
  let clientTls: TlsCredentials;
  let folder: string;
  let copies = 0;

  before(async () => {
    organisation = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs: NOW_MS });
    peer = await organisation.issue({ name: 'peer0', role: 'peer', separateClientTls: true });
    if (peer.clientTls === undefined) throw new Error('no client certificate was issued');
    clientTls = peer.clientTls;
  });
  beforeEach(() => {
    const root = join(temporary.path, `copy${copies++}`);
    folder = writeOrganisation(root, organisation, [peer]).identities[0]?.tlsFolder ?? '';
  });

  const remove = (file: string): void => {
    rmSync(join(folder, file));
  };
  const put = (file: string, text: string): void => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const load = () => loadTlsCredentials(folder, { nowMs: NOW_MS });

  it('are read as they were written, the server’s unless the client’s are asked for (TLS-06)', () => {
    expect(load()).to.deep.equal(peer.tls);
    expect(loadTlsCredentials(folder, { use: 'client' })).to.deep.equal(clientTls);
    expect(clientTls.leafDer).to.not.deep.equal(peer.tls.leafDer);
  });

  it('are those that there are, where there is one', () => {
    remove('server.crt');
    expect(load()).to.deep.equal(clientTls);
    put('server.crt', peer.tls.certificateChainPem);
    remove('client.crt');
    expect(loadTlsCredentials(folder, { use: 'client' })).to.deep.equal(peer.tls);
  });

  it('are read as the Fabric CA client lays them out', () => {
    for (const file of ['server.crt', 'client.crt', 'ca.crt']) remove(file);
    put('signcerts/cert.pem', peer.tls.certificateChainPem);
    put('keystore/1f3c_sk', peer.tls.privateKeyPem);
    put('tlscacerts/tls-localhost-7054.pem', organisation.tlsCa.certificatePem);
    expect(load()).to.deep.equal(peer.tls);
    put('tlsintermediatecerts/x.pem', organisation.ca.certificatePem);
    expect(load().rootsPem).to.deep.equal([
      organisation.tlsCa.certificatePem,
      organisation.ca.certificatePem,
    ]);
  });

  it('have their roots one by one', () => {
    const { certificatePem } = organisation.ca;
    put('ca.crt', `# roots\n${organisation.tlsCa.certificatePem}\n${certificatePem}`);
    expect(load().rootsPem).to.deep.equal([organisation.tlsCa.certificatePem, certificatePem]);
  });

  it('can be made from memory', () => {
    const { certificateChainPem, privateKeyPem, rootsPem } = peer.tls;
    expect(createTlsCredentials({ certificateChainPem, privateKeyPem, rootsPem })).to.deep.equal(peer.tls);
    const mixed = { certificateChainPem, privateKeyPem: clientTls.privateKeyPem, rootsPem };
    expectIdentityError(() => createTlsCredentials(mixed), 'KEY_MISMATCH', 'privateKeyPem');
    const rootless = { certificateChainPem, privateKeyPem, rootsPem: ['x'] };
    expectIdentityError(() => createTlsCredentials(rootless), 'PEM_MALFORMED', 'rootsPem');
  });

  const faults: [string, IdentityErrorCode, string, () => void][] = [
    [
      'without a key',
      'FILE_MISSING',
      'server.key',
      () => {
        remove('server.key');
      },
    ],
    [
      'without roots',
      'FILE_MISSING',
      'ca.crt',
      () => {
        remove('ca.crt');
      },
    ],
    [
      'with another’s key',
      'KEY_MISMATCH',
      'server.key',
      () => {
        put('server.key', clientTls.privateKeyPem);
      },
    ],
    [
      'with no PEM for a certificate',
      'PEM_MALFORMED',
      'server.crt',
      () => {
        put('server.crt', 'x');
      },
    ],
    [
      'with no PEM for roots',
      'PEM_MALFORMED',
      'ca.crt',
      () => {
        put('ca.crt', 'x');
      },
    ],
    [
      'with a key for roots',
      'CERTIFICATE_MALFORMED',
      'ca.crt',
      () => {
        put('ca.crt', peer.tls.privateKeyPem);
      },
    ],
    [
      'without a certificate',
      'FOLDER_MISSING',
      'signcerts',
      () => {
        remove('server.crt');
        remove('client.crt');
      },
    ],
  ];
  for (const [what, code, file, spoil] of faults) {
    it(`cannot be ${what}`, () => {
      spoil();
      expectIdentityError(load, code, join(folder, file));
    });
  }

  it('cannot be expired, or nowhere', () => {
    const nowMs = NOW_MS * 2;
    expectIdentityError(
      () => loadTlsCredentials(folder, { nowMs }),
      'CERTIFICATE_EXPIRED',
      join(folder, 'server.crt'),
    );
    const nowhere = join(folder, 'nowhere');
    expectIdentityError(() => loadTlsCredentials(nowhere), 'FOLDER_MISSING', nowhere);
  });
});
