import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingHeader } from '../../src/capture';
import type { Clock } from '../../src/ports/clock';

export const header: RecordingHeader = {
  tool: { name: 'gossipspec', version: '0.0.0' },
  command: 'a test',
  host: 'here',
  vantage: 'between-peers',
  fabric: { version: '2.5.16', builds: {} },
  tls: true,
  channels: ['mychannel'],
  scenario: ['start'],
  seed: '7',
  timing: null,
  settings: { aliveTimeInterval: '500ms' },
};

/** A clock that goes on by a millisecond each time it is asked. */
export function tickingClock(): Clock {
  let ms = 0;
  return {
    now: () => (ms += 1),
    wallNanos: () => 1_795_325_105_000_000_000n + BigInt(ms) * 1_000_000n,
    after: () => ({ cancel: () => undefined }),
  };
}

export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'gossipspec-recording-'));
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A private key in PEM, made for the occasion. */
export const privateKeyPem = (): string =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
