import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peerCommand } from '../../src/cli/peer';
import { runCommandLine } from '../../src/cli/program';
import type { Io, StopSignal } from '../../src/cli/session';
import { issueOrganisation, writeOrganisation } from '../../src/identity';
import { loadSettings, peerOptionsFrom, startGossipPeer, systemClock } from '../../src/node';
import { wallMs } from '../../src/ports/clock';

describe('gossipspec peer', function () {
  this.timeout(30_000);
  let folder: string;
  let env: Record<string, string>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'peer-'));
    const nowMs = wallMs(systemClock);
    const organisation = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs });
    const other = await issueOrganisation({ mspId: 'Org2MSP', domain: 'org2.example.com', nowMs });
    const issued = await organisation.issue({ name: 'peer9', role: 'peer', sans: ['127.0.0.1'] });
    const [peer] = writeOrganisation(folder, organisation, [issued]).identities;
    writeOrganisation(folder, other, []);
    if (peer === undefined) throw new Error('nothing was written');
    env = {
      CORE_PEER_LOCALMSPID: 'Org1MSP',
      CORE_PEER_MSPCONFIGPATH: peer.mspFolder,
      CORE_PEER_LISTENADDRESS: '127.0.0.1:0',
      CORE_PEER_ADDRESS: '127.0.0.1:7051',
      CORE_PEER_TLS_ENABLED: 'true',
      CORE_PEER_TLS_CERT_FILE: join(peer.tlsFolder, 'server.crt'),
      CORE_PEER_TLS_KEY_FILE: join(peer.tlsFolder, 'server.key'),
      CORE_PEER_TLS_ROOTCERT_FILE: join(peer.tlsFolder, 'ca.crt'),
    };
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  interface Ended {
    readonly code: number;
    readonly out: string;
    readonly err: string;
  }
  /** Runs the command; stops it as soon as it says what `stopAt` names. */
  async function peer(argv: readonly string[], variables = env, stopAt = 'listening'): Promise<Ended> {
    let [out, err] = ['', ''];
    let stop: ((signal: StopSignal) => void) | undefined;
    const io: Io = {
      out: {
        write: (text: string) => {
          out += text;
          if (text.includes(stopAt)) stop?.('SIGTERM');
        },
      },
      err: { write: (text: string) => (err += text) },
      env: variables,
      onStopSignal: (listener) => {
        stop = listener;
        return () => {
          stop = undefined;
        };
      },
    };
    const code = await runCommandLine(['peer', ...argv], io, [peerCommand]);
    expect(stop, 'nobody listens for signals any more').to.equal(undefined);
    return { code, out, err };
  }

  it('comes up, says where it listens, and stops at a signal', async () => {
    const { code, out, err } = await peer([
      '--org',
      `Org2MSP=${join(folder, 'peerOrganizations/org2.example.com/msp')}`,
    ]);
    expect(code).to.equal(0);
    expect(err).to.equal('');
    expect(out).to.match(
      /^\d\d:\d\d:\d\d\.\d{3} listening {2}127\.0\.0\.1:\d+\n\d\d:\d\d:\d\d\.\d{3} stopped\n$/,
    );
  });

  it('is coloured only where it is told to be', async () => {
    const { out } = await peer([], { ...env, FORCE_COLOR: '1' });
    expect(out).to.include('\u001b[');
    expect((await peer([], { ...env, FORCE_COLOR: '1', NO_COLOR: '1' })).out).to.not.include('\u001b[');
  });

  it('prints the settings it would run with', async () => {
    const { code, out } = await peer(['--settings'], { ...env, CORE_PEER_GOSSIP_PULLINTERVAL: '10s' });
    expect(code).to.equal(0);
    expect(out).to.include('peer.gossip.pullInterval = 10s\n    CORE_PEER_GOSSIP_PULLINTERVAL: ');
  });

  it('reads core.yaml from FABRIC_CFG_PATH, and tells of keys it does not know', async () => {
    writeFileSync(join(folder, 'core.yaml'), 'peer: { gossip: { pulInterval: 1s } }');
    const { code, err } = await peer([], { ...env, FABRIC_CFG_PATH: folder });
    expect(code).to.equal(0);
    expect(err).to.equal('gossipspec: peer.gossip.pulinterval is no setting of gossip; ignored\n');
  });

  const misuses: Record<string, [string[], Record<string, string>, RegExp]> = {
    'settings that contradict each other': [
      [],
      { CORE_PEER_GOSSIP_PULLINTERVAL: '1s' },
      /peer\.gossip\.pullInterval/,
    ],
    'no identity': [[], { CORE_PEER_MSPCONFIGPATH: '/nowhere' }, /\/nowhere/],
    'no TLS certificate': [[], { CORE_PEER_TLS_CERT_FILE: '/nowhere' }, /peer\.tls\.cert\.file: "\/nowhere"/],
    'a core.yaml that is not there': [['--config', '/nowhere'], {}, /\/nowhere: cannot be read/],
    'an organisation without folder': [['--org', 'Org2MSP'], {}, /MSPID=FOLDER/],
    'an anchor peer without port': [['--anchor', 'Org2MSP=a'], {}, /MSPID=HOST:PORT/],
  };
  for (const [title, [argv, variables, message]] of Object.entries(misuses)) {
    it(`ends with 64 for ${title}, in one line`, async () => {
      const { code, err, out } = await peer(argv, { ...env, ...variables });
      expect(code).to.equal(64);
      expect(err).to.match(message);
      expect(err.trimEnd().split('\n').length).to.be.at.most(3);
      expect(out).to.equal('');
    });
  }

  it('ends with 3 where it cannot listen', async () => {
    await using taken = await startGossipPeer(peerOptionsFrom(loadSettings({ env })));
    const { code, err } = await peer([], { ...env, CORE_PEER_LISTENADDRESS: taken.address });
    expect(code).to.equal(3);
    expect(err).to.include(taken.address);
  });
});
