import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IDENTITIES_FOLDER } from './recording';
import { writeError } from './recording-files';

const PRIVATE = /PRIVATE KEY/;

/** The certificates of a recording that is being written: one file each, hashed; nothing but certificates gets in. */
export class CertificateStore {
  /** SHA-256 in hex by path, as the manifest has it. */
  readonly files = new Map<string, string>();
  readonly #folder: string;

  /** @throws RecordingWriteError where the folder cannot be made. */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(join(folder, IDENTITIES_FOLDER), { recursive: true });
    } catch (error) {
      throw writeError(folder, error);
    }
  }

  /**
   * Adds certificates in PEM, byte for byte. Returns their path; that of the file that has them already where there is one.
   * @throws TypeError for a private key. @throws RecordingWriteError
   */
  add(name: string, pem: Uint8Array | string): string {
    const bytes = Buffer.from(pem);
    if (PRIVATE.test(bytes.toString('latin1'))) throw new TypeError(`${name} holds a private key`);
    const hash = createHash('sha256').update(bytes).digest('hex');
    for (const [path, known] of this.files) if (known === hash) return path;
    const path = this.#free(name);
    try {
      writeFileSync(join(this.#folder, path), bytes);
    } catch (error) {
      throw writeError(join(this.#folder, path), error);
    }
    this.files.set(path, hash);
    return path;
  }

  /** Adds one certificate in DER. */
  addDer(name: string, der: Uint8Array): string {
    return this.add(name, new X509Certificate(der).toString());
  }

  #free(name: string): string {
    const plain = name.replace(/[^A-Za-z0-9._-]+/g, '_');
    for (let n = 1; ; n++) {
      const path = `${IDENTITIES_FOLDER}/${plain}${n === 1 ? '' : `-${n}`}.pem`;
      if (!this.files.has(path)) return path;
    }
  }
}
