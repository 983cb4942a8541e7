import type { RecordingWriter, Shape } from '../../capture';
import type { Clock, Millis, Timer } from '../../ports/clock';
import { duration, plural } from '../../report/text';
import type { Io } from '../session';

/** On a terminal one line is written over; in a file a line every so often. */
const TERMINAL_MS = 500;
const FILE_MS = 5_000;

/** Tells how far a recording is, until it is stopped. */
export class Progress {
  readonly #io: Io;
  readonly #clock: Clock;
  readonly #writer: RecordingWriter;
  readonly #seconds: number;
  readonly #startedMs: Millis;
  #timer: Timer | undefined;

  constructor(io: Io, clock: Clock, writer: RecordingWriter, seconds: number) {
    this.#io = io;
    this.#clock = clock;
    this.#writer = writer;
    this.#seconds = seconds;
    this.#startedMs = clock.now();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    if (this.#io.out.isTTY === true) this.#io.out.write('\r\u001b[2K');
  }

  #arm(): void {
    const isTerminal = this.#io.out.isTTY === true;
    this.#timer = this.#clock.after(isTerminal ? TERMINAL_MS : FILE_MS, () => {
      const { envelopes, bytes, streams } = this.#writer.counts;
      const passed = Math.round((this.#clock.now() - this.#startedMs) / 1000);
      const line = `${passed} of ${this.#seconds} s: ${plural(envelopes, 'envelope')}, ${kilobytes(bytes)}, ${plural(streams, 'stream')}`;
      this.#io.out.write(isTerminal ? `\r\u001b[2K${line}` : `${line}\n`);
      this.#arm();
    });
  }
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;

/** A recording in a few lines: kinds, counts, sizes, intervals. */
export function summaryText({ kinds, envelopes, durationMs }: Shape): string {
  const rows = [...kinds.values()].map(({ kind, count, medianBytes, medianGapMs }) => {
    const gap = medianGapMs === undefined ? '' : `every ${duration(medianGapMs)}`;
    return `  ${kind.padEnd(26)} ${String(count).padStart(7)}  ${`${medianBytes} B`.padStart(9)}  ${gap}`.trimEnd();
  });
  return [
    `${plural(envelopes, 'envelope')} in ${duration(durationMs)}; size and interval in the middle:`,
    ...rows,
    '',
  ].join('\n');
}
