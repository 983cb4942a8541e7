import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hashedLines } from './hashed-lines';
import { parseManifest, type Manifest } from './manifest';
import { LineFault, LineReader } from './recorded-line';
import { ENVELOPES_FILE, MANIFEST_FILE, type Recorded } from './recording';
import { RecordingError, type RecordingFault } from './recording-error';

/** Some lines of a recording, in order, and what is wrong with others between them. */
export interface RecordingPiece {
  readonly recorded: readonly Recorded[];
  readonly faults: readonly RecordingFault[];
}

/**
 * A recording in a folder. Opening reads its manifest and certificates; the envelopes are streamed, each time anew, with
 * memory for some hundred kilobytes of them. What is wrong with parts of it is told beside the rest, which can be used.
 */
export class RecordingReader {
  readonly folder: string;
  readonly manifest: Manifest;
  /** What is wrong with anything but the envelopes. */
  readonly faults: readonly RecordingFault[];
  readonly #certificates: ReadonlyMap<string, string>;
  readonly #envelopes: string;

  /** @throws RecordingError where there is no recording that this program can read. */
  constructor(folder: string) {
    this.folder = folder;
    const file = join(folder, MANIFEST_FILE);
    if (!isFile(file)) {
      const message = statSync(folder, { throwIfNoEntry: false })?.isDirectory()
        ? 'there is no manifest, so this is no recording (gossipspec convert makes one of older formats)'
        : 'there is no such folder';
      throw new RecordingError({ code: 'NO_RECORDING', file, line: undefined, message });
    }
    this.manifest = parseManifest(readFileSync(file, 'utf8'), file);
    const faults: RecordingFault[] = [];
    if (!this.manifest.finished) {
      const message = 'the recorder did not come to its end, so there are no hashes to check';
      faults.push({ code: 'UNFINISHED', file, line: undefined, message });
    }
    this.#envelopes = this.#findEnvelopes(file);
    this.#certificates = this.#readCertificates(faults);
    this.faults = faults;
  }

  /** A certificate file's text; undefined where it is missing or wrong, which is among the faults. */
  certificate(path: string): string | undefined {
    return this.#certificates.get(path);
  }

  /** The recording in pieces, in order. */
  async *pieces(): AsyncGenerator<RecordingPiece> {
    const reader = new LineReader();
    const sha256 = this.manifest.files[this.#envelopes];
    const file = join(this.folder, this.#envelopes);
    for await (const { firstLine, lines, fault } of hashedLines(file, sha256)) {
      const recorded: Recorded[] = [];
      const faults: RecordingFault[] = [];
      lines.forEach((text, index) => {
        const line = firstLine + index;
        try {
          const one = reader.read(text, line);
          if (one === undefined) return;
          if (one.type === 'opened') faults.push(...this.#unknownCertificates(one));
          recorded.push(one);
        } catch (error) {
          if (!(error instanceof LineFault)) throw error;
          faults.push({ code: 'LINE_INVALID', file, line, message: error.message });
        }
      });
      if (fault !== undefined) faults.push(fault);
      yield { recorded, faults };
    }
  }

  /** The recording, one by one. @throws RecordingError at the first fault: for who wants a whole recording or none. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Recorded> {
    const [first] = this.faults;
    if (first !== undefined) throw new RecordingError(first);
    for await (const { recorded, faults } of this.pieces()) {
      const [fault] = faults;
      if (fault !== undefined) throw new RecordingError(fault);
      yield* recorded;
    }
  }

  #findEnvelopes(manifest: string): string {
    const named = [ENVELOPES_FILE, `${ENVELOPES_FILE}.gz`];
    const found = named.find((name) => isFile(join(this.folder, name)));
    if (found !== undefined && (!this.manifest.finished || this.manifest.files[found] !== undefined))
      return found;
    const message = 'neither envelopes.jsonl nor envelopes.jsonl.gz is there, as the manifest says it is';
    throw new RecordingError({ code: 'FILE_MISSING', file: manifest, line: undefined, message });
  }

  #readCertificates(faults: RecordingFault[]): ReadonlyMap<string, string> {
    const { organisations, identities, tlsCertificates, files } = this.manifest;
    const paths = new Set([
      ...organisations.flatMap(({ rootCerts, intermediateCerts, tlsRootCerts }) => [
        ...rootCerts,
        ...intermediateCerts,
        ...tlsRootCerts,
      ]),
      ...identities.map(({ certificate }) => certificate),
      ...Object.values(tlsCertificates),
      ...Object.keys(files).filter((path) => path.endsWith('.pem')),
    ]);
    const texts = new Map<string, string>();
    for (const path of paths) {
      const file = join(this.folder, path);
      const fault = (code: RecordingFault['code'], message: string): void => {
        faults.push({ code, file, line: undefined, message });
      };
      if (!isFile(file)) {
        fault('CERTIFICATE_MISSING', 'the certificate is not in the recording');
        continue;
      }
      const bytes = readFileSync(file);
      const wanted = files[path];
      const text = bytes.toString('latin1');
      if (text.includes('PRIVATE KEY')) {
        fault('PRIVATE_KEY', 'there is a private key in it, which must not be passed on');
      } else if (!text.includes('BEGIN CERTIFICATE')) {
        fault('CERTIFICATE_INVALID', 'there is no certificate in it');
      } else if (wanted !== undefined && createHash('sha256').update(bytes).digest('hex') !== wanted) {
        fault('WRONG_HASH', 'it is not the file that was recorded: its SHA-256 is another');
      } else {
        texts.set(path, text);
      }
    }
    return texts;
  }

  #unknownCertificates({ stream, line }: Extract<Recorded, { type: 'opened' }>): RecordingFault[] {
    const { tlsCertificates } = this.manifest;
    return [stream.tls?.initiator, stream.tls?.responder].flatMap((hash) => {
      if (hash === undefined || Object.hasOwn(tlsCertificates, hash)) return [];
      const message = `the TLS certificate with the SHA-256 ${hash} is not in the recording`;
      return [
        { code: 'CERTIFICATE_MISSING', file: join(this.folder, this.#envelopes), line, message } as const,
      ];
    });
  }
}

const isFile = (path: string): boolean =>
  existsSync(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
