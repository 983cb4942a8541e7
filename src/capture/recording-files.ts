import { createHash, type Hash } from 'node:crypto';
import { createWriteStream, openSync } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { RecordingWriteError } from './recording-error';

/** Lines are handed on in pieces of about this size. */
const CHUNK_CHARS = 64 * 1024;

/** A text file that is written line by line, hashed on its way. Lines never wait: what the disk is slow to take is held. */
export class LineFile {
  readonly path: string;
  readonly #head: Transform;
  readonly #hash: Hash = createHash('sha256');
  readonly #written: Promise<void>;
  #pending: string[] = [];
  #pendingChars = 0;
  #failure: RecordingWriteError | undefined;

  constructor(
    path: string,
    { gzip }: { readonly gzip: boolean },
    onFailure: (why: RecordingWriteError) => void,
  ) {
    this.path = path;
    const hash = this.#hash;
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    const file = createWriteStream(path, { fd: openFor(path) });
    this.#head = gzip ? createGzip() : hashing;
    this.#written = gzip ? pipeline(this.#head, hashing, file) : pipeline(hashing, file);
    this.#written.catch((error: unknown) => {
      this.#failure = writeError(path, error);
      onFailure(this.#failure);
    });
  }

  /** Adds a line, which has no newline in it. Does nothing once writing has failed. */
  write(line: string): void {
    if (this.#failure !== undefined) return;
    this.#pending.push(line, '\n');
    this.#pendingChars += line.length + 1;
    if (this.#pendingChars >= CHUNK_CHARS) this.flush();
  }

  /** Hands on what is held back. */
  flush(): void {
    if (this.#pending.length === 0 || this.#failure !== undefined) return;
    this.#head.write(this.#pending.join(''));
    this.#pending = [];
    this.#pendingChars = 0;
  }

  /** Whether the disk has fallen behind, so that who can should wait for {@link drained}. */
  get isBehind(): boolean {
    return this.#head.writableNeedDrain;
  }

  /** Resolves when the disk has caught up, or when writing has failed. */
  async drained(): Promise<void> {
    if (!this.isBehind || this.#failure !== undefined) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#head.off('drain', done).off('close', done);
        resolve();
      };
      this.#head.once('drain', done).once('close', done);
    });
  }

  /** Resolves to the file's SHA-256 in hex. @throws RecordingWriteError */
  async close(): Promise<string> {
    this.flush();
    this.#head.end();
    try {
      await this.#written;
    } catch (error) {
      throw writeError(this.path, error);
    }
    return this.#hash.digest('hex');
  }
}

function openFor(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw writeError(path, error);
  }
}

/** What a failure to write `path` means to the user. */
export function writeError(path: string, cause: unknown): RecordingWriteError {
  if (cause instanceof RecordingWriteError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why =
    code === 'ENOSPC'
      ? 'the disk is full; what is there so far can be read, but is not finished'
      : code === 'EDQUOT'
        ? 'the disk quota is used up; what is there so far can be read, but is not finished'
        : cause instanceof Error
          ? cause.message
          : String(cause);
  return new RecordingWriteError(`${path} cannot be written: ${why}`, { cause });
}
