import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clauseOf } from '../../conformance/clauses';
import { NetworkError, UsageError, type ConformanceOptions } from '../../conformance/run-types';
import type { RunResult } from '../../src/report/model';
import { attached, embedded, failed, result, run } from '../report/sample-run';
import { cli, type Ended, type FakeProcess } from './fake-session';

/** Runs `conformance` with a suite that shows `done` and returns it. */
async function judge(
  argv: readonly string[],
  done: RunResult = run([result('pass')], { target: embedded }),
  fake: FakeProcess = {},
): Promise<Ended & { readonly options: ConformanceOptions | undefined }> {
  let options: ConformanceOptions | undefined;
  const runConformance = (given: ConformanceOptions): Promise<RunResult> => {
    options = given;
    given.view.started(done.target, done.results.length);
    for (const one of done.results) given.view.finished(one);
    return Promise.resolve(done);
  };
  const ended = await cli(['conformance', ...argv], { conformance: { runConformance }, ...fake });
  return { ...ended, options };
}

describe('gossipspec conformance', () => {
  it('judges our own peers unless told otherwise, says so first and last, and exits with the verdict', async () => {
    const { code, out, err, options, listening } = await judge([]);
    expect(code).to.equal(0);
    expect(err).to.equal('');
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).to.equal(
      'target embedded, because no Docker engine answers and PATH has no Fabric peer and orderer: judges our own peers, no Fabric peer',
    );
    expect(lines.at(-1)).to.match(/^conformant · .* · embedded: no Fabric peer was tested · 12\.3 s$/);
    expect(options?.target).to.deep.equal({ kind: 'embedded', tls: true });
    expect(options?.select.size).to.equal(258);
    expect(options?.tool.name).to.equal('gossipspec');
    expect(listening).to.be.false;
  });

  it('attaches to the peers that it is given, and passes everything on', async () => {
    const { out, options } = await judge(
      [
        ...[
          '--peer',
          '127.0.0.1:7051',
          '--peer',
          '[::1]:7051',
          '--tester',
          'a/b=c',
          '--tester',
          'Org2MSP=./d',
        ],
        ...[
          '--issuer',
          'org1',
          '--channel',
          'ch',
          '--listen',
          '127.0.0.2',
          '--no-tls',
          '--core-yaml',
          'core.yaml',
        ],
        ...['--timing', 'pullInterval=1s', '--timing', 'peer.gossip.election.startupGracePeriod=2s'],
        ...[
          '--fabric-version',
          '2.5.16',
          '--clause',
          'conn-07',
          '--area',
          'leave',
          '--level',
          'must,should',
          '--jobs',
          '3',
        ],
      ],
      run([result('pass')]),
      { env: { npm_lifecycle_event: 'conformance' } },
    );
    expect(out.split('\n')[0]).to.equal('target attach, because --peer is given');
    expect(options).to.deep.include({
      target: {
        kind: 'attach',
        described: undefined,
        peers: ['127.0.0.1:7051', '[::1]:7051'],
        testers: [
          { mspId: undefined, dir: 'a/b=c' },
          { mspId: 'Org2MSP', dir: './d' },
        ],
        issuers: ['org1'],
        issue: true,
        channel: 'ch',
        listen: '127.0.0.2',
        tls: false,
      },
      timing: {
        coreYaml: 'core.yaml',
        overrides: { pullInterval: '1s', 'election.startupGracePeriod': '2s' },
      },
      fabricVersion: '2.5.16',
      jobs: 3,
      select: new Set(['CONN-07', 'LEAVE-01', 'LEAVE-02', 'LEAVE-03']),
    });
    expect(options?.command).to.match(
      /^npm run conformance -- --peer 127\.0\.0\.1:7051 --peer '\[::1\]:7051' /,
    );
  });

  it('starts Fabric’s own programs where their folder is named', async () => {
    const plain = await judge(['--fabric-bin', 'bin'], run([result('pass')]));
    expect(plain.options?.target).to.deep.equal({
      kind: 'native',
      tls: true,
      binaries: ['bin'],
      timingProfile: 'fast',
      nodes: ['org1.peer0'],
      keep: false,
    });
    expect(plain.out).to.contain('target native, because --fabric-bin is given');
    const flags = [
      ...['--target', 'native', '--no-tls', '--timing', 'fabric', '--node', 'org2.peer1', '--keep'],
    ];
    const { options } = await judge(flags, run([result('pass')]));
    expect(options?.target).to.deep.equal({
      kind: 'native',
      tls: false,
      binaries: [],
      timingProfile: 'fabric',
      nodes: ['org2.peer1'],
      keep: true,
    });
  });

  it('starts Fabric’s images where a release is named', async () => {
    const plain = await judge(['--fabric', '3.1'], run([result('pass')]));
    const expected = {
      kind: 'docker',
      tls: true,
      versions: ['3.1'],
      peerImage: undefined,
      ordererImage: undefined,
      listen: undefined,
      timingProfile: 'fast',
      nodes: ['org1.peer0'],
      keep: false,
    };
    expect(plain.options?.target).to.deep.equal(expected);
    expect(plain.out).to.contain('target docker, because --fabric is given');
    const flags = ['--target', 'docker', '--peer-image', 'forks/peer', '--listen', '192.0.2.7'];
    const { options } = await judge(flags, run([result('pass')]));
    expect(options?.target).to.deep.equal({
      ...expected,
      versions: ['2.5.16'],
      peerImage: 'forks/peer',
      listen: '192.0.2.7',
    });
    const slow = await judge(['--fabric', '3.1', '--timing', 'fabric'], run([result('pass')]));
    expect(slow.options?.target).to.deep.equal({ ...expected, timingProfile: 'fabric' });
  });

  it('puts a peer of each version into one network where they are to be mixed', async () => {
    const flags = ['--fabric-bin', 'old', '--fabric-bin', 'new', '--mixed'];
    const { options } = await judge(flags, run([result('pass')]));
    expect(options?.target).to.deep.include({
      binaries: ['old', 'new'],
      nodes: ['org1.peer0', 'org1.peer1'],
    });
    const images = await judge(
      ['--mixed', '3.1.5, 2.5.16', '--peer-image', 'forks/peer'],
      run([result('pass')]),
    );
    expect(images.options?.target).to.deep.include({
      kind: 'docker',
      versions: ['2.5.16', '3.1.5'],
      peerImage: 'forks/peer',
      nodes: ['org1.peer0', 'org1.peer1'],
    });
    const one = await judge(['--mixed', '2.5.16,3.1.5', '--node', 'org2.peer1'], run([result('pass')]));
    expect(one.options?.target).to.deep.include({ nodes: ['org2.peer1'] });
  });

  it('judges one version after the other, tells them apart, and exits with the worst', async () => {
    const ofVersion = (fabricVersion: string): Partial<RunResult> => ({
      target: { ...attached, fabricVersion },
    });
    const runs = new Map<string, RunResult>([
      ['a', run([result('pass'), result('pass', { id: 'CONN-08' })], ofVersion('2.5.16'))],
      ['b', run([failed(), result('pass', { id: 'CONN-08' })], ofVersion('3.1.5'))],
    ]);
    const conformance = {
      runConformance: ({ target }: ConformanceOptions): Promise<RunResult> => {
        const found = target.kind === 'native' ? runs.get(target.binaries[0] ?? '') : undefined;
        return found ? Promise.resolve(found) : Promise.reject(new NetworkError('no such folder'));
      },
    };
    const folders = (...names: string[]): string[] => names.flatMap((name) => ['--fabric-bin', name]);
    const both = await cli(['conformance', ...folders('a', 'b')], { conformance });
    expect(both.code).to.equal(1);
    expect(both.out).to.match(
      /\n {2}clause +level +Fabric 2\.5\.16 +Fabric 3\.1\.5\n {2}CONN-07 +must +passed +FAILED\n {2}clauses +passed +2 +1\n/,
    );
    expect(both.out).to.match(
      /\nnot conformant · Fabric 2\.5\.16: conformant · Fabric 3\.1\.5: not conformant · 24\.7 s\n$/,
    );
    const missing = await cli(['conformance', ...folders('a', 'c')], { conformance });
    expect(missing).to.deep.include({ code: 3, err: 'gossipspec: no such folder\n' });
    expect(missing.out).to.match(/\nno network · Fabric 2\.5\.16: conformant · c: no network · /);
  });

  it('exits with 1 for a wrong peer, 2 where it cannot tell, 70 for a fault of its own', async () => {
    expect((await judge([], run([failed()]))).code).to.equal(1);
    expect((await judge([], run([result('inconclusive')]))).code).to.equal(2);
    expect((await judge([], run([result('pass')], { harnessErrors: ['TypeError'] }))).code).to.equal(70);
  });

  const misuse: readonly { argv: readonly string[]; says: string }[] = [
    {
      argv: ['--target', 'podman'],
      says: "argument 'podman' is invalid. Allowed choices are embedded, native, docker, attach.",
    },
    { argv: ['--targt', 'attach'], says: 'Did you mean --target?' },
    { argv: ['stray'], says: 'too many arguments' },
    { argv: ['--target', 'attach'], says: '--target attach needs at least one --peer host:port' },
    { argv: ['--peer', '127.0.0.1', '--tester', 'd'], says: '--peer "127.0.0.1" is no host:port' },
    { argv: ['--peer', 'h:0', '--tester', 'd'], says: '--peer "h:0" is no host:port' },
    { argv: ['--peer', 'h:65536', '--tester', 'd'], says: '--peer "h:65536" is no host:port' },
    { argv: ['--peer', 'https://h:1', '--tester', 'd'], says: 'is no host:port' },
    {
      argv: ['--peer', 'h:1', '--issuer', 'd', '--no-issue'],
      says: '--issuer and --no-issue contradict each other',
    },
    {
      argv: ['--target', 'attach', '--test-network', 'a', '--profile', 'b'],
      says: 'give one of them',
    },
    { argv: ['--keep'], says: '--keep goes with --target native or --target docker' },
    { argv: ['--fabric-bin', 'd', '--mixed'], says: '--mixed needs two folders of programs' },
    {
      argv: ['--fabric-bin', 'a', '--fabric-bin', 'b', '--mixed', '2.5.16,3.1.5'],
      says: '--mixed 2.5.16,3.1.5 names releases of images, which go with --target docker',
    },
    { argv: ['--mixed'], says: '--mixed goes with --target native or --target docker' },
    { argv: ['--target', 'docker', '--mixed'], says: '--mixed with images needs two releases' },
    { argv: ['--mixed', '2.5.16'], says: '--mixed with images needs two releases' },
    { argv: ['--mixed', '2.5,2.5'], says: '--mixed with images needs two releases' },
    { argv: ['--mixed', '2.5.16,'], says: '--mixed "" is no version of Fabric' },
    { argv: ['--fabric', '2.5,3.1', '--mixed'], says: '--mixed in one network: give one of them' },
    {
      argv: ['--mixed', '2.5,3.1', '--peer-image', 'forks/peer:mine'],
      says: 'forks/peer:mine has a tag already',
    },
    { argv: ['--gate'], says: 'a gate must be told its target, and none is named; name one: --target' },
    { argv: ['--gate', '--target', 'embedded'], says: 'so a gate refuses it' },
    { argv: ['--tester', 'd'], says: '--tester goes with --target attach' },
    { argv: ['--target', 'embedded', '--peer', 'h:1'], says: '--peer goes with --target attach' },
    { argv: ['--timing', 'pullInterval=1s'], says: '--timing goes with --target attach' },
    { argv: ['--timing', 'fast'], says: '--timing goes with --target attach or --target native' },
    {
      argv: ['--target', 'native', '--timing', 'pullInterval=1s'],
      says: '--timing pullInterval=1s goes with --target attach; a network that is started takes --timing fast or --timing fabric',
    },
    {
      argv: ['--target', 'docker', '--timing', 'fast', '--timing', 'fabric'],
      says: '--timing fast or --timing fabric: give one of them',
    },
    {
      argv: ['--peer', 'h:1', '--timing', 'fast'],
      says: '--timing fast goes with --target native or --target docker',
    },
    { argv: ['--target', 'native', '--peer', 'h:1'], says: '--peer goes with --target attach' },
    { argv: ['--node', 'org1.peer1'], says: '--node goes with --target native or --target docker' },
    { argv: ['--fabric-bin', 'd', '--fabric', '3.1'], says: '--fabric goes with --target docker' },
    {
      argv: ['--fabric', 'latest'],
      says: '--fabric "latest" is no version of Fabric, such as 2.5.16 or 3.1',
    },
    { argv: ['--peer', 'h:1', '--fabric-bin', 'd'], says: '--fabric-bin goes with --target native' },
    {
      argv: ['--peer', 'h:1', '--timing', 'pullInterval'],
      says: '--timing "pullInterval" is no KEY=DURATION',
    },
    { argv: ['--jobs', '0'], says: '--jobs "0" is no number' },
    { argv: ['--clause', 'CONN-7'], says: 'unknown clause "CONN-7"; did you mean CONN-07' },
    { argv: ['--area', 'cnon'], says: 'unknown area "cnon"; did you mean CONN?' },
    { argv: ['--level', 'must,shall'], says: 'unknown level "shall"' },
    {
      argv: ['--json', '/nowhere/at/all/report.json'],
      says: 'cannot write a report to /nowhere/at/all/report.json',
    },
  ];
  for (const { argv, says } of misuse) {
    it(`refuses ${argv.join(' ')} and runs nothing`, async () => {
      const { code, out, err } = await cli(['conformance', ...argv]);
      expect(code).to.equal(64);
      expect(err).to.contain(says);
      expect(out).to.equal('');
    });
  }

  it('tells wrong usage, a network out of reach and its own faults apart', async () => {
    const rejecting = (error: Error): Promise<Ended> =>
      cli(['conformance'], { conformance: { runConformance: () => Promise.reject(error) } });
    const cases = [
      {
        error: new UsageError('unknown timing key "x"'),
        code: 64,
        err: 'gossipspec: unknown timing key "x"\n',
      },
      { error: new NetworkError('no peer at h:1'), code: 3, err: 'gossipspec: no peer at h:1\n' },
      {
        error: new TypeError('x is not\n a function'),
        code: 70,
        err: 'gossipspec: x is not a function (a fault of this program; --verbose shows where)\n',
      },
    ];
    for (const { error, code, err } of cases) {
      expect(await rejecting(error)).to.deep.include({ code, err, listening: false });
    }
  });

  it('shows stack and causes only with --verbose or DEBUG', async () => {
    const conformance = {
      runConformance: () => Promise.reject(new NetworkError('no peer', { cause: new Error('ECONNREFUSED') })),
    };
    expect((await cli(['conformance'], { conformance })).err).to.equal('gossipspec: no peer\n');
    const detailed =
      /^gossipspec: no peer\nNetworkError: no peer\n +at .*\ncaused by Error: ECONNREFUSED\n +at /s;
    expect((await cli(['conformance', '--verbose'], { conformance })).err).to.match(detailed);
    expect((await cli(['conformance'], { conformance, env: { DEBUG: '1' } })).err).to.match(detailed);
  });

  for (const { signal, code } of [
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const) {
    it(`on ${signal} aborts the run, waits until it has stopped, gives no verdict and exits with ${code}`, async () => {
      let stopped = false;
      let send: (() => void) | undefined;
      const ended = await cli(['conformance'], {
        onListening: (stop) => {
          send = () => {
            stop(signal);
          };
        },
        conformance: {
          runConformance: async ({ signal: aborted, view }) => {
            view.started(embedded, 10);
            const reason = new Promise<unknown>((resolve) => {
              aborted.addEventListener('abort', () => {
                resolve(aborted.reason);
              });
            });
            send?.();
            const why = await reason;
            stopped = true;
            throw why as Error;
          },
        },
      });
      expect(ended).to.deep.include({ code, listening: false });
      expect(ended.err).to.equal(`\n${signal}: stopping what was started; no verdict\n`);
      expect(ended.out).not.to.contain('conformant');
      expect(stopped).to.be.true;
    });
  }

  it('gives no verdict after a signal even if the run came to its end', async () => {
    const { code, out } = await judge([], run([result('pass')]), {
      onListening: (stop) => {
        stop('SIGTERM');
      },
    });
    expect(code).to.equal(143);
    expect(out).not.to.contain('conformant');
  });

  it('uses colour and moves the cursor on a terminal only, no colour with NO_COLOR', async () => {
    const passed = run([result('pass'), result('pass', { id: 'CONN-08' })], { target: attached });
    expect((await judge([], passed)).out).not.to.contain('\u001b');
    expect((await judge([], passed, { isTTY: true })).out)
      .to.contain('\u001b[32m✓')
      .and.to.contain('\r\u001b[2K');
    const plain = (await judge([], passed, { isTTY: true, env: { NO_COLOR: '1' } })).out;
    expect(plain).to.contain('\r\u001b[2K').and.not.to.contain('\u001b[3');
    const unknownWidth = (await judge([], passed, { isTTY: true, columns: 0 })).out;
    expect(unknownWidth).to.contain('refuses a wrong hash');
    const dumb = (await judge([], passed, { isTTY: true, env: { TERM: 'dumb' } })).out;
    expect(dumb).not.to.contain('\u001b');
  });

  describe('with report files', () => {
    let folder: string;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gossipspec-'));
    });

    afterEach(() => rm(folder, { recursive: true, force: true }));

    it('writes both, and the verdict stays the last line', async () => {
      const [json, junit] = [join(folder, 'report.json'), join(folder, 'report.xml')];
      const { code, out } = await judge(['--json', json, '--junit', junit], run([failed()]));
      expect(code).to.equal(1);
      expect(out.trimEnd().split('\n').at(-1)).to.match(/^not conformant · /);
      expect(JSON.parse(await readFile(json, 'utf8'))).to.have.property('exitCode', 1);
      expect(await readFile(junit, 'utf8')).to.contain('failures="1"');
    });

    it('still shows the verdict where a report cannot be written after all', async () => {
      const conformance = {
        runConformance: async () => {
          await rm(folder, { recursive: true });
          return run([failed()]);
        },
      };
      const { code, out, err } = await cli(['conformance', '--json', join(folder, 'r.json')], {
        conformance,
      });
      expect(out).to.match(/\nnot conformant · .*\n$/);
      expect(err)
        .to.match(/^gossipspec: cannot write a report to .*: ENOENT.*\n$/)
        .and.not.to.contain('fault');
      expect(code).to.equal(70);
    });
  });

  it('lists what would run, and the clauses without a check with the reason', async () => {
    const asked: unknown[] = [];
    const { code, out } = await cli(['conformance', '--list', '--area', 'LEAVE'], {
      conformance: {
        listChecks: (select) => {
          asked.push(...select);
          return [
            { clause: clauseOf('LEAVE-01'), title: 'ends its streams' },
            { clause: clauseOf('LEAVE-02'), missing: 'nothing shows it' },
          ];
        },
      },
    });
    expect(code).to.equal(0);
    expect(asked).to.deep.equal(['LEAVE-01', 'LEAVE-02', 'LEAVE-03', 'LEAVE-04']);
    expect(out).to.equal(`LEAVE-01 must   both ends its streams

Without a check:
LEAVE-02 should both nothing shows it

1 check of 1 clause; 1 clause without a check
`);
  });
});
