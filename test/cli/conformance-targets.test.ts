import { expect } from 'chai';
import { NetworkError, type ConformanceOptions } from '../../conformance/run-types';
import type { RunResult } from '../../src/report/model';
import { attached, failed, result, run } from '../report/sample-run';
import { cli } from './fake-session';
import { judge } from './judging';

describe('gossipspec conformance, told what to judge', () => {
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
});
