import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { privateKeyPem } from './support';

const root = join(__dirname, '../..');
const skipped = new Set(['node_modules', '.git', 'dist', 'coverage']);

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** A private key in PEM with its content; code may well speak of one. */
const pemKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\\nr]*[A-Za-z0-9+/]{20}/;
/** The beginnings of the same in base64, as bytes in JSON would be: "-----BEGIN [EC ]PRIVATE KEY" at each offset. */
const base64Keys = [
  '-----BEGIN PRIVATE KEY',
  '-----BEGIN EC PRIVATE KEY',
  '-----BEGIN RSA PRIVATE KEY',
].flatMap((text) =>
  [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)]);
    const encoded = bytes.toString('base64').replace(/=+$/, '');
    // The first and the last characters depend on what is around.
    return encoded.slice(offset === 0 ? 0 : 4, -1);
  }),
);

const holdsKey = (text: string): boolean =>
  pemKey.test(text) || base64Keys.some((encoded) => text.includes(encoded));

function keyIn(path: string): boolean {
  const bytes = readFileSync(path);
  return holdsKey((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1'));
}

describe('private keys', function () {
  this.timeout(30_000);
  it('are in no file of this repository: recordings, logs, reports', () => {
    const files = [...filesBelow(root)];
    expect(files.length).to.be.greaterThan(500);
    expect(files.filter(keyIn).map((path) => relative(root, path))).to.deep.equal([]);
  });

  it('would be found: as they are, in JSON, and in base64 anywhere', () => {
    const pem = privateKeyPem();
    expect(holdsKey(pem)).to.be.true;
    expect(holdsKey(JSON.stringify({ pem }))).to.be.true;
    for (const before of ['', 'a', 'ab']) {
      expect(holdsKey(Buffer.from(before + pem).toString('base64')), before).to.be.true;
    }
    expect(holdsKey('a PRIVATE KEY is only spoken of')).to.be.false;
  });
});
