import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FabricError } from '../../src/fabric/fabric-error';
import { timingProfiles } from '../../src/fabric/gossip-profile';
import { programOf, startNativeNetwork } from '../../src/fabric/native-network';
import type { NativePrograms } from '../../src/fabric/native-programs';
import { defaultSettings } from '../../src/fabric/network-settings';
import { processIdentity } from '../../src/fabric/process-identity';
import { systemClock, systemRandom } from '../../src/node';

/** A program that tells a version; started as a node it does `script`. */
const program = (script: string): string =>
  `#!/bin/sh\nif [ "$1" = version ]; then echo " Version: v2.5.16"; exit; fi\n${script}\n`;
const IDLE = 'echo "pid $$"; exec /bin/sleep 60';

describe('a native network that does not come up', () => {
  let folder: string;
  let before: string | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'native-network-test-'));
    before = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(folder, 'tmp');
    rmSync(join(folder, 'tmp'), { recursive: true, force: true });
  });

  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true, force: true });
  });

  function put(scripts: { readonly peer: string; readonly orderer: string }): void {
    for (const [name, script] of Object.entries(scripts)) {
      writeFileSync(join(folder, name), program(script));
      chmodSync(join(folder, name), 0o755);
    }
  }

  /** What it is rejected with; `parent` is where run folders are made. */
  async function failure(
    parent = mkdtempSync(join(folder, 'tmp-')),
    signal = new AbortController().signal,
  ): Promise<{ error: unknown; left: readonly string[] }> {
    process.env['TMPDIR'] = parent;
    try {
      const network = await startNativeNetwork({
        settings: { ...defaultSettings, timers: timingProfiles.fast },
        binaries: [folder],
        clock: systemClock,
        random: systemRandom,
        signal,
      });
      await network[Symbol.asyncDispose]();
      return { error: undefined, left: [] };
    } catch (error) {
      return { error, left: parent.startsWith(folder) ? readdirSync(parent) : [] };
    }
  }

  it('says which node died and shows the end of its log; nothing is left but all logs', async () => {
    put({ peer: IDLE, orderer: 'echo "starting"; echo "FATA no such ledger"; exit 7' });
    const { error, left } = await failure();
    expect(error).to.be.instanceOf(FabricError).with.property('code', 'NODE_DIED');
    expect(error)
      .to.have.property('message')
      .that.matches(/^orderer ended by itself \(exit code 7\)\. Its log says why/);
    expect(error).to.have.property('evidence', 'starting\nFATA no such ledger');
    expect(left).to.have.length(1);
    expect(left[0]).to.match(/^gossipspec-logs-\w{6}$/);
  });

  it('says what to do about an address that somebody took', async () => {
    put({ peer: IDLE, orderer: 'echo "listen tcp 127.0.0.1:7050: bind: address already in use"; exit 1' });
    const { error } = await failure();
    expect(error).to.have.property('message').that.contains('run again, or end that program');
  });

  it('starts a node that panics once more, and no more than that', async () => {
    const log = join(folder, 'starts');
    put({ peer: IDLE, orderer: `echo start >> ${log}; echo "panic: nil"; exit 2` });
    const { error } = await failure();
    expect(error)
      .to.have.property('evidence')
      .that.matches(/^panic: nil/);
    expect(readFileSync(log, 'utf8')).to.equal('start\nstart\n');
  });

  it('says where nothing can be written', async () => {
    put({ peer: IDLE, orderer: IDLE });
    const { error } = await failure('/proc/self');
    expect(error).to.be.instanceOf(FabricError).with.property('code', 'NO_SPACE');
    expect(error).to.have.property('message').that.contains('name another folder by TMPDIR');
  });

  it('is given up at once when it is aborted, and its processes with it', async () => {
    const pids = join(folder, 'pids');
    put({ peer: IDLE, orderer: `echo $$ > ${pids}; exec /bin/sleep 60` });
    const controller = new AbortController();
    const parent = mkdtempSync(join(folder, 'tmp-'));
    const ended = failure(parent, controller.signal);
    const pid = await firstLine(pids);
    expect(processIdentity(pid)).not.to.be.undefined;
    controller.abort(new Error('enough'));
    const { error, left } = await ended;
    expect(error).to.have.property('message', 'enough');
    expect(left).to.be.empty;
    expect(processIdentity(pid)).to.be.undefined;
  });

  it('is taken away by an exception that nobody catches', async () => {
    const pids = join(folder, 'pids');
    put({ peer: IDLE, orderer: `echo $$ > ${pids}; exec /bin/sleep 60` });
    const parent = mkdtempSync(join(folder, 'tmp-'));
    const root = join(__dirname, '../..');
    const script = `
      const { startNativeNetwork } = require('${root}/src/fabric/native-network');
      const { timingProfiles } = require('${root}/src/fabric/gossip-profile');
      const { defaultSettings } = require('${root}/src/fabric/network-settings');
      const { systemClock: clock, systemRandom: random } = require('${root}/src/node');
      const settings = { ...defaultSettings, timers: timingProfiles.fast };
      const { signal } = new AbortController();
      void startNativeNetwork({ settings, binaries: ['${folder}'], clock, random, signal });
      process.stdin.on('data', () => { throw new Error('nobody catches this'); });`;
    const child = spawn(process.execPath, ['--require', join(root, 'ts-node.cjs'), '-e', script], {
      env: { ...process.env, TMPDIR: parent },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ended = once(child, 'exit');
    const pid = await firstLine(pids);
    child.stdin.write('now');
    expect((await ended)[0]).to.not.equal(0);
    expect(readdirSync(parent)).to.be.empty;
    expect(processIdentity(pid)).to.be.undefined;
  }).timeout(20_000);

  /** The number in a file of the folder that is about to be written. */
  async function firstLine(path: string): Promise<number> {
    const changes = watch(folder);
    try {
      for (;;) {
        const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
        if (text.endsWith('\n')) return Number(text);
        await once(changes, 'change');
      }
    } finally {
      changes.close();
    }
  }
});

describe('a native network of two versions', () => {
  it('has the orderer of the first, and peers of each in turn', () => {
    const of = (version: string): NativePrograms => {
      const one = { path: version, version, major: Number(version.charAt(0)) };
      return { peer: one, orderer: one };
    };
    const programs = [of('2.5.16'), of('3.1.5')];
    const versions = ['orderer', 'org1.peer0', 'org1.peer1', 'org2.peer0', 'org2.peer1'].map(
      (name) => programOf(name, programs).version,
    );
    expect(versions).to.deep.equal(['2.5.16', '2.5.16', '3.1.5', '2.5.16', '3.1.5']);
  });
});
