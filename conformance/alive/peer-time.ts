import { NANOS_PER_MILLI } from '../../src/ports/clock';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import {
  isHeartbeat,
  nextHeartbeat,
  nextRequest,
  ownEntryOf,
  selfInformationOf,
  timeIn,
} from '../steps/own-alive';
import { BEFORE_FABRIC_NANOS } from '../steps/times';

const DAY_NANOS = 86_400_000n * NANOS_PER_MILLI;

/** Alive messages a second that a peer may build: heartbeats, requests and what it builds and does not send. */
const MAX_PER_SECOND = 1_000;

/** Fewer seq_nums than these may all be even, or all odd, by chance. */
const MIN_NUMBERS = 10;
/** With this many, a common step is no chance: there is no need to look on. */
const MANY_NUMBERS = 30;

/** The alive messages that the peer has built and sent to this member: heartbeats, and those of its requests. */
const builtFor = (t: CheckContext, { received }: TesterStream): readonly Envelope[] =>
  received.flatMap((one) => {
    if (one.kind === 'memReq') return [selfInformationOf(one)];
    return one.kind === 'aliveMsg' && isHeartbeat(t.put)(one) ? [one.envelope] : [];
  });

/** The largest number by which all of these differ; 0 for less than two of them. */
function commonStep(numbers: Iterable<bigint>): bigint {
  const [first = 0n, ...others] = numbers;
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
  return others.reduce((step, one) => gcd(step, one > first ? one - first : first - one), 0n);
}

/** The PeerTime of a peer’s own alive messages: when it started, and how many it has built. */
export const peerTimeChecks: readonly Check[] = [
  check(
    'ALIVE-02',
    'keeps its inc_num, a time in nanoseconds, and gives every alive message a seq_num of its own',
    { lane: 'view' },
    async (t) => {
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const begunMs = t.clock.now();
      const built = await t.control('the peer talks to its members', async () => {
        const heartbeats = async (): Promise<readonly Envelope[]> => [
          (await nextHeartbeat(t, stream)).envelope,
          (await nextHeartbeat(t, stream)).envelope,
        ];
        const requests = async (): Promise<readonly Envelope[]> => [
          selfInformationOf(await nextRequest(t, stream)),
          selfInformationOf(await nextRequest(t, stream)),
        ];
        return (await Promise.all([heartbeats(), requests()])).flat();
      });
      const builtMs = t.clock.now();
      const shown = ownEntryOf(await t.tester.askMembership(stream));
      const times = [...built, shown].map((envelope) => timeIn(envelope, 'an alive message of the peer'));

      const incNums = new Set(times.map(({ incNum }) => incNum));
      const [incNum = 0n] = incNums;
      demand(incNums.size === 1, 'one inc_num', () => [...incNums].join(', '));
      demand(
        incNum > BEFORE_FABRIC_NANOS && incNum < t.clock.wallNanos() + DAY_NANOS,
        'the time of the peer’s start in nanoseconds since 1970 as its inc_num',
        incNum.toString(),
      );

      const own = times.slice(0, built.length).map(({ seqNum }) => seqNum);
      demand(
        new Set(own).size === own.length,
        'a seq_num of its own for each heartbeat and each request',
        () => own.join(', '),
      );
      const allowed = BigInt(Math.ceil(MAX_PER_SECOND * (1 + (t.clock.now() - begunMs) / 1_000)));
      const highest = own.reduce((a, b) => (a > b ? a : b));
      const lowest = own.reduce((a, b) => (a < b ? a : b));
      // One may overtake another (LIFE-15), but in the long run they grow.
      const later: bigint[] = [];
      while (later.length < 4 && !later.some((seqNum) => seqNum > highest)) {
        const { atMs, envelope } = await t.control('heartbeats go on', () => nextHeartbeat(t, stream));
        if (atMs > builtMs) later.push(timeIn(envelope, 'a later heartbeat').seqNum);
      }
      demandInTime(
        later.some((seqNum) => seqNum > highest),
        `a later heartbeat with a seq_num above ${highest}`,
        () => later.join(', '),
      );
      demand(highest - lowest < allowed, 'a seq_num that counts alive messages, one by one', () =>
        own.join(', '),
      );
      // It started at 1 and has not been counting for longer than the peer has run.
      const ageMs = (t.clock.wallNanos() + DAY_NANOS - incNum) / NANOS_PER_MILLI;
      demand(highest < ageMs, 'a seq_num that started at 1', highest.toString());
    },
  ),

  check(
    'ALIVE-02',
    'counts its alive messages one by one, whoever is sent them',
    { lane: 'view', floor: { of: 'alive messages of its own', atLeast: 2 } },
    async (t) => {
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const { aliveTimeIntervalMs, pullIntervalMs } = t.waits.settings;
      const deadline = t.clock.now() + t.waits.chosenMs(Math.max(aliveTimeIntervalMs, pullIntervalMs));
      const seen = new Set<bigint>();
      // Built one after the other, though not all for this tester: some pair of those that it sees differs by one.
      while (t.clock.now() < deadline) {
        const shown = ownEntryOf(await t.control('membership is told', () => t.tester.askMembership(stream)));
        const built = builtFor(t, stream);
        for (const envelope of [shown, ...built]) {
          seen.add(timeIn(envelope, 'an alive message of the peer').seqNum);
        }
        if (commonStep(seen) === 1n) {
          t.saw(seen.size);
          return;
        }
        if (seen.size >= MANY_NUMBERS && built.length >= MIN_NUMBERS) break;
        await t.quiet(aliveTimeIntervalMs / 5);
      }
      if (seen.size < MIN_NUMBERS) throw new Inconclusive(`only ${seen.size} alive messages were seen`);
      demand(
        false,
        'a seq_num that grows by one for every alive message',
        `all of ${seen.size} differ by multiples of ${commonStep(seen)}`,
      );
    },
  ),
];
