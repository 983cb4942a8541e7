import type { Envelope, PeerTime } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { unmet } from '../steps/identities';
import { Observer, quietMember } from '../steps/membership';
import { membershipResponse, unsigned } from '../steps/messages';
import { isStateInfoRelayed, PUSHES, unknownChannel } from '../steps/relay';

/** Above 2^53, where numbers lose the difference of one. */
const LARGE = 2n ** 53n;
const SIGN_BIT = 2n ** 63n;

/** Timestamps in the order in which they are told, each with whether it is news. `from`: an incarnation not yet used. */
const story = (from: bigint): readonly (readonly [PeerTime, boolean])[] => [
  [{ incNum: from, seqNum: 10n }, true],
  [{ incNum: from, seqNum: 9n }, false],
  [{ incNum: from, seqNum: 11n }, true],
  // An earlier incarnation, by one nanosecond, whatever its seq_num.
  [{ incNum: from - 1n, seqNum: 100n }, false],
  [{ incNum: from + 1n, seqNum: 1n }, true],
  [{ incNum: from, seqNum: LARGE }, false],
  [{ incNum: from + 1n, seqNum: LARGE }, true],
  [{ incNum: from + 1n, seqNum: LARGE + 1n }, true],
  [{ incNum: from + 1n, seqNum: LARGE }, false],
  [{ incNum: from + 2n, seqNum: 0n }, true],
  // Where signed numbers turn negative.
  [{ incNum: from + 2n, seqNum: SIGN_BIT - 1n }, true],
  [{ incNum: from + 2n, seqNum: SIGN_BIT }, true],
  [{ incNum: from + 2n, seqNum: SIGN_BIT - 1n }, false],
];

/** Tells alive messages one by one; the observer must see each that is news, and none that is not. */
async function tellStory(
  observer: Observer,
  author: Tester,
  on: TesterStream,
  tell: (alive: Envelope) => Envelope,
): Promise<void> {
  for (const [timestamp, isNews] of story(author.incNum + 10n)) {
    const alive = author.alive({ timestamp });
    on.send(tell(alive));
    const what = `inc_num ${timestamp.incNum.toString()} with seq_num ${timestamp.seqNum.toString()}`;
    if (isNews) await observer.sees(alive, `an alive message of ${what}, which is newer`, 'alive');
    else await observer.seesNone(new Map([[`an alive message of ${what}, which is older`, alive]]), on);
  }
}

export const freshnessChecks: readonly Check[] = [
  check(
    'STORE-01',
    'orders pushed alive messages by inc_num, then by seq_num',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      await tellStory(observer, t.tester, stream, (alive) => alive);
    },
  ),

  check(
    'STORE-01',
    'orders alive messages inside responses likewise',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await quietMember(t, t.tester);
      const tell = (alive: Envelope): Envelope => unsigned(membershipResponse(0n, [alive]));
      await tellStory(observer, t.tester, observer.stream, tell);
    },
  ),

  check(
    'STORE-01',
    'takes an incarnation for news that is far ahead of the time',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      // Whoever is taken for so young is not heard again by earlier times.
      const author = t.as(t.tester, unmet(t.tester.identity, t.random));
      for (const seqNum of [1n, 2n]) {
        const alive = author.alive({ timestamp: { incNum: 2n * author.incNum, seqNum } });
        observer.stream.send(alive);
        await observer.sees(alive, 'an alive message of an inc_num that is far ahead', 'alive');
      }
    },
  ),

  check('STORE-01', 'orders state info likewise', { lane: 'view', long: true, own: 2 }, async (t) => {
    // Of a channel that nobody knows, which it relays inside its organisation all the same (TAG-07).
    const channel = unknownChannel(t);
    const observer = await Observer.join(t, t.witness);
    const { stream } = await Observer.join(t, t.tester);
    const { incNum } = t.tester;
    const count = BigInt(PUSHES);
    const relayed = (times: readonly PeerTime[]): Promise<boolean> =>
      isStateInfoRelayed(t, observer.stream, t.tester, stream, times, channel);
    const times = (of: bigint, from: bigint, step: bigint): readonly PeerTime[] =>
      Array.from({ length: PUSHES }, (_, i) => ({ incNum: of, seqNum: from + step * BigInt(i) }));
    await t.control('state info that is news is relayed', async () => {
      demandInTime(
        await relayed(times(incNum, LARGE, 1n)),
        'state info of a rising seq_num, relayed',
        'none',
      );
    });
    demand(
      !(await relayed(times(incNum, LARGE - 1n, -1n))),
      'state info of a lower seq_num, not relayed',
      'some',
    );
    demand(
      !(await relayed(times(incNum - 1n, LARGE + count, 1n))),
      'state info of an earlier inc_num, not relayed',
      'some',
    );
    demandInTime(await relayed(times(incNum + 1n, 1n, 1n)), 'state info of a later inc_num, relayed', 'none');
  }),
];
