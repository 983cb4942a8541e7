import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { expect } from 'chai';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { listChecks, runConformance } from '../../conformance/run';
import {
  issueOrganisation,
  MspRegistry,
  writeOrganisation,
  type IdentityRequest,
  type Organisation,
} from '../../src/identity';
import { startGossipPeer, systemClock, type RunningPeer } from '../../src/node';
import { wallMs } from '../../src/ports/clock';
import { cli, type Ended } from './fake-session';

/** What the user gave, or the network, is wrong: one sentence that says what to do, and the right exit code. */
describe('gossipspec conformance against what is no good', function () {
  this.timeout(30_000);
  const HOST = '127.0.0.1';
  const nowMs = wallMs(systemClock);
  const HOUR_MS = 3_600_000;
  let folder: string;
  let organisation: Organisation;
  let peer: RunningPeer;
  const servers: Server[] = [];

  /** Writes an identity as cryptogen lays it out; its folder. */
  const folderOf = async (name: string, more: Partial<IdentityRequest> = {}): Promise<string> => {
    const issued = await organisation.issue({ name, role: 'peer', sans: [HOST], ...more });
    const [written] = writeOrganisation(folder, organisation, [issued]).identities;
    if (written === undefined) throw new Error('nothing was written');
    return dirname(written.mspFolder);
  };

  /** A port on which whoever connects is treated so. */
  const portOf = async (treat: (socket: Socket) => void): Promise<string> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      treat(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
    return `${HOST}:${(server.address() as AddressInfo).port}`;
  };

  const judge = (...argv: readonly string[]): Promise<Ended> =>
    cli(['conformance', '--timing', 'connTimeout=300ms', '--timing', 'dialTimeout=300ms', ...argv], {
      conformance: { runConformance, listChecks },
    });

  /** It ended with that code and one sentence that says so; nothing was judged, and no stack shown. */
  const expectRefusal = ({ code, out, err }: Ended, expected: number, ...words: readonly RegExp[]): void => {
    expect(code, out + err).to.equal(expected);
    for (const word of words) expect(err).to.match(word);
    expect(err.trim().split('\n').length, err).to.be.at.most(2);
    expect(err).not.to.match(/^ +at /m);
    expect(out).not.to.contain('conformant');
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bad-networks-'));
    organisation = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs });
    const { identity, tls } = await organisation.issue({ name: 'peer0', role: 'peer', sans: [HOST] });
    peer = await startGossipPeer({
      identity,
      validator: new MspRegistry([organisation.msp]),
      network: {
        listenAddress: `${HOST}:0`,
        tls: {
          server: { certificate: tls.certificateChainPem, key: tls.privateKeyPem },
          serverRoots: [organisation.tlsCa.certificatePem],
        },
      },
    });
  });
  after(async () => {
    await peer.stop();
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  it('an address to listen on that is not of this machine', async () => {
    const tester = await folderOf('listener');
    // Of a range that is for documentation, and so nobody's (RFC 5737).
    const ended = await judge('--peer', peer.address, '--tester', tester, '--listen', '192.0.2.7');
    expectRefusal(ended, 64, /--listen 192\.0\.2\.7 is no address of this machine/);
  });

  it('no tester: usage', async () => {
    expectRefusal(await judge('--peer', peer.address), 64, /--tester DIR/);
  });

  it('a missing folder: usage', async () => {
    const missing = join(folder, 'nobody');
    expectRefusal(await judge('--peer', peer.address, '--tester', missing), 64, /nobody/, /msp/);
  });

  it('a folder without its keystore: usage', async () => {
    const tester = await folderOf('keyless');
    renameSync(join(tester, 'msp', 'keystore'), join(tester, 'elsewhere'));
    expectRefusal(await judge('--peer', peer.address, '--tester', tester), 64, /keystore/);
  });

  it('a key of another certificate: usage', async () => {
    const [tester, other] = [await folderOf('mixed'), await folderOf('other')];
    cpSync(join(other, 'msp', 'keystore'), join(tester, 'msp', 'keystore'), { recursive: true });
    expectRefusal(await judge('--peer', peer.address, '--tester', tester), 64, /key/, /certificate/);
  });

  it('an expired certificate: usage', async () => {
    const validity = { notBeforeMs: nowMs - 2 * HOUR_MS, notAfterMs: nowMs - HOUR_MS };
    const tester = await folderOf('late', { validity });
    expectRefusal(await judge('--peer', peer.address, '--tester', tester), 64, /expired/);
  });

  it('an expired TLS certificate: usage', async () => {
    const tlsValidity = { notBeforeMs: nowMs - 2 * HOUR_MS, notAfterMs: nowMs - HOUR_MS };
    const tester = await folderOf('tlslate', { tlsValidity });
    expectRefusal(await judge('--peer', peer.address, '--tester', tester), 64, /expired/);
  });

  it('a tester of an organisation that the peer does not know: no network', async () => {
    const stranger = await issueOrganisation({ mspId: 'Org1MSP', domain: 'strange.example.com', nowMs });
    const issued = await stranger.issue({ name: 'x', role: 'peer', sans: [HOST] });
    const [written] = writeOrganisation(folder, stranger, [issued]).identities;
    const tester = `Org1MSP=${dirname(written?.mspFolder ?? '')}`;
    expectRefusal(await judge('--no-issue', '--peer', peer.address, '--tester', tester), 3, /not accept/);
  });

  it('TLS where the peer has it off: no network', async () => {
    const plain = await portOf((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const tester = await folderOf('plain');
    expectRefusal(await judge('--peer', plain, '--tester', tester), 3, /TLS/, /say --no-tls/);
  });

  it('no TLS where the peer has it on: no network', async () => {
    const tester = await folderOf('bare');
    const ended = await judge('--no-tls', '--peer', peer.address, '--tester', tester);
    expectRefusal(ended, 3, /TLS/, /leave out --no-tls/);
  });

  it('a port on which nobody answers: no network', async () => {
    const silent = await portOf(() => undefined);
    const tester = await folderOf('patient');
    expectRefusal(await judge('--peer', silent, '--tester', tester), 3, /not connected within/);
  });

  it('a port that is closed: no network', async () => {
    const tester = await folderOf('refused');
    expectRefusal(await judge('--peer', `${HOST}:9`, '--tester', tester), 3, /refused/);
  });

  it('a port that speaks gRPC, but no gossip: no network', async () => {
    const other = new GrpcServer();
    const port = await new Promise<number>((resolve, reject) => {
      other.bindAsync(`${HOST}:0`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    const tester = await folderOf('astray');
    const ended = await judge('--no-tls', '--peer', `${HOST}:${port}`, '--tester', tester);
    other.forceShutdown();
    expectRefusal(ended, 3, /speaks gRPC, but no gossip/);
  });

  it('a port that speaks something else: no network', async () => {
    const other = await portOf((socket) => {
      socket.end('220 mail.example.com ESMTP\r\n');
    });
    const tester = await folderOf('misled');
    expectRefusal(await judge('--no-tls', '--peer', other, '--tester', tester), 3, /gossip/);
  });
});
