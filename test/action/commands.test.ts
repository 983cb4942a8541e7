import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isClauseId } from '../../conformance/clauses';
import { readBaseline } from '../../src/cli/baseline-file';
import { cli } from '../cli/fake-session';

const ROOT = join(__dirname, '../..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const scripts = (JSON.parse(text('package.json')) as { scripts: Readonly<Record<string, string>> }).scripts;

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

const workflows = readdirSync(join(ROOT, '.github/workflows')).map((name) => `.github/workflows/${name}`);

const stepsOf = (path: string): readonly Step[] => {
  const { jobs } = parse(text(path)) as {
    jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
  };
  return Object.values(jobs).flatMap(({ steps }) => steps);
};

/** Every script that runs somewhere in CI, with where. */
const shell: readonly (readonly [string, string])[] = [
  ...workflows.flatMap((path) =>
    stepsOf(path).flatMap(({ run }) => (run === undefined ? [] : [[path, run] as const])),
  ),
  ['.ci/run', text('.ci/run')],
];

interface Call {
  readonly where: string;
  readonly script: string;
  readonly flags: readonly string[];
}

/** What is run of package.json, `npm test` included. */
const calls: readonly Call[] = shell.flatMap(([where, lines]) =>
  [...lines.matchAll(/npm (?:run (?:--silent )?)?(?!ci\b)([a-z:]+)(?: -- ([^|;&\n]*))?/g)].map(
    ([, script = '', rest = '']) => ({ where, script, flags: rest.match(/--[a-z-]+/g) ?? [] }),
  ),
);

/** The step of this name, as the runner would run it: in a folder of its own, with these variables. */
function runStep(name: string, folder: string, env: Readonly<Record<string, string>>): number | null {
  const step = workflows.flatMap(stepsOf).find((one) => one.name === name);
  const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } };
  return spawnSync('bash', ['-e', '-o', 'pipefail', '-c', step?.run ?? 'exit 99'], options).status;
}

describe('what CI runs', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'workflow-test-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('are scripts of this package', () => {
    expect(calls).not.to.be.empty;
    for (const { where, script } of calls) expect(scripts, where).to.include.keys(script);
  });

  it('gives commands only flags that they have', async () => {
    for (const { where, script, flags } of calls) {
      if (flags.length === 0) continue;
      const { out } = await cli([script, '--help']);
      for (const flag of flags) expect(out, `${where}: npm run ${script}`).to.match(new RegExp(`${flag}\\b`));
    }
  });

  it('gives the action only options of conformance, and clauses that there are', async () => {
    const { out } = await cli(['conformance', '--help']);
    const options = workflows.flatMap(stepsOf).flatMap((step) => step.with?.['options']?.split('\n') ?? []);
    const called = [...options, ...(text('.github/judge.sh').match(/(?:option|each) --[a-z-]+/g) ?? [])];
    for (const option of called) {
      const [, flag = '', value] = /(--[a-z-]+)(?:=(.*))?$/.exec(option.trim()) ?? [];
      expect(out, option).to.contain(`${flag} `);
      if (flag === '--clause') expect(isClauseId(value ?? ''), option).to.be.true;
    }
  });

  it('writes a baseline that the suite can read', () => {
    expect(runStep('A baseline that lists what passes', folder, {})).to.equal(0);
    const { deviations } = readBaseline(join(folder, 'baseline.yaml'));
    expect(deviations.map(({ clause }) => clause)).to.deep.equal(['CONN-01']);
  });

  it('demands that the gate closes twice, each time for its own reason', () => {
    const both = 'Both must have failed, for these reasons';
    const stale = 'failure, stale baseline';
    const little = 'failure, cannot tell';
    expect(runStep(both, folder, { STALE: stale, LITTLE: little })).to.equal(0);
    expect(runStep(both, folder, { STALE: 'success, conformant', LITTLE: little })).to.equal(1);
    expect(runStep(both, folder, { STALE: stale, LITTLE: 'failure, no verdict' })).to.equal(1);
  });

  it('tells the job what has drifted', () => {
    writeFileSync(join(folder, 'drift.txt'), 'CONN-07 changed\n');
    const summary = join(folder, 'summary');
    expect(runStep('Tell', folder, { GITHUB_STEP_SUMMARY: summary })).to.equal(0);
    expect(readFileSync(summary, 'utf8')).to.equal('```text\nCONN-07 changed\n```\n');
  });
});
