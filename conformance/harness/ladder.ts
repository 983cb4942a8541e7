import { glanceAt, type Tap } from '../../src/capture';
import type { Clock, Millis } from '../../src/ports/clock';
import type { LadderLine } from '../../src/report/model';
import { OtherSide } from './other-side';
import type { PeerUnderTest } from './peer-under-test';
import { describeEnding } from './tester-stream';

/** A failing check shows its messages; a chatty one must not grow without bound. */
const MAX_LINES = 400;

interface Rung extends Pick<LadderLine, 'atMs' | 'from' | 'to'> {
  /** An Envelope is told when somebody asks. */
  readonly what: string | Uint8Array;
}

/** The messages of one check, in order, with times from its start. */
export class Ladder {
  readonly #clock: Clock;
  readonly #start: Millis;
  readonly #rungs: Rung[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#start = clock.now();
  }

  /** Adds a rung at the present time, an Envelope or words; the oldest go when there are too many. */
  add(from: string, to: string, what: string | Uint8Array): void {
    if (this.#rungs.length === MAX_LINES) this.#rungs.shift();
    this.#rungs.push({ atMs: this.elapsedMs(), from, to, what });
  }

  /** A tap that shows here what passes on the streams of a tester. */
  tapFor(tester: string, put: Pick<PeerUnderTest, 'name' | 'pkiId'>): Tap {
    return {
      opened: (stream) => {
        const other = new OtherSide(stream, put);
        return {
          sent: (envelope) => {
            this.add(tester, other.name, envelope);
          },
          received: (envelope) => {
            if (!other.isKnown) other.says(glanceAt(envelope).message);
            this.add(other.name, tester, envelope);
          },
          ending: () => {
            this.add(tester, other.name, 'ends the stream');
          },
          ended: (ending) => {
            this.add(other.name, tester, describeEnding(ending));
          },
        };
      },
    };
  }

  /** Milliseconds since the check began. */
  elapsedMs(): Millis {
    return this.#clock.now() - this.#start;
  }

  get lines(): readonly LadderLine[] {
    return this.#rungs.map(({ what, ...rung }) => ({
      ...rung,
      what: typeof what === 'string' ? what : describeBytes(what),
    }));
  }
}

function describeBytes(bytes: Uint8Array): string {
  const { kind, summary } = glanceAt(bytes);
  return kind === 'undecodable' ? `${bytes.length} bytes that do not decode: ${summary}` : summary;
}
