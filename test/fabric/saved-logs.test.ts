import { expect } from 'chai';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FabricError } from '../../src/fabric/fabric-error';
import { leftLogs, saveLogs, withLogs } from '../../src/fabric/saved-logs';
import { nodeThatSaid } from './support/node-that-said';

describe('logs of nodes', () => {
  let folder: string;
  const before = process.env['TMPDIR'];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'saved-logs-test-'));
    process.env['TMPDIR'] = folder;
  });

  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true });
  });

  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  it('are kept in full, a file each, for their owner alone', async () => {
    const long = 'line\n'.repeat(5_000).trimEnd();
    const path = (await saveLogs([nodeThatSaid('orderer', long), nodeThatSaid('org1.peer0', 'x')])) ?? '';
    expect(path).to.match(/gossipspec-logs-\w{6}$/);
    expect(modeOf(path)).to.equal(0o700);
    expect(readdirSync(path)).to.deep.equal(['orderer.log', 'org1.peer0.log']);
    expect(readFileSync(join(path, 'orderer.log'), 'utf8')).to.equal(`${long}\n`);
    expect(modeOf(join(path, 'orderer.log'))).to.equal(0o600);
    expect(leftLogs().map(({ nodes }) => nodes)).to.deep.equal([['orderer', 'org1.peer0']]);
  });

  it('of some are kept where others cannot be had', async () => {
    const path = await saveLogs([nodeThatSaid('a', new Error('gone')), nodeThatSaid('b', 'said')]);
    expect(readdirSync(path ?? '')).to.deep.equal(['b.log']);
  });

  it('that say nothing leave nothing, nor where there is no room', async () => {
    expect(await saveLogs([nodeThatSaid('a', '')])).to.be.undefined;
    expect(readdirSync(folder)).to.be.empty;
    process.env['TMPDIR'] = '/proc/self';
    expect(await saveLogs([nodeThatSaid('a', 'said')])).to.be.undefined;
  });

  it('are named by the error of a network that failed', async () => {
    const error = new FabricError('NODE_DIED', 'It ended.', { evidence: 'why' });
    expect(await withLogs(error, [])).to.equal(error);
    const told = await withLogs(error, [nodeThatSaid('a', 'said')]);
    expect(told).to.deep.include({ code: 'NODE_DIED', evidence: 'why' });
    expect(told.message).to.equal(`It ended. All logs are in ${leftLogs()[0]?.path ?? ''}.`);
  });
});
