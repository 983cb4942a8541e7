import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../../conformance/harness/targets/leftovers'; // Loading it in a test, as the command does, would look like a leak.
import { markOf } from '../../src/fabric/process-identity';
import { RunFolder } from '../../src/fabric/run-folder';
import { saveLogs } from '../../src/fabric/saved-logs';
import { nodeThatSaid } from '../fabric/support/node-that-said';
import { cli } from './fake-session';

describe('gossipspec clean', () => {
  let folder: string;
  const before = { TMPDIR: process.env['TMPDIR'], DOCKER_HOST: process.env['DOCKER_HOST'] };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clean-test-'));
    process.env['TMPDIR'] = folder;
    // What somebody keeps on an engine is none of a test's business.
    process.env['DOCKER_HOST'] = `unix://${folder}/no-engine`;
  });

  afterEach(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  /** The folder of a run whose process has ended. */
  function leftRun(): RunFolder {
    const run = RunFolder.create();
    const { pid } = spawnSync('/bin/true');
    writeFileSync(
      join(run.path, 'owner.json'),
      JSON.stringify({ ...markOf(process.pid), pid, identity: 'gone' }),
    );
    return run;
  }

  it('says where there is nothing', async () => {
    expect(await cli(['clean'])).to.deep.include({ code: 0, out: 'nothing to remove\n', err: '' });
  });

  it('removes logs that were kept', async () => {
    const logs = await saveLogs([nodeThatSaid('orderer', 'a'), nodeThatSaid('org1.peer0', 'b')]);
    writeFileSync(join(folder, 'gossipspec-logs-notes.txt'), 'not ours');
    const dry = await cli(['clean', '--dry-run']);
    expect(dry.out).to.equal(`would remove logs ${logs}, of orderer, org1.peer0\n1 thing to remove\n`);
    expect(existsSync(logs ?? '')).to.be.true;
    expect((await cli(['clean'])).out).to.equal(
      `removed logs ${logs}, of orderer, org1.peer0\n1 thing removed\n`,
    );
    expect(readdirSync(folder)).to.deep.equal(['gossipspec-logs-notes.txt']);
  });

  it('removes what was kept and what killed runs left, and nothing of a run under way', async () => {
    const [killed, kept, underWay] = [leftRun(), leftRun(), RunFolder.create()];
    kept.keep();
    writeFileSync(join(folder, 'gossipspec-run-notes.txt'), 'not ours');
    const dry = await cli(['clean', '--dry-run']);
    expect(dry.code).to.equal(0);
    expect(dry.out)
      .to.contain(`would remove run ${killed.path}, which was killed: no process of it runs\n`)
      .and.contain(`would remove run ${kept.path}, which was kept: no process of it runs\n`)
      .and.match(/\n2 things to remove\n$/);
    expect(existsSync(killed.path)).to.be.true;
    const { code, out } = await cli(['clean']);
    expect(code).to.equal(0);
    expect(out).to.match(/^removed run .*\nremoved run .*\n2 things removed\n$/);
    expect(readdirSync(folder).map((name) => join(folder, name))).to.have.members([
      underWay.path,
      join(folder, 'gossipspec-run-notes.txt'),
    ]);
  });
});
