import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const TS_NODE = join(__dirname, '../../ts-node.cjs');
const MAIN = join(__dirname, '../../src/cli/main.ts');
/** One check that is done at once, and one that watches an idle stream for seconds. */
const QUICK = 'TLS-03';
const LONG = 'LIFE-05';
const NOTICE = '\nSIGINT: stopping what was started; no verdict\n';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** What is left where temporary files go. */
  readonly left: readonly string[];
}

/** Runs the program, sends it a signal once its output shows `sign`, and waits for its end. */
async function interrupted(
  args: readonly string[],
  sign: RegExp,
  signal: 'SIGINT' | 'SIGTERM',
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'interrupt-test-'));
  try {
    const child = spawn(process.execPath, ['--require', TS_NODE, MAIN, 'conformance', '--no-gate', ...args], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err, isSent] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (!isSent && sign.test(out)) isSent = child.kill(signal);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err, left: readdirSync(folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const targets: { name: string; args: readonly string[] }[] = [
  { name: 'our own peers', args: ['--target', 'embedded'] },
  ...(process.env['GOSSIPSPEC_FABRIC_BIN'] ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => ({ name: `real peers of ${folder}`, args: ['--fabric-bin', folder] })),
];

for (const { name, args } of targets) {
  describe(`an interrupted run of ${name}`, function () {
    this.timeout(60_000);

    const moments = [
      { when: 'while the network comes up', sign: /^target / },
      { when: 'while a check is at it', sign: /✓/ },
    ];
    for (const { when, sign } of moments) {
      it(`ends ${when}, waits for no check, gives no verdict, and leaves nothing`, async () => {
        const both = [...args, '--clause', QUICK, '--clause', LONG];
        const { code, out, err, left } = await interrupted(both, sign, 'SIGINT');
        expect(code).to.equal(130);
        expect(err).to.equal(NOTICE);
        expect(out).not.to.contain(LONG);
        expect(out).not.to.contain('conformant');
        expect(left).to.be.empty;
      });
    }

    it('leaves nothing where its last check has just ended', async () => {
      const { code, err, left } = await interrupted([...args, '--clause', QUICK], /✓/, 'SIGINT');
      // Either it was taking its network down, or the verdict was out already.
      expect([0, 130]).to.include(code);
      expect(code === 0 ? '' : err).to.equal(code === 0 ? '' : NOTICE);
      expect(left).to.be.empty;
    });

    it('ends by SIGTERM with another code', async () => {
      const { code, left } = await interrupted(
        [...args, '--clause', QUICK, '--clause', LONG],
        /✓/,
        'SIGTERM',
      );
      expect(code).to.equal(143);
      expect(left).to.be.empty;
    });
  });
}
