import { expect } from 'chai';
import { jsonReport } from '../../src/report/json';
import { embedded, failed, result, run } from './sample-run';

describe('the JSON report', () => {
  it('holds the run, the counts, the conclusion and the exit code under stable names', () => {
    const results = [result('pass', { id: 'CONN-01' }), failed()];
    const text = jsonReport(run(results));
    expect(text.endsWith('}\n')).to.be.true;
    expect(JSON.parse(text)).to.deep.equal({
      formatVersion: 1,
      tool: { name: 'gossipspec', version: '0.1.0' },
      startedAt: '2026-01-02T03:04:05.678Z',
      durationMs: 12_345,
      command: 'npm run conformance -- --peer 127.0.0.1:7051',
      target: {
        kind: 'attach',
        real: true,
        description: '1 peer, TLS, 2 testers of Org1MSP',
        fabricVersion: '2.5.16',
        peers: ['127.0.0.1:7051'],
      },
      conclusion: 'not conformant',
      exitCode: 1,
      counts: {
        must: { passed: 1, failed: 1, knownDeviations: 0, inconclusive: 0, notRun: 0 },
        should: { passed: 0, failed: 0, knownDeviations: 0, inconclusive: 0, notRun: 0 },
        impl: { passed: 0, failed: 0, knownDeviations: 0, inconclusive: 0, notRun: 0 },
      },
      results,
      harnessErrors: [],
    });
  });

  it('writes null for a version that nobody knows', () => {
    expect(JSON.parse(jsonReport(run([], { target: embedded })))).to.have.nested.property(
      'target.fabricVersion',
      null,
    );
  });
});
