import { StatusCode } from '../../src/ports/transport';
import {
  describe,
  type AliveMessage,
  type Envelope,
  type MembershipResponse,
  type PeerTime,
} from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { aliveIn, messageIn, isOlder } from './alive';
import { sameBytes } from './bytes';

/** One alive message of a membership response. */
export interface Entry {
  readonly list: 'alive' | 'dead';
  readonly envelope: Envelope;
  readonly alive: AliveMessage;
}

/** What a membership response lists. A Violation for an entry that is no alive message. */
export function entriesOf({ alive, dead }: MembershipResponse): readonly Entry[] {
  const read =
    (list: Entry['list']) =>
    (envelope: Envelope): Entry => ({ list, envelope, alive: aliveIn(envelope, `an entry under ${list}`) });
  return [...alive.map(read('alive')), ...dead.map(read('dead'))];
}

/** The entries about one peer. */
export const entriesAbout = (entries: readonly Entry[], pkiId: Uint8Array): readonly Entry[] =>
  entries.filter(({ alive }) => sameBytes(alive.membership?.pkiId, pkiId));

/** Whether the entries show that the peer has taken this alive message. */
export const shows = (entries: readonly Entry[], taken: Envelope): boolean =>
  entries.some(({ envelope }) => sameBytes(envelope.payload, taken.payload));

/** A member that asks the peer for its membership now and then: what the peer has learned shows in what it tells. */
export class Observer {
  readonly stream: TesterStream;
  readonly #t: CheckContext;
  readonly #tester: Tester;

  private constructor(t: CheckContext, tester: Tester, stream: TesterStream) {
    this.#t = t;
    this.#tester = tester;
    this.stream = stream;
  }

  /** Makes a tester one: it joins, and stays a member. */
  static async join(t: CheckContext, tester: Tester): Promise<Observer> {
    return t.control('a tester joins and is answered', async () => {
      const { stream } = await tester.join();
      await t.marker(stream);
      return new Observer(t, tester, stream);
    });
  }

  /** What the peer tells now. That it answers at all is not what is judged. */
  async entries(): Promise<readonly Entry[]> {
    return this.#t.control('a member’s MembershipRequest is answered', async () =>
      entriesOf((await this.#tester.askMembership(this.stream)).value),
    );
  }

  /**
   * A Violation unless the peer lists this alive message, or a newer one of the same author, who may have answered a
   * request meanwhile, within a moment; returns the entry.
   */
  async sees(taken: Envelope, what: string, list?: Entry['list']): Promise<Entry> {
    const { membership, timestamp } = aliveIn(taken, 'an envelope of ours');
    const pkiId = membership?.pkiId ?? new Uint8Array();
    let last: readonly Entry[] = [];
    let found: Entry | undefined;
    const deadline = this.#t.clock.now() + this.#t.waits.answerMs;
    do {
      last = entriesAbout(await this.entries(), pkiId);
      found = last.find(
        (one) => !isOlder(one.alive.timestamp, timestamp) && (list === undefined || one.list === list),
      );
      if (found === undefined) await this.#t.quiet(20);
    } while (found === undefined && this.#t.clock.now() < deadline);
    demandInTime(found !== undefined, `${what}, listed${list === undefined ? '' : ` as ${list}`}`, () =>
      tell(last),
    );
    return found;
  }

  /**
   * A Violation if the peer lists one of these alive messages. They were sent on `on`, which is used for a marker;
   * each with what is wrong with it.
   */
  async seesNone(faulty: ReadonlyMap<string, Envelope>, on: TesterStream): Promise<void> {
    await markerBehind(this.#t, on);
    await this.#t.quiet();
    const entries = await this.entries();
    for (const [fault, envelope] of faulty) {
      demand(!shows(entries, envelope), `no effect of ${fault}`, 'the peer lists it');
    }
  }
}

const tell = (entries: readonly Entry[]): string =>
  entries.length === 0
    ? 'no entry of that peer'
    : entries
        .map(({ list, envelope }) => `under ${list}: ${describe(messageIn(envelope, 'an entry'))}`)
        .join('; ');

/**
 * A time that the tester's own heartbeats do not reach: what the peer takes of this time stays in its lists, while the
 * tester stays a member.
 */
export function farAhead(tester: Tester): PeerTime {
  const { incNum, seqNum } = tester.nextTime();
  return { incNum, seqNum: seqNum + 1_000_000n };
}

/** A marker on the stream of one who may have been silent for so long that the peer takes it for dead (DEAD-01). */
export async function markerBehind(t: CheckContext, stream: TesterStream): Promise<void> {
  try {
    await t.marker(stream);
  } catch (error) {
    if (stream.ending?.code !== StatusCode.OK) throw error;
    throw new Inconclusive('the peer took the tester for dead before it could be asked', { cause: error });
  }
}

/**
 * Connects a tester that from then on says nothing by itself: what the peer learns of it is what the check sends. It
 * introduces itself, so that nothing is left of what an earlier check made the peer believe of this identity.
 */
export async function quietMember(t: CheckContext, tester: Tester): Promise<TesterStream> {
  tester.manners.answersRequests = false;
  tester.manners.beatsItsHeart = false;
  return t.control('a tester introduces itself', async () => {
    const stream = await tester.connect();
    await tester.askMembership(stream);
    await t.marker(stream);
    return stream;
  });
}
