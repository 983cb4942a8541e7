import { NANOS_PER_MILLI } from '../../src/ports/clock';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { aliveIn } from '../steps/alive';
import { Observer } from '../steps/membership';
import { isHeartbeat, ownEntryOf, selfInformationOf, timeIn } from '../steps/own-alive';

/** How many numbers in a row are looked at: more than between two that a peer leaves out now and then. */
const NUMBERS = 16;
/** Of publishCertPeriod, what has passed when the peer is looked at once more, and what is left to clocks that differ. */
const NEARLY_OVER = 0.75;
const SURELY_OVER = 0.9;

/** What the peer has told of itself on a stream. */
const toldOn = (stream: TesterStream, isOwn: ReturnType<typeof isHeartbeat>): readonly Envelope[] =>
  stream.received.flatMap((one) => {
    switch (one.kind) {
      case 'aliveMsg':
        return isOwn(one) ? [one.envelope] : [];
      case 'memReq':
        return [selfInformationOf(one)];
      case 'memRes':
        return [ownEntryOf(one)];
      default:
        return [];
    }
  });

/** The alive messages that a peer makes of itself, seen by its only member, who is sent them all. */
export const ownCountChecks: readonly Check[] = [
  check(
    'ALIVE-02',
    'leaves out no number where one member is sent all that it makes',
    {
      recruit: { timing: { aliveTimeIntervalMs: 100, pullIntervalMs: 1_000 } },
      floor: { of: 'alive messages of the peer', atLeast: NUMBERS },
    },
    async (t) => {
      await t.recruit.start({});
      const { stream } = await Observer.join(t, t.tester);
      const numbers = (): bigint[] => {
        const told = toldOn(stream, isHeartbeat(t.put)).map((one) => timeIn(one, 'an alive message').seqNum);
        return [...new Set(told)].sort((a, b) => Number(a - b));
      };
      await t.eventually(
        `${NUMBERS} alive messages of the peer`,
        t.waits.answerMs + 2 * NUMBERS * t.waits.settings.aliveTimeIntervalMs,
        () => numbers().length > NUMBERS,
      );
      // One may have overtaken another (LIFE-15).
      const last = numbers()[NUMBERS] ?? 0n;
      await t.quiet();
      const seen = numbers().filter((number) => number <= last);
      t.saw(seen.length);
      const inARow = seen.every((number, i) => i === 0 || number === (seen[i - 1] ?? 0n) + 1n);
      demandInTime(inARow, 'numbers in a row, when all that it makes is sent to one', seen.join(', '));
    },
  ),

  check(
    'ALIVE-04',
    'includes its identity until publishCertPeriod is over',
    { recruit: { timing: { publishCertPeriodMs: 4_000, aliveTimeIntervalMs: 200 } }, long: true },
    async (t) => {
      await t.recruit.start({});
      const { stream } = await Observer.join(t, t.tester);
      const first = ownEntryOf(await t.tester.askMembership(stream));
      const startedAt = timeIn(first, 'the last entry of a response').incNum;
      const ageMs = (): number => Number((t.clock.wallNanos() - startedAt) / NANOS_PER_MILLI);
      const { publishCertPeriodMs } = t.waits.settings;
      await t.quiet(Math.max(0, NEARLY_OVER * publishCertPeriodMs - ageMs()));
      const latest = ownEntryOf(await t.tester.askMembership(stream));
      if (ageMs() > SURELY_OVER * publishCertPeriodMs) {
        throw new Inconclusive('the peer was not looked at in time');
      }
      demand(
        aliveIn(latest, 'its latest heartbeat').identity.length > 0,
        `its identity in an alive message, in ${publishCertPeriodMs} ms after its start`,
        'none',
      );
    },
  ),
];
