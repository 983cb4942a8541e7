import { expect } from 'chai';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReportFileError, checkReportPath, writeReport } from '../../src/report/write-report';

/** What a promise rejects with. */
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('writing a report', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gossipspec-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('replaces what was there and leaves nothing else', async () => {
    const path = join(folder, 'report.json');
    await writeFile(path, 'old and longer');
    await writeReport(path, 'new');
    expect(await readFile(path, 'utf8')).to.equal('new');
    expect(await readdir(folder)).to.deep.equal(['report.json']);
  });

  it('says where it cannot write, and why', async () => {
    const path = join(folder, 'missing', 'report.json');
    for (const attempt of [checkReportPath(path), writeReport(path, 'x')]) {
      const error = await rejection(attempt);
      expect(error).to.be.instanceOf(ReportFileError);
      expect(error)
        .to.have.property('message')
        .that.matches(/^cannot write a report to .*report\.json: ENOENT/);
    }
  });

  it('finds out beforehand that a path is a folder', async () => {
    expect(await rejection(checkReportPath(folder)))
      .to.have.property('message')
      .that.matches(/it is a folder$/);
    expect(await rejection(checkReportPath(join(folder, 'report.json')))).to.equal(undefined);
  });

  it('leaves nothing behind where it fails', async () => {
    const error = await rejection(writeReport(folder, 'x'));
    expect(error).to.be.instanceOf(ReportFileError);
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
