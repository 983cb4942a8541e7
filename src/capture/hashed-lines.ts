import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { RecordingFault } from './recording-error';

const NEWLINE = 10;
/** A line is at most this long: an Envelope of Fabric's largest message, in base64, twice over. */
const MAX_LINE_BYTES = 400 * 1024 * 1024;

/** A piece of a text file: whole lines, the number of the first of them, and what is wrong from here on. */
export interface LinePiece {
  readonly firstLine: number;
  readonly lines: readonly string[];
  readonly fault?: RecordingFault;
}

/**
 * Reads a text file line by line, gunzipping it where its name ends in .gz, with memory for one piece of it. Faults come
 * last: the file cannot be read on, ends within a line, or is not the one whose SHA-256 (hex) was given.
 */
export async function* hashedLines(path: string, sha256: string | undefined): AsyncGenerator<LinePiece> {
  const hash = createHash('sha256');
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  file.on('data', (chunk) => void hash.update(chunk));
  const gunzip = path.endsWith('.gz') ? createGunzip({ chunkSize: 256 * 1024 }) : undefined;
  if (gunzip !== undefined) file.on('error', (error) => gunzip.destroy(error)).pipe(gunzip);
  const pieces: AsyncIterable<Buffer> = gunzip ?? file;
  let firstLine = 1;
  let rest: Buffer[] = [];
  let restBytes = 0;
  const faultOf = (code: RecordingFault['code'], line: number | undefined, message: string): LinePiece => ({
    firstLine,
    lines: [],
    fault: { code, file: path, line, message },
  });
  try {
    for await (const piece of pieces) {
      const end = piece.lastIndexOf(NEWLINE);
      if (end < 0) {
        rest.push(piece);
        restBytes += piece.length;
        if (restBytes > MAX_LINE_BYTES) {
          yield faultOf('LINE_INVALID', firstLine, 'the line is longer than any that we write');
          return;
        }
        continue;
      }
      const whole = Buffer.concat([...rest, piece.subarray(0, end)]);
      rest = [piece.subarray(end + 1)];
      restBytes = rest[0]?.length ?? 0;
      const lines = whole.toString('utf8').split('\n');
      yield { firstLine, lines };
      firstLine += lines.length;
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    yield faultOf('FILE_UNREADABLE', firstLine, `it cannot be read on: ${why}`);
    return;
  } finally {
    file.destroy();
  }
  if (restBytes > 0)
    yield faultOf('TRUNCATED', firstLine, 'the file ends within this line, which is left out');
  if (sha256 !== undefined && hash.digest('hex') !== sha256) {
    yield faultOf('WRONG_HASH', undefined, 'it is not the file that was recorded: its SHA-256 is another');
  }
}
