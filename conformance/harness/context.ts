import { allTaps } from '../../src/capture';
import type { Clock, Millis } from '../../src/ports/clock';
import type { Random } from '../../src/ports/random';
import { identityHello, unsigned } from '../steps/messages';
import type { Tally } from './floor';
import type { Journal } from './journal';
import type { Ladder } from './ladder';
import type { Lines } from './lines';
import { nowhere } from './nowhere';
import type { Recruit } from './recruit';
import type { RunRecorder } from './run-recorder';
import { pause } from './signal';
import type {
  ChannelWish,
  Lease,
  Need,
  OwnChannel,
  Papers,
  PapersRequest,
  PapersSource,
  PeerUnderTest,
  Target,
} from './target';
import { Tester } from './tester';
import type { TesterStream } from './tester-stream';
import type { Waits } from './timing';
import { demandInTime, Inconclusive, Lateness, Violation } from './verdict';
import { watchedLines } from './watched-lines';

export interface ContextOptions {
  readonly target: Target;
  readonly put: PeerUnderTest;
  readonly lease: Lease;
  /** By the timers of the peer under test. */
  readonly waits: Waits;
  /** The peer under test itself, where it is started for this check. */
  readonly recruit: Recruit | undefined;
  /** A second such peer, with the same settings. */
  readonly neighbour: Recruit | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly lines: Lines;
  readonly ladder: Ladder;
  readonly tally: Tally;
  readonly journal: Journal;
  /** Told of each channel that is made for the check. */
  readonly onChannel: (name: string) => void;
  /** Takes down what testers send and receive; undefined: nobody does. */
  readonly recorder: RunRecorder | undefined;
  /** Numbers testers, so that each advertises an endpoint of its own. */
  readonly nextNumber: () => number;
}

/** What a check works with: the peer under test, its testers, time. */
export class CheckContext implements AsyncDisposable {
  readonly put: PeerUnderTest;
  readonly waits: Waits;
  readonly clock: Clock;
  readonly random: Random;
  readonly lines: Lines;
  readonly tls: boolean;
  readonly channel: string | undefined;
  readonly own: readonly Tester[];
  readonly foreign: readonly Tester[];

  readonly #options: ContextOptions;
  readonly #issued: Tester[] = [];

  constructor(options: ContextOptions) {
    this.#options = options;
    this.put = options.put;
    this.clock = options.clock;
    this.random = options.random;
    this.lines = watchedLines(options.lines, (what) => {
      this.sign(what);
    });
    this.tls = options.target.tls;
    this.channel = options.target.channel;
    this.waits = options.waits;
    this.own = options.lease.own.map((papers) => this.#tester(papers));
    this.foreign = options.lease.foreign.map((papers) => this.#tester(papers));
  }

  /** The first tester of the peer's organisation. */
  get tester(): Tester {
    return present(this.own[0], 'own: 1');
  }

  /** The second tester of the peer's organisation: the one who watches. */
  get witness(): Tester {
    return present(this.own[1], 'own: 2');
  }

  /** The third tester of the peer's organisation: the one who is talked about. */
  get third(): Tester {
    return present(this.own[2], 'own: 3');
  }

  /** The first tester of another organisation. */
  get stranger(): Tester {
    return present(this.foreign[0], 'foreign: 1');
  }

  /** The peer did something that no tester's stream shows; for the ladder, in words. */
  sign(what: string): void {
    this.#sign(this.put.name, this.own[0]?.name ?? 'tester', what);
  }

  /** Adds to what the check has seen of what its floor counts. */
  saw(count: number): void {
    this.#options.tally.saw(count);
  }

  /** Goes no further where less was seen than the floor: an Inconclusive. `detail`: what was seen, in words. */
  demandEnough(detail?: string): void {
    this.#options.tally.demandEnough(detail);
  }

  /** Has one more block ordered; resolves to the channel's height (need `add-block`). */
  addBlock(): Promise<number> {
    const { addBlock } = this.#options.target;
    if (addBlock === undefined) throw new Error('the check does not declare the need "add-block"');
    return addBlock();
  }

  /** The peer under test, to be started by this check (option `recruit`). */
  get recruit(): Recruit {
    return present(this.#options.recruit, 'recruit: {}');
  }

  /** Another peer like it, to be started by this check (option `recruit: { neighbour: true }`). */
  get neighbour(): Recruit {
    return present(this.#options.neighbour, 'recruit: { neighbour: true }');
  }

  /** A tester of the peer's organisation whom no peer has met (need `fresh`). */
  issue(request?: PapersRequest): Promise<Tester> {
    return this.#issue(this.#options.target.own(this.put), 'fresh', request);
  }

  /** The same of another organisation (need `foreign-fresh`). */
  issueStranger(request?: PapersRequest): Promise<Tester> {
    return this.#issue(this.#options.target.foreign(this.put), 'foreign-fresh', request);
  }

  /** A channel that the peer has just joined, and no other peer: it holds its first block alone (need `own-channel`). */
  async newChannel(wish: ChannelWish = {}): Promise<OwnChannel> {
    const { target, onChannel } = this.#options;
    if (target.newChannel === undefined) throw new Error('the check does not declare the need "own-channel"');
    const channel = await target.newChannel(this.put, wish);
    onChannel(channel.name);
    return channel;
  }

  /** The same tester with another identity, which its key fits (see `unmet`). */
  as({ papers }: Tester, identity: Papers['identity']): Tester {
    const tester = this.#tester({ ...papers, identity });
    this.#issued.push(tester);
    return tester;
  }

  /** What must work before anything can be concluded: a violation in it makes the check inconclusive. */
  async control<T>(what: string, run: () => Promise<T> | T): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      throw new Inconclusive(`the control failed (${what}): ${error.message}`, { cause: error });
    }
  }

  /** The time in which something that must not come would have come. */
  async quiet(ms: Millis = this.waits.quietMs): Promise<void> {
    await pause(this.clock, ms, 'silence');
  }

  /** Until `until` holds, looking again at each `everyMs`; a Violation when it does not within `withinMs`. */
  async eventually(
    what: string,
    withinMs: Millis,
    holds: () => Promise<boolean> | boolean,
    everyMs = 50,
  ): Promise<void> {
    const deadline = this.clock.now() + withinMs;
    while (!(await holds())) {
      demandInTime(this.clock.now() < deadline, what, `it does not hold after ${Math.round(withinMs)} ms`);
      await pause(this.clock, everyMs, what);
    }
  }

  /**
   * A marker: an identity Hello that must be answered, so that silence before it means something. It is said again while
   * nothing comes: a peer drops what does not fit into its queues (LIFE-13), a Hello behind many messages among it.
   */
  async marker(stream: TesterStream): Promise<void> {
    const nonces = new Set<bigint>();
    const { answerMs } = this.waits;
    // It waits behind all that was sent before it.
    for (let leftMs = 3 * answerMs; leftMs > 0; leftMs -= answerMs / 5) {
      const nonce = this.random.uint64();
      nonces.add(nonce);
      stream.send(unsigned(identityHello(nonce)));
      const isAnswered = await stream
        .expect('dataDig', {
          where: ({ value }) => nonces.has(value.nonce),
          withinMs: answerMs / 5,
          what: 'an answer to an identity Hello (the peer is alive and listens)',
        })
        .then(
          () => true,
          (error: unknown) => {
            if (stream.isOpen && leftMs > answerMs / 5 && error instanceof Lateness) return false;
            throw error;
          },
        );
      if (isAnswered) return;
    }
  }

  /** Refusing is not crashing: the peer still answers a Ping. */
  async demandAlive(): Promise<void> {
    const failure = await this.lines.ping(this.put.endpoint, this.tester.papers.tls, this.waits.answerMs);
    demandInTime(failure === undefined, 'the peer still answers a Ping', () => failure ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.own, ...this.foreign, ...this.#issued];
    await Promise.all(all.map((tester) => tester[Symbol.asyncDispose]()));
  }

  async #issue(source: PapersSource | undefined, need: Need, request?: PapersRequest): Promise<Tester> {
    if (source?.issue === undefined) throw new Error(`the check does not declare the need "${need}"`);
    const tester = this.#tester(await source.issue(request));
    this.#issued.push(tester);
    return tester;
  }

  #tester(papers: Papers): Tester {
    const { clock, random, put, ladder, tally, journal, recorder, nextNumber } = this.#options;
    return new Tester(papers, nowhere(nextNumber()), {
      clock,
      random,
      lines: this.lines,
      put,
      waits: this.waits,
      journal,
      tap: allTaps([
        ladder.tapFor(papers.name, put),
        tally.tap,
        ...(recorder === undefined ? [] : [recorder.tapFor(papers)]),
      ]),
      sign: (from, to, what) => {
        this.#sign(from, to, what);
      },
    });
  }

  #sign(from: string, to: string, what: string): void {
    const { ladder, tally } = this.#options;
    ladder.add(from, to, what);
    tally.sign();
  }
}

function present<T>(value: T | undefined, option: string): T {
  if (value === undefined) throw new Error(`the check does not ask for this: ${option}`);
  return value;
}
