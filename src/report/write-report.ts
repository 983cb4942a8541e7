import { promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';

/** A report could not be written; the message says where and why. */
export class ReportFileError extends Error {
  override readonly name = 'ReportFileError';
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Finds out before a long run whether a report can be written to `path`. Rejects with a ReportFileError. */
export async function checkReportPath(path: string): Promise<void> {
  try {
    await fs.access(dirname(path), fs.constants.W_OK);
  } catch (error) {
    throw new ReportFileError(`cannot write a report to ${path}: ${reason(error)}`, { cause: error });
  }
  const there = await fs.stat(path).catch(() => undefined);
  if (there?.isDirectory() === true)
    throw new ReportFileError(`cannot write a report to ${path}: it is a folder`);
}

/** Writes a report whole or not at all: a reader never sees half of it. Rejects with a ReportFileError. */
export async function writeReport(path: string, text: string): Promise<void> {
  try {
    const folder = await fs.mkdtemp(join(dirname(path), '.report-'));
    try {
      const written = join(folder, 'report');
      await fs.writeFile(written, text);
      await fs.rename(written, path);
    } finally {
      await fs.rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    throw new ReportFileError(`cannot write a report to ${path}: ${reason(error)}`, { cause: error });
  }
}
