import Ajv from 'ajv';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runConformance } from '../../conformance/run';
import { resolveSelection } from '../../conformance/selection';
import type { CheckResult, KnownDeviation, RunResult } from '../../src/report/model';
import { jsonReport, versionsJson } from '../../src/report/json';
import { embedded, failed, result, run, strange } from './sample-run';

const SCHEMA = join(__dirname, '../../schema/report.schema.json');

/** A schema that lets no object have more than it names: whatever is written is to be described. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return 'properties' in inside && 'required' in inside ? { additionalProperties: false, ...inside } : inside;
}

const published: unknown = JSON.parse(readFileSync(SCHEMA, 'utf8'));

/** What is wrong with a report, by the schema; empty if nothing is. */
function faults(text: string, schema = strict(published) as object): string {
  const ajv = new Ajv({ allErrors: true });
  return ajv.validate(schema, JSON.parse(text)) === true ? '' : ajv.errorsText();
}

const deviation: KnownDeviation = {
  clause: 'CONN-07',
  version: 'any',
  peer: undefined,
  check: 'refuses a wrong hash',
  failure: 'accepted',
  reason: 'x',
  link: 'https://example.com/1',
  expires: '2026-12-31',
};
const everyVerdict: readonly CheckResult[] = [
  result('pass', {
    waits: [{ what: 'silence', ms: 50 }],
    observed: { what: 'heartbeats', needed: 3, seen: 4 },
  }),
  failed({ listed: { deviation, state: 'expired' } }),
  failed({ verdict: 'known-deviation', listed: { deviation, state: 'holds' } }),
  result('inconclusive', { attempts: [{ verdict: 'fail', reason: 'x', because: 'it could not judge' }] }),
  result('not-run', { reason: 'TLS is off' }),
];
const rich: RunResult = run(everyVerdict, {
  gate: {
    require: 'must',
    minClauses: 3,
    baseline: {
      file: 'baseline.yaml',
      deviations: [
        { deviation, peer: 'a', state: 'holds' },
        { deviation, peer: undefined, state: 'expired' },
      ],
    },
  },
  lost: [{ clause: result('pass').clause, title: 'a', peer: 'b' }],
  unexpected: [strange],
  unjudged: [{ clause: result('pass').clause, reason: 'nothing shows it' }],
  network: { upMs: 1.5, downMs: undefined },
  kept: ['a'],
  logs: '/tmp/x',
  harnessErrors: ['TypeError'],
});

describe('the schema of the JSON report', () => {
  it('describes reports whole', () => {
    for (const one of [
      rich,
      run([]),
      run([failed()], { target: embedded, network: { upMs: 1, downMs: 2 } }),
      run([result('pass')], { gate: { require: undefined, minClauses: undefined, baseline: undefined } }),
    ]) {
      expect(faults(jsonReport(one))).to.equal('');
    }
  });

  it('describes reports of several versions', () => {
    const versions = [
      { label: 'Fabric 2.5.16', run: rich },
      { label: 'Fabric 3.1.5', noNetwork: 'no such image' },
    ];
    expect(faults(versionsJson(versions, 1))).to.equal('');
  });

  it('lets fields be added, and none be taken away or changed', () => {
    const report = JSON.parse(jsonReport(rich)) as Record<string, unknown>;
    const changed = (rest: object): string =>
      faults(JSON.stringify({ ...report, ...rest }), published as object);
    expect(changed({ more: 1 })).to.equal('');
    expect(changed({ conclusion: 'fine' })).to.contain('conclusion');
    expect(changed({ counts: undefined })).to.contain("'counts'");
    expect(changed({ durationMs: '1' })).to.contain('durationMs');
  });

  it('describes the report of a real run', async function () {
    this.timeout(60_000);
    const done = await runConformance({
      target: { kind: 'embedded', tls: true },
      timing: { coreYaml: undefined, overrides: {} },
      fabricVersion: undefined,
      select: resolveSelection({
        clauses: ['CONN-01', 'CONN-05', 'TLS-09', 'RPC-09'],
        areas: [],
        levels: [],
      }),
      jobs: undefined,
      times: 1,
      seed: 7,
      destructive: false,
      record: undefined,
      gate: { require: 'should', minClauses: 1, baseline: { file: 'none', deviations: [deviation] } },
      signal: new AbortController().signal,
      view: { started: () => undefined, finished: () => undefined, note: () => undefined },
      tool: { name: 'gossipspec', version: '0' },
      command: 'none',
    });
    const text = jsonReport(done);
    expect(faults(text)).to.equal('');
    expect(done.seed).to.equal(7);
    // CONN-05 waits for the end of a stream.
    expect(
      done.results
        .flatMap(({ waits = [] }) => waits)
        .map(({ what }) => what)
        .join(),
    ).to.contain('stream');
    expect(done.gate?.baseline?.deviations[0]?.state).to.equal('not-judged');
  });
});
