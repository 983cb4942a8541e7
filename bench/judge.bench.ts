import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Fork } from '../conformance/harness/fork';
import { ENVELOPES_FILE, MANIFEST_FILE, RecordingWriter, type Manifest } from '../src/capture';
import { issueOrganisation, type IssuedIdentity } from '../src/identity';
import { systemClock } from '../src/node';
import { wallMs } from '../src/ports/clock';
import { median } from '../src/statistics';
import { encodeEnvelope, encodeMessage, encodeSecret, envelope, gossipMessage, Tag } from '../src/wire';
import { judgeFolder } from './judge-folder';
import type { MemoryTask } from './judge-memory';
import type { Rate } from './rates';

/** What is judged: enough to outlast the start, few enough to be made in seconds. */
const ENVELOPES = 60_000;
/** Bare verification and judging take turns, so that what else the machine does hits both alike. */
const ROUNDS = 3;
/** What each thread verifies for the comparison. */
const RAW_EACH = 20_000;

/** To whom heartbeats go: within the organisation they have a secret, which is signed too (ALIVE-07). */
type Audience = 'own-org' | 'foreign';

/** Signatures verified in a second, and what one takes of a processor, in microseconds. */
interface Speed {
  readonly perSecond: number;
  readonly processorUs: number;
}

export interface JudgeSpeeds {
  /** As many signatures a second as came out on this machine, whatever else it did meanwhile. */
  readonly rates: readonly Rate[];
  /** The same by processor time, which tells on a busy machine what would come out on an idle one. */
  readonly byProcessor: readonly Rate[];
}

/**
 * Judging recordings of distinct heartbeats by all checks of recordings, each signature verified, against the bare
 * verification of such signatures on all processors. Medians.
 */
export async function judgeBench(): Promise<JudgeSpeeds> {
  const folder = mkdtempSync(join(tmpdir(), 'gossipspec-bench-'));
  const processors = availableParallelism();
  const [home, abroad] = [join(folder, 'home'), join(folder, 'abroad')];
  try {
    await writeRecording(home, ENVELOPES, 'own-org');
    await writeRecording(abroad, ENVELOPES, 'foreign');
    const tasks = {
      [`raw verify, ${processors} threads`]: rawSpeed,
      'judge heartbeats with secrets, 2 signatures each': () => judgeSpeed(home, 2 * ENVELOPES),
      'judge heartbeats to foreign peers, 1 signature each': () => judgeSpeed(abroad, ENVELOPES),
    };
    const measured = Object.entries(tasks).map(([name, task]) => ({ name, task, speeds: Array<Speed>() }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const { task, speeds } of measured) speeds.push(await task());
    }
    return {
      rates: measured.map(({ name, speeds }) => ({
        name,
        perSecond: median(speeds.map(({ perSecond }) => perSecond)),
      })),
      byProcessor: measured.map(({ name, speeds }) => ({
        name,
        perSecond: (processors * 1e6) / median(speeds.map(({ processorUs }) => processorUs)),
      })),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Measures work that verifies so many signatures. */
async function speedOf(work: () => Promise<number>): Promise<Speed> {
  const [startedMs, before] = [systemClock.now(), process.cpuUsage()];
  const count = await work();
  const { user, system } = process.cpuUsage(before);
  const seconds = (systemClock.now() - startedMs) / 1000;
  return { perSecond: count / seconds, processorUs: (user + system) / count };
}

const judgeSpeed = (path: string, signatures: number): Promise<Speed> =>
  speedOf(async () => {
    const { run, signatures: counted } = await judgeFolder(path);
    if (counted.verified < signatures) throw new Error('the benchmark is wrong: signatures are missing');
    const failed = run.results.find(({ verdict }) => verdict === 'fail');
    if (failed !== undefined)
      throw new Error(`the benchmark is wrong: ${failed.clause.id}, ${failed.reason}`);
    return counted.verified;
  });

/** Distinct heartbeats in what is repeated in a long recording: more than are remembered. */
const DISTINCT = 25_000;
/** How often each of them is heard, from one neighbour after the other. */
const HEARD = 5;

/** The most memory that it takes to judge recordings of so many envelopes, in MB, each in a process of its own. */
export async function judgeMemoryBench(
  lengths: readonly number[],
): Promise<readonly { readonly envelopes: number; readonly megabytes: number }[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gossipspec-bench-'));
  try {
    const path = join(folder, 'recording');
    await writeRecording(path, DISTINCT, 'own-org');
    const heartbeats = readFileSync(join(path, ENVELOPES_FILE), 'utf8').trimEnd().split('\n');
    const measured = [];
    for (const envelopes of lengths) {
      repeat(path, heartbeats, envelopes);
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
      // As `gossipspec judge` is started.
      memoryFlags: [],
    });
    child.tell({ folder });
  });

/** Makes a recording of so many envelopes by saying again what is in it. */
function repeat(folder: string, [opening = '', ...heartbeats]: readonly string[], envelopes: number): void {
  const [file, manifestFile] = [join(folder, ENVELOPES_FILE), join(folder, MANIFEST_FILE)];
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as Manifest;
  const hash = createHash('sha256');
  writeFileSync(file, '');
  const add = (lines: readonly string[]): void => {
    const text = `${lines.join('\n')}\n`;
    appendFileSync(file, text);
    hash.update(text);
  };
  add([opening]);
  for (let n = 0; n < envelopes; n += HEARD * LINES_AT_ONCE) {
    const first = (n / HEARD) % heartbeats.length;
    const some = heartbeats.slice(first, first + LINES_AT_ONCE);
    add(some.flatMap((line) => Array.from({ length: HEARD }, () => line)).slice(0, envelopes - n));
  }
  const counts = { ...manifest.counts, envelopes };
  const files = { ...manifest.files, [ENVELOPES_FILE]: hash.digest('hex') };
  writeFileSync(manifestFile, JSON.stringify({ ...manifest, counts, files }));
}

/** Divides `DISTINCT`. */
const LINES_AT_ONCE = 1_000;

async function writeRecording(folder: string, envelopes: number, audience: Audience): Promise<void> {
  const nowMs = wallMs(systemClock);
  const org1 = await issueOrganisation({ mspId: 'Org1MSP', domain: 'org1.example.com', nowMs });
  const org2 = await issueOrganisation({ mspId: 'Org2MSP', domain: 'org2.example.com', nowMs });
  const a = await org1.issue({ name: 'peer0', role: 'peer' });
  const b = await (audience === 'own-org' ? org1 : org2).issue({ name: 'peer1', role: 'peer' });
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
  writer.envelope(stream, 'initiator', connEstablish(a));
  for (let n = 1; n <= envelopes; n++) {
    writer.envelope(stream, 'initiator', alive(a, BigInt(n), audience));
    await writer.drained();
  }
  await writer.close();
}

const partyOf = ({ name, identity }: IssuedIdentity): { name: string; pkiId: Uint8Array } => ({
  name,
  pkiId: identity.pkiId,
});

function connEstablish({ identity }: IssuedIdentity): Uint8Array {
  const value = { pkiId: identity.pkiId, identity: identity.serialized };
  const payload = encodeMessage(gossipMessage({ tag: Tag.EMPTY, content: { kind: 'conn', value } }));
  return encodeEnvelope(envelope(payload, identity.sign(payload)));
}

function alive({ identity, name }: IssuedIdentity, seqNum: bigint, audience: Audience): Uint8Array {
  const endpoint = `${name}:7051`;
  const payload = encodeMessage(
    gossipMessage({
      tag: Tag.EMPTY,
      content: {
        kind: 'aliveMsg',
        value: {
          membership: { endpoint, pkiId: identity.pkiId },
          timestamp: { incNum: 1_795_325_091_256_500_751n, seqNum },
        },
      },
    }),
  );
  const secret = encodeSecret({ content: { kind: 'internalEndpoint', value: endpoint } });
  const signedSecret = { payload: secret, signature: identity.sign(secret) };
  const own = audience === 'own-org' ? signedSecret : undefined;
  return encodeEnvelope(envelope(payload, identity.sign(payload), own));
}

/** Verification on all processors, with nothing else to do. */
async function rawSpeed(): Promise<Speed> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { generateKeyPairSync, sign, verify, randomBytes } = require('node:crypto');
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const all = Array.from({ length: 1000 }, () => { const m = randomBytes(90); return [m, sign('sha256', m, privateKey)]; });
    parentPort.once('message', () => {
      for (let count = 0; count < workerData; count += all.length) {
        for (const [m, s] of all) if (!verify('sha256', m, publicKey, s)) throw new Error('does not verify');
      }
      parentPort.postMessage('done');
      parentPort.unref();
    });
    parentPort.postMessage('ready');`;
  const processors = availableParallelism();
  const workers = Array.from(
    { length: processors },
    () => new Worker(code, { eval: true, workerData: RAW_EACH }),
  );
  const said = (): Promise<unknown> =>
    Promise.all(workers.map((worker) => once(worker, 'message', { signal: AbortSignal.timeout(60_000) })));
  await said();
  return speedOf(async () => {
    const done = said();
    for (const worker of workers) worker.postMessage('go');
    await done;
    return processors * RAW_EACH;
  });
}
