import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Fork } from '../conformance/harness/fork';
import { RecordingWriter, type Manifest } from '../src/capture';
import { issueOrganisation, type IssuedIdentity } from '../src/identity';
import { systemClock } from '../src/node';
import { wallMs } from '../src/ports/clock';
import { encodeEnvelope, encodeMessage, envelope, gossipMessage, Tag } from '../src/wire';
import { judgeFolder } from './judge-folder';
import type { MemoryTask } from './judge-memory';
import type { Rate } from './rates';

/** What is judged: enough to outlast the start, few enough to be made in seconds. */
const ENVELOPES = 60_000;
/** How long each thread verifies for the comparison. */
const RAW_MS = 2_000;

/**
 * Judging a recording of distinct signed alive messages, all checks of recordings and one signature each, against the bare
 * verification of such signatures on all processors.
 */
export async function judgeBench(): Promise<readonly Rate[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gossipspec-bench-'));
  try {
    const path = join(folder, 'recording');
    await writeRecording(path, ENVELOPES);
    const raw = await rawRate();
    const startedMs = systemClock.now();
    const { signatures } = await judgeFolder(path);
    const seconds = (systemClock.now() - startedMs) / 1000;
    if (signatures.verified < ENVELOPES) throw new Error('the benchmark is wrong: signatures are missing');
    return [
      { name: `raw verify, ${availableParallelism()} threads`, perSecond: raw },
      { name: 'judge a recording', perSecond: signatures.verified / seconds },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is repeated in a long recording. */
const PART = 10_000;
/** Room for what is kept of a recording: with more at hand, Node lets garbage lie, and memory tells nothing. */
const HEAP_MB = 128;

/** The most memory that it takes to judge recordings of so many envelopes, in MB, each in a process of its own with a small heap. */
export async function judgeMemoryBench(
  lengths: readonly number[],
): Promise<readonly { readonly envelopes: number; readonly megabytes: number }[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gossipspec-bench-'));
  try {
    const path = join(folder, 'recording');
    await writeRecording(path, PART);
    const measured = [];
    for (const envelopes of lengths) {
      repeat(path, envelopes);
      measured.push({ envelopes, megabytes: await memoryToJudge(path) });
    }
    return measured;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const memoryToJudge = (folder: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = new Fork<MemoryTask, number>(require.resolve('./judge-memory'), {
      heed: (megabytes) => {
        resolve(megabytes);
        void child[Symbol.asyncDispose]();
      },
      ended: (why) => {
        reject(new Error(`the process that judges ${why}`));
      },
      memoryFlags: [`--max-old-space-size=${HEAP_MB}`],
    });
    child.tell({ folder });
  });

/** Lengthens a recording to so many envelopes by saying again what is in it. */
function repeat(folder: string, envelopes: number): void {
  const [file, manifestFile] = [join(folder, 'envelopes.jsonl'), join(folder, 'manifest.json')];
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest;
  const [opening = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const part = `${lines.slice(0, PART).join('\n')}\n`;
  const hash = createHash('sha256').update(`${opening}\n`);
  writeFileSync(file, `${opening}\n`);
  for (let n = 0; n < envelopes; n += PART) {
    appendFileSync(file, part);
    hash.update(part);
  }
  const counts = { ...manifest.counts, envelopes };
  const files = { ...manifest.files, 'envelopes.jsonl': hash.digest('hex') };
  writeFileSync(manifestFile, JSON.stringify({ ...manifest, counts, files }));
}

async function writeRecording(folder: string, envelopes: number): Promise<void> {
  const nowMs = wallMs(systemClock);
  const organisation = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs });
  const [a, b] = await Promise.all(
    ['peer0', 'peer1'].map((name) => organisation.issue({ name, role: 'peer' })),
  );
  if (a === undefined || b === undefined) throw new Error('the benchmark is wrong: peers are missing');
  const writer = new RecordingWriter({
    folder,
    clock: systemClock,
    header: {
      tool: { name: 'gossipspec', version: 'bench' },
      command: 'npm run bench',
      host: 'this machine',
      vantage: 'between-peers',
      fabric: { version: null, builds: {} },
      tls: false,
      channels: [],
      scenario: [],
      seed: null,
      timing: null,
      settings: {},
    },
  });
  writer.addIdentity(a.identity.serialized);
  writer.addIdentity(b.identity.serialized);
  const stream = writer.open({ tap: 'proxy', initiator: partyOf(a), responder: partyOf(b), tls: false });
  for (let n = 1; n <= envelopes; n++) {
    writer.envelope(stream, 'initiator', alive(a, BigInt(n)));
    await writer.drained();
  }
  await writer.close();
}

const partyOf = ({ name, identity }: IssuedIdentity): { name: string; pkiId: Uint8Array } => ({
  name,
  pkiId: identity.pkiId,
});

function alive({ identity, name }: IssuedIdentity, seqNum: bigint): Uint8Array {
  const payload = encodeMessage(
    gossipMessage({
      tag: Tag.EMPTY,
      content: {
        kind: 'aliveMsg',
        value: {
          membership: { endpoint: `${name}:7051`, pkiId: identity.pkiId },
          timestamp: { incNum: 1_795_325_091_256_500_751n, seqNum },
        },
      },
    }),
  );
  return encodeEnvelope(envelope(payload, identity.sign(payload)));
}

/** What all processors verify in a second, with nothing else to do. */
async function rawRate(): Promise<number> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { generateKeyPairSync, sign, verify, randomBytes } = require('node:crypto');
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const all = Array.from({ length: 1000 }, () => { const m = randomBytes(90); return [m, sign('sha256', m, privateKey)]; });
    const start = process.hrtime.bigint();
    let count = 0;
    while (Number(process.hrtime.bigint() - start) / 1e6 < workerData) {
      for (const [m, s] of all) if (!verify('sha256', m, publicKey, s)) throw new Error('does not verify');
      count += all.length;
    }
    parentPort.postMessage(count / (Number(process.hrtime.bigint() - start) / 1e9));`;
  const rates = await Promise.all(
    Array.from(
      { length: availableParallelism() },
      () =>
        new Promise<number>((resolve, reject) => {
          const worker = new Worker(code, { eval: true, workerData: RAW_MS });
          worker.once('message', resolve).once('error', reject);
        }),
    ),
  );
  return rates.reduce((sum, rate) => sum + rate, 0);
}
