import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clauseOf } from '../../conformance/clauses';
import { NetworkError, UsageError } from '../../conformance/run-types';
import { attached, failed, result, run } from '../report/sample-run';
import { cli, type Ended } from './fake-session';
import { judge } from './judging';

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
    expect(options?.select.size).to.equal(348);
    expect(options?.tool.name).to.equal('gossipspec');
    expect(listening).to.be.false;
  });

  it('exits with 1 for a wrong peer, 2 where it cannot tell, 70 for a fault of its own', async () => {
    expect((await judge([], run([failed()]))).code).to.equal(1);
    expect((await judge([], run([result('inconclusive')]))).code).to.equal(2);
    expect((await judge([], run([result('pass')], { harnessErrors: ['TypeError'] }))).code).to.equal(70);
  });

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
