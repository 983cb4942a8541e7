import { expect } from 'chai';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { FabricError } from '../../src/fabric/fabric-error';
import { NativeProcess } from '../../src/fabric/native-process';
import { leftRuns, RunFolder, sweepAbandonedRuns } from '../../src/fabric/run-folder';
import { markOf, processIdentity } from '../../src/fabric/process-identity';

const IDLE = 'console.log("up"); setInterval(() => undefined, 1_000);';

describe('processes of a native network', () => {
  let parent: string;
  let folder: RunFolder;
  const deaths: FabricError[] = [];

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'native-test-'));
    folder = RunFolder.create(parent);
    deaths.length = 0;
  });

  afterEach(() => {
    folder.killAll();
    rmSync(parent, { recursive: true, force: true });
  });

  function programOf(
    script: string,
    onDeath = (death: FabricError): number => deaths.push(death),
  ): NativeProcess {
    mkdirSync(folder.homeOf('node'), { recursive: true });
    return new NativeProcess({
      name: 'node',
      program: process.execPath,
      args: ['-e', script],
      env: {},
      folder,
      onDeath: (death) => void onDeath(death),
    });
  }

  const recordedPid = (): number =>
    (JSON.parse(readFileSync(join(folder.path, 'processes', 'node'), 'utf8')) as { pid: number }).pid;

  it('start, stop, and start again, and nobody calls that a death', async () => {
    const program = programOf(IDLE);
    expect(program.state).to.equal('stopped');
    await program.start();
    expect(program.state).to.equal('running');
    const pid = recordedPid();
    expect(processIdentity(pid)).to.equal(processIdentity(pid)).and.not.equal(processIdentity(process.pid));
    await program.stop();
    expect(program.state).to.equal('stopped');
    expect(processIdentity(pid)).to.be.undefined;
    await program.start();
    await program.kill();
    expect(deaths).to.be.empty;
  });

  it('are held and go on', async () => {
    const program = programOf(IDLE);
    await program.start();
    await program.pause();
    expect(program.state).to.equal('paused');
    await program.resume();
    expect(program.state).to.equal('running');
    await program.pause();
    await program.kill();
    expect(program.state).to.equal('stopped');
  });

  it('refuse a verb that does not fit', async () => {
    const program = programOf(IDLE);
    const refusalOf = (act: Promise<void>): Promise<unknown> => act.catch((error: unknown) => error);
    expect(await refusalOf(program.resume()))
      .to.be.instanceOf(FabricError)
      .with.property('message', 'node cannot be resumed: it is stopped.');
    await program.start();
    expect(await refusalOf(program.start()))
      .to.be.instanceOf(FabricError)
      .with.property('message', 'node cannot be started: it is running.');
    await program.kill();
  });

  it('that die say so with the end of their log', async () => {
    const death = await new Promise<FabricError>((resolve, reject) => {
      const died = (error: FabricError): number => {
        resolve(error);
        return 0;
      };
      programOf('for (let i = 1; i < 20; i += 1) console.log("line", i); process.exit(3);', died)
        .start()
        .catch(reject);
    });
    expect(death.code).to.equal('NODE_DIED');
    expect(death.message).to.match(/^node ended by itself \(exit code 3\)\. Its log says why/);
    expect(death.evidence).to.match(/^line 12\n[^]*line 19$/);
  });

  it('that panic say why, not where', async () => {
    const script =
      'console.error("panic: nil\\n\\ngoroutine 1:\\n" + "frame\\n".repeat(99)); process.exit(2);';
    const death = await new Promise<FabricError>((resolve, reject) => {
      const died = (error: FabricError): number => {
        resolve(error);
        return 0;
      };
      programOf(script, died).start().catch(reject);
    });
    expect(death.evidence).to.match(/^panic: nil\n\ngoroutine 1:\nframe/);
  });

  it('that cannot be started say so', async () => {
    mkdirSync(folder.homeOf('node'), { recursive: true });
    const death = await new Promise<FabricError>((resolve, reject) => {
      const options = { name: 'node', program: '/no/such/program', args: [], env: {}, folder };
      new NativeProcess({ ...options, onDeath: resolve }).start().catch(reject);
    });
    expect(death.code).to.equal('NO_PROGRAM');
  });

  it('write keys for their owner alone', () => {
    folder.write('node', { 'msp/keystore/priv_sk': 'secret' });
    expect(statSync(join(folder.homeOf('node'), 'msp/keystore/priv_sk')).mode & 0o077).to.equal(0);
    expect(statSync(folder.path).mode & 0o077).to.equal(0);
  });

  it('leave nothing of one that is not needed any more, and everything of the others', async () => {
    for (const name of ['node', 'other']) {
      folder.write(name, { 'core.yaml': '' });
      writeFileSync(join(folder.path, 'processes', name), '{}');
    }
    const program = programOf(IDLE);
    await program.start();
    await program.kill();
    folder.removeNode('node');
    expect(readdirSync(folder.path)).to.have.members(['owner.json', 'processes', 'other']);
    expect(readdirSync(join(folder.path, 'processes'))).to.deep.equal(['other']);
  });

  describe('left by a run that was killed', () => {
    it('are ended, and their folder is taken away', async () => {
      const program = spawn(process.execPath, ['-e', IDLE], { stdio: 'ignore' });
      const { pid } = program;
      if (pid === undefined) throw new TypeError('node does not start');
      const abandoned = await abandonedFolder(pid);
      const ended = once(program, 'exit');
      expect(sweepAbandonedRuns(parent)).to.deep.equal([abandoned.path]);
      expect((await ended)[1]).to.equal('SIGKILL');
      expect(existsSync(abandoned.path)).to.be.false;
      // The folder of the test itself is in use.
      expect(readdirSync(parent)).to.have.lengthOf(1);
    });

    it('are left alone if they were kept, until somebody asks for them', async () => {
      const program = spawn(process.execPath, ['-e', IDLE], { stdio: 'ignore', detached: true });
      const { pid } = program;
      if (pid === undefined) throw new TypeError('node does not start');
      const kept = await abandonedFolder(pid);
      kept.keep();
      expect(sweepAbandonedRuns(parent)).to.be.empty;
      expect(kept.processes()).to.deep.equal([{ node: 'node', pid }]);
      const [left, ...others] = leftRuns(parent);
      expect(others).to.be.empty;
      expect(left?.path).to.equal(kept.path);
      expect(left?.isKept).to.be.true;
      const ended = once(program, 'exit');
      left?.killAll();
      left?.remove();
      expect((await ended)[1]).to.equal('SIGKILL');
      expect(existsSync(kept.path)).to.be.false;
    });

    it('are left alone if their number belongs to another process by now', async () => {
      const stranger = spawn(process.execPath, ['-e', IDLE], { stdio: 'ignore' });
      const { pid } = stranger;
      if (pid === undefined) throw new TypeError('node does not start');
      const abandoned = await abandonedFolder(pid, (identity) => `0${identity}`);
      expect(sweepAbandonedRuns(parent)).to.deep.equal([abandoned.path]);
      expect(processIdentity(pid)).to.not.be.undefined;
      const ended = once(stranger, 'exit');
      stranger.kill('SIGKILL');
      await ended;
    });
  });

  /** A folder whose maker has ended, and which records the process `pid`. */
  async function abandonedFolder(
    pid: number,
    forge = (identity: string): string => identity,
  ): Promise<RunFolder> {
    const maker = spawn(process.execPath, ['-e', IDLE], { stdio: 'ignore' });
    const abandoned = RunFolder.create(parent);
    writeFileSync(join(abandoned.path, 'owner.json'), JSON.stringify(markOf(maker.pid ?? 0)));
    const started = { ...markOf(pid), identity: forge(processIdentity(pid) ?? '') };
    writeFileSync(join(abandoned.path, 'processes', 'node'), JSON.stringify(started));
    const ended = once(maker, 'exit');
    maker.kill('SIGKILL');
    await ended;
    return abandoned;
  }
});
