import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const TS_NODE = join(__dirname, '../../ts-node.cjs');
const MAIN = join(__dirname, '../../src/cli/main.ts');
/** No check in progress ends within this by itself; on a calm machine it is two seconds. */
const SOON_MS = 5_000;
/** A busy machine delays the end of the program as it did the beginning, which takes a second or two. */
const BEGINNINGS = 4;
const NOTICE = '\nSIGINT: stopping what was started; no verdict\n';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Whether it ended soon after the signal. */
  readonly soon: boolean;
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
    const begunAt = performance.now();
    let [out, err, sentAt, beginningMs] = ['', '', 0, 0];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (out === '') beginningMs = performance.now() - begunAt;
      out += text;
      if (sentAt === 0 && sign.test(out)) {
        sentAt = performance.now();
        child.kill(signal);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    const soon = performance.now() - sentAt < Math.max(SOON_MS, BEGINNINGS * beginningMs);
    return { code, out, err, soon, left: readdirSync(folder) };
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
      { when: 'while checks are at it', sign: /✓/ },
    ];
    for (const { when, sign } of moments) {
      it(`ends soon ${when}, without a verdict, and leaves nothing`, async () => {
        const { code, out, err, soon, left } = await interrupted(args, sign, 'SIGINT');
        expect(code).to.equal(130);
        expect(err).to.equal(NOTICE);
        expect(out).not.to.contain('conformant');
        expect(left).to.be.empty;
        expect(soon).to.be.true;
      });
    }

    it('leaves nothing where its last check has just ended', async () => {
      const { code, err, left } = await interrupted([...args, '--clause', 'TLS-03'], /✓/, 'SIGINT');
      // Either it was taking its network down, or the verdict was out already.
      expect([0, 130]).to.include(code);
      expect(code === 0 ? '' : err).to.equal(code === 0 ? '' : NOTICE);
      expect(left).to.be.empty;
    });

    it('ends by SIGTERM with another code', async () => {
      const { code, left } = await interrupted(args, /✓/, 'SIGTERM');
      expect(code).to.equal(143);
      expect(left).to.be.empty;
    });
  });
}
