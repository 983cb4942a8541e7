import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { jsonReport } from '../../src/report/json';
import { failed, run } from '../report/sample-run';

const ROOT = join(__dirname, '../..');
const SCRIPT = join(ROOT, '.github/judge.sh');
const read = (path: string): unknown => parse(readFileSync(join(ROOT, path), 'utf8'));

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly 'runs-on': string;
  readonly 'timeout-minutes': number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps: readonly Step[];
}

const action = read('action.yml') as Action;
const workflowOf = (name: string): Workflow => read(`.github/workflows/${name}`) as Workflow;
const workflow = workflowOf('conformance.yml');

/** The expressions of a text, such as `inputs.target`. */
const expressions = (text: string): readonly string[] =>
  [...text.matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)].flatMap(([, inside]) => inside ?? []);

/** What is wrong with any step, of an action or a workflow. */
function expectSound(step: Step): void {
  expect([step.uses, step.run].filter(Boolean), JSON.stringify(step)).to.have.length(1);
  if (step.uses !== undefined) expect(step.uses).to.match(/^(\.\/|[\w-]+\/[\w-]+@v\d+)$/);
  // What is put into a script is run.
  if (step.run !== undefined) expect(expressions(step.run)).to.be.empty;
}

describe('the action', () => {
  it('has sound steps, each script with a shell', () => {
    expect(action.runs.using).to.equal('composite');
    for (const step of action.runs.steps) {
      expectSound(step);
      if (step.run !== undefined) expect(step.shell).to.equal('bash');
    }
  });

  it('uses every input that it declares, and declares each that it uses', () => {
    const used = action.runs.steps.flatMap((step) => [
      ...Object.values(step.with ?? {}).flatMap(expressions),
      ...Object.values(step.env ?? {}).flatMap(expressions),
    ]);
    expect([...used].sort()).to.deep.equal(
      Object.keys(action.inputs)
        .map((name) => `inputs.${name}`)
        .sort(),
    );
    for (const { description } of Object.values(action.inputs)) expect(description).not.to.be.empty;
  });

  it('has the outputs that its script writes', () => {
    const ids = action.runs.steps.flatMap(({ id }) => id ?? []);
    const script = readFileSync(SCRIPT, 'utf8');
    for (const [name, { value }] of Object.entries(action.outputs)) {
      expect(expressions(value)).to.deep.equal([`steps.${ids[0] ?? ''}.outputs.${name}`]);
      expect(script).to.match(new RegExp(`echo "${name}=|for report in .*\\b${name}\\b`));
    }
  });

  it('gives the script every variable that it reads', () => {
    const judging = action.runs.steps.find(({ id }) => id === 'judge');
    const script = readFileSync(SCRIPT, 'utf8');
    const wanted = [...script.matchAll(/\$([A-Z]\w+)/g)].flatMap(([, name]) => name ?? []);
    const given = [...Object.keys(judging?.env ?? {}), 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'];
    expect([...new Set(wanted)].sort()).to.deep.equal(given.sort());
  });
});

describe('every workflow', () => {
  for (const name of readdirSync(join(ROOT, '.github/workflows'))) {
    it(`${name} may read and nothing else, and has sound jobs`, () => {
      const { permissions, jobs } = workflowOf(name);
      expect(permissions).to.deep.equal({ contents: 'read' });
      for (const job of Object.values(jobs)) {
        expect(job['runs-on']).to.equal('ubuntu-latest');
        expect(job['timeout-minutes']).to.be.a('number');
        job.steps.forEach(expectSound);
      }
    });
  }
});

describe('the workflow that judges', () => {
  it('judges both lines of Fabric', () => {
    expect(workflow.jobs['fabric']?.strategy?.matrix).to.deep.equal({ fabric: ['2.5.16', '3.1.5'] });
  });

  it('gives the action only inputs that it has, and reads only outputs that it has', () => {
    for (const { steps } of Object.values(workflow.jobs)) {
      const own = steps.filter(({ uses }) => uses === './');
      expect(own).not.to.be.empty;
      for (const step of own) expect(action.inputs).to.include.keys(...Object.keys(step.with ?? {}));
      const ids = own.flatMap(({ id }) => id ?? []);
      for (const text of steps.flatMap(({ env }) => Object.values(env ?? {})).flatMap(expressions)) {
        const [, id, , output] = /^steps\.(\w+)\.(outcome|outputs\.([\w-]+))$/.exec(text) ?? [];
        expect(ids).to.include(id);
        if (output !== undefined) expect(action.outputs).to.include.keys(output);
      }
    }
  });
});

describe('the script of the action', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'action-test-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const inputs = Object.fromEntries(
    Object.entries(action.runs.steps.find(({ id }) => id === 'judge')?.env ?? {}).map(([name, value]) => [
      name,
      action.inputs[expressions(value)[0]?.slice('inputs.'.length) ?? '']?.default ?? '',
    ]),
  );

  interface Ended {
    readonly code: number | null;
    /** What the suite was called with. */
    readonly args: readonly string[];
    readonly outputs: Readonly<Record<string, string>>;
    readonly summary: string;
  }

  /** Runs it with a suite that ends with `code`, and writes `json`, if any, and a Markdown report. */
  function judge(given: Readonly<Record<string, string>>, code: number, json?: string): Ended {
    const path = (name: string): string => join(folder, name);
    if (json !== undefined) writeFileSync(path('json'), json);
    const suite = `#!/bin/sh
[ "$1" = --require ] || exec '${process.execPath}' "$@"
printf '%s\\n' "$@" >'${path('args')}'
reports=$REPORTS
[ ! -f '${path('json')}' ] || { cp '${path('json')}' "$reports/report.json"; echo '## It is so' >"$reports/report.md"; }
exit ${code}
`;
    writeFileSync(path('node'), suite);
    chmodSync(path('node'), 0o755);
    const { status } = spawnSync('bash', [SCRIPT], {
      cwd: folder,
      env: {
        ...inputs,
        ...given,
        PATH: `${folder}:${process.env['PATH'] ?? ''}`,
        GITHUB_OUTPUT: path('outputs'),
        GITHUB_STEP_SUMMARY: path('summary'),
      },
    });
    const text = (name: string): string => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : '');
    const outputs = text('outputs').trimEnd().split('\n');
    return {
      code: status,
      args: text('args').trimEnd().split('\n').slice(3),
      outputs: Object.fromEntries(outputs.map((line) => line.split('=', 2) as [string, string])),
      summary: text('summary'),
    };
  }

  const reports = [
    ...['--json', 'gossipspec-reports/report.json', '--junit', 'gossipspec-reports/report.xml'],
    ...['--tap', 'gossipspec-reports/report.tap', '--markdown', 'gossipspec-reports/report.md'],
  ];

  it('judges images, and ends as the suite does, with its verdict, reports and summary', () => {
    const ended = judge({ FABRIC_VERSION: '3.1.5' }, 1, jsonReport(run([failed()])));
    expect(ended.code).to.equal(1);
    expect(ended.args).to.deep.equal(['conformance', '--target', 'docker', '--fabric', '3.1.5', ...reports]);
    expect(ended.outputs).to.deep.equal({
      verdict: 'not conformant',
      'exit-code': '1',
      json: 'gossipspec-reports/report.json',
      markdown: 'gossipspec-reports/report.md',
    });
    expect(ended.summary).to.equal('## It is so\n');
  });

  it('passes on what it is given, whatever is in it', () => {
    const { code, args } = judge(
      {
        TARGET: 'attach',
        FABRIC_VERSION: '2.5.16',
        PEERS: '  h:1\n\nh:2  \n',
        TESTERS: 'Org1MSP=a folder\n$(touch pwned)',
        BASELINE: 'known deviations.yaml',
        REQUIRE: 'should',
        MIN_CLAUSES: '9',
        OPTIONS: '--area=CONN\n--no-tls',
      },
      0,
      jsonReport(run([])),
    );
    expect(code).to.equal(0);
    expect(args).to.deep.equal([
      ...[
        'conformance',
        '--target',
        'attach',
        '--fabric-version',
        '2.5.16',
        '--peer',
        'h:1',
        '--peer',
        'h:2',
      ],
      ...[
        '--tester',
        'Org1MSP=a folder',
        '--tester',
        '$(touch pwned)',
        '--baseline',
        'known deviations.yaml',
      ],
      ...['--require', 'should', '--min-clauses', '9', '--area=CONN', '--no-tls', ...reports],
    ]);
    expect(existsSync(join(folder, 'pwned'))).to.be.false;
  });

  it('knows the verdict on several versions by the exit code, and none where there is no report', () => {
    const versions = JSON.stringify({ formatVersion: 1, exitCode: 2, versions: [] });
    expect(judge({}, 2, versions).outputs).to.include({ verdict: 'cannot tell', 'exit-code': '2' });
    rmSync(join(folder, 'json'));
    const none = judge({}, 3);
    expect(none.code).to.equal(3);
    expect(none.summary).to.contain('**no verdict** (exit code 3)');
  });
});
