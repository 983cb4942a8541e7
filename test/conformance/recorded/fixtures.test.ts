import { expect } from 'chai';
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { judge, type RecordingRun } from '../../../conformance/recorded/run';
import { resolveSelection } from '../../../conformance/selection';
import { conclude, countClauses, exitCodeOf } from '../../../src/report/verdict';
import { temporaryFolder } from '../../capture/support';
import { captured, recordingFolder, recordings } from '../../wire/recordings';

const silent = { started: () => undefined, finished: () => undefined, note: () => undefined };

const judged = (folder: string, whom: 'peers' | 'everybody' = 'peers'): Promise<RecordingRun> =>
  judge({
    folder,
    select: resolveSelection({ clauses: [], areas: [], levels: [] }),
    judged: whom,
    signal: new AbortController().signal,
    view: silent,
    tool: { name: 'gossipspec', version: '0.0.0' },
    command: 'a test',
  });

describe('recordings of real peers, judged', function () {
  this.timeout(30_000);
  for (const name of [...recordings, ...captured]) {
    it(`${name}: real peers violate nothing`, async () => {
      const { run, signatures } = await judged(recordingFolder(name));
      expect(
        run.results
          .filter(({ verdict }) => verdict === 'fail')
          .map(({ clause, peer, reason }) => [clause.id, peer, reason]),
      ).to.deep.equal([]);
      expect(conclude(run)).to.equal('conformant');
      expect(countClauses(run.results).must.passed).to.be.at.least(55);
      expect(signatures.verified).to.be.greaterThan(300);
    });
  }

  for (const name of ['v2.5.16-member', 'v3.1.5-member'] as const) {
    it(`${name}: our own peer violates nothing either`, async () => {
      const { run } = await judged(recordingFolder(name), 'everybody');
      const ours = run.results.filter(({ peer }) => peer === 'org1.gossipspec');
      expect(ours.filter(({ verdict }) => verdict === 'fail')).to.deep.equal([]);
      expect(ours.filter(({ verdict }) => verdict === 'pass').length).to.be.at.least(50);
    });
  }

  it('nobody is accused for what was said in a line that cannot be read', async () => {
    using folder = temporaryFolder();
    cpSync(recordingFolder('v2.5.16-member'), folder.path, { recursive: true });
    const file = join(folder.path, 'envelopes.jsonl.gz');
    const lines = gunzipSync(readFileSync(file)).toString().split('\n');
    const isIdentified = (line: string): boolean => line.includes('"event":"identified"');
    const first = lines.findIndex(isIdentified);
    writeFileSync(file, gzipSync(lines.map((line) => (isIdentified(line) ? '{"event":' : line)).join('\n')));
    const { run } = await judged(folder.path);
    expect(run.inputFaults?.[0]).to.match(
      new RegExp(`envelopes\\.jsonl\\.gz:${first + 1}: the line is no JSON`),
    );
    expect(run.results.filter(({ verdict }) => verdict === 'fail')).to.deep.equal([]);
    expect(run.results.filter(({ verdict }) => verdict === 'inconclusive')).not.to.deep.equal([]);
    expect(conclude(run)).to.equal('cannot tell');
  });

  it('of a damaged recording the rest is judged, and nothing is called conformant', async () => {
    using folder = temporaryFolder();
    cpSync(recordingFolder('v2.5.16-tls'), folder.path, { recursive: true });
    appendFileSync(join(folder.path, 'envelopes.jsonl.gz'), 'what does not belong there');
    const { run } = await judged(folder.path);
    expect(run.inputFaults?.length).to.be.greaterThan(0);
    expect(run.inputFaults?.[0]).to.match(/envelopes\.jsonl\.gz(:\d+)?: /);
    expect(conclude(run)).to.equal('cannot tell');
    expect(exitCodeOf(run)).to.equal(2);
    expect(countClauses(run.results).must.passed).to.be.at.least(55);
  });
});
