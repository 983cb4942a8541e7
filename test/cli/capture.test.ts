import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RecordingReader } from '../../src/capture';
import { captureCommand } from '../../src/cli/capture';
import * as recording from '../../src/cli/capture/record';
import { runCommandLine } from '../../src/cli/program';
import type { StopSignal } from '../../src/cli/session';
import { issueOrganisation, MspRegistry, writeOrganisation } from '../../src/identity';
import { startGossipPeer, systemClock } from '../../src/node';
import { wallMs } from '../../src/ports/clock';
import { temporaryFolder } from '../capture/support';

const HOST = '127.0.0.1';

describe('gossipspec capture', function () {
  this.timeout(20_000);

  it('records what a member sends and receives; a signal ends the recording properly', async () => {
    using folder = temporaryFolder();
    const nowMs = wallMs(systemClock);
    const organisation = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs });
    const [peer, member] = await Promise.all(
      ['peer0', 'peer1'].map((name) => organisation.issue({ name, role: 'peer', sans: [HOST] })),
    );
    if (peer === undefined || member === undefined) throw new Error('nobody was issued');
    const { identities } = writeOrganisation(folder.path, organisation, [member]);
    const { certificateChainPem: certificate, privateKeyPem: key } = peer.tls;
    await using running = await startGossipPeer({
      identity: peer.identity,
      validator: new MspRegistry([organisation.msp]),
      network: {
        listenAddress: `${HOST}:0`,
        tls: { server: { certificate, key }, serverRoots: [organisation.tlsCa.certificatePem] },
      },
      settings: (address) => ({ externalEndpoint: address }),
    });
    let stop: ((signal: StopSignal) => void) | undefined;
    let out = '';
    running.events.on('memberAlive', () => {
      stop?.('SIGINT');
    });
    const recorded = join(folder.path, 'recording');
    const code = await runCommandLine(
      [
        ...['capture', '--target', 'attach', '--peer', running.address, '--seconds', '15', '--out', recorded],
        ...['--tester', `Org1MSP=${dirname(identities[0]?.mspFolder ?? '')}`],
      ],
      {
        out: { write: (text) => (out += text) },
        err: { write: () => undefined },
        env: {},
        onStopSignal: (given) => {
          stop = given;
          return () => undefined;
        },
      },
      [captureCommand(() => recording)],
    );
    expect(code).to.equal(130);
    expect(out).to.contain('conn').and.to.contain('memReq');
    const reader = new RecordingReader(recorded);
    expect(reader.faults).to.deep.equal([]);
    expect(reader.manifest.finished).to.be.true;
    expect(reader.manifest.command).to.contain('gossipspec capture --target attach');
    const kinds = new Set<string>();
    for await (const one of reader) if (one.type === 'envelope') kinds.add(one.kind);
    expect([...kinds]).to.include.members(['conn', 'memReq']);
  });

  for (const [flags, why] of [
    [['--target', 'docker', '--seat', 'org1.peer0'], '--between-peers'],
    [['--target', 'native', '--seat', 'org1.peer0'], '--between-peers'],
    [['--target', 'native', '--between-peers', '--seat', 'org3.peer0'], 'is none of org1.peer0'],
    [['--target', 'native', '--scenario', 'start,loss'], 'needs --between-peers'],
    [['--target', 'native', '--between-peers', '--seed', 'x'], 'is no whole number'],
    [
      ['--target', 'native', '--between-peers', '--seat', 'org1.peer1', '--scenario', 'start,pause'],
      'ours cannot be paused',
    ],
  ] as const) {
    it(`refuses ${flags.join(' ')}`, async () => {
      using folder = temporaryFolder();
      const out = join(folder.path, 'recording');
      let told = '';
      const code = await runCommandLine(
        ['capture', '--out', out, ...flags],
        {
          out: { write: () => undefined },
          err: { write: (text) => (told += text) },
          env: {},
          onStopSignal: () => () => undefined,
        },
        [captureCommand(() => recording)],
      );
      expect(code).to.equal(64);
      expect(told).to.contain(why);
      expect(existsSync(out)).to.be.false;
    });
  }
});
