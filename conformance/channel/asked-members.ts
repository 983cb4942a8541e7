import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { Inconclusive } from '../harness/verdict';
import { joinOnChannel } from '../steps/blocks';
import { isOn } from '../steps/channel-field';
import { joinAndLeave, tellProperties } from '../steps/own-properties';
import { demandRange, nextRequest, requestWithinMs, SENDS } from '../steps/state-transfer';

const options = { lane: 'view', own: 2, long: true, needs: ['own-channel', 'state-transfer'] } as const;

/** The end of the range that a peer which has the first block asks for of one that has many more (STATE-09). */
const END = 11n;
/** A message that a peer sent before it learned something may still arrive this much later. */
const ON_ITS_WAY_MS = 100;

/** Awaits that the peer asks one of several for blocks. */
const anyRequest = (t: CheckContext, streams: readonly TesterStream[], channel: string): Promise<void> =>
  t.eventually(
    'a request for blocks',
    requestWithinMs(t),
    () => streams.some((stream) => stream.has('stateRequest', isOn(channel))),
    10,
  );

/** A Violation if one was asked for blocks up to the end though it had told that it has fewer. */
function demandNoneSince(sinceMs: number, stream: TesterStream, channel: string): void {
  stream.expectNone(
    'stateRequest',
    `no request for blocks up to ${END} to one that has fewer`,
    (one) => isOn(channel)(one) && one.value.endSeqNum === END && one.atMs > sinceMs + ON_ITS_WAY_MS,
  );
}

/** Which members a peer asks for the blocks that it lacks. */
export const askedMemberChecks: readonly Check[] = [
  check(
    'STATE-10',
    'asks one whose height is the end of the range, and nobody who is lower',
    options,
    async (t) => {
      const { stateResponseTimeoutMs } = t.waits.settings;
      const channel = (await t.newChannel()).name;
      const exact = await joinOnChannel(t, t.tester, channel);
      const other = await joinOnChannel(t, t.witness, channel, 30n);
      await anyRequest(t, [exact, other], channel);
      exact.expectNone('stateRequest', 'no request to one that has no more', isOn(channel));
      const first = await nextRequest(t, other, channel);
      demandRange(first, 1n, END);
      await tellProperties(t, t.tester, exact, channel, { ledgerHeight: END });
      await tellProperties(t, t.witness, other, channel, { ledgerHeight: END - 1n });
      const otherToldMs = t.clock.now();
      if (otherToldMs - first.atMs > (SENDS - 1.5) * stateResponseTimeoutMs) {
        throw new Inconclusive(
          'this machine is too busy to tell other heights while the peer repeats itself',
        );
      }
      const again = await nextRequest(t, exact, channel);
      demandRange(again, 1n, END);
      await tellProperties(t, t.tester, exact, channel, { ledgerHeight: END - 1n });
      const exactToldMs = t.clock.now();
      await t.quiet(1.5 * stateResponseTimeoutMs);
      demandNoneSince(otherToldMs, other, channel);
      demandNoneSince(exactToldMs, exact, channel);
    },
  ),

  check(
    'LEAVE-03',
    'asks no member that has left the channel for blocks, until it is back',
    options,
    async (t) => {
      const channel = (await t.newChannel()).name;
      const gone = await joinAndLeave(t, t.witness, channel, 30n);
      const stream = await joinOnChannel(t, t.tester, channel, 5n);
      await anyRequest(t, [gone, stream], channel);
      gone.expectNone('stateRequest', 'no request to one that has left the channel', isOn(channel));
      demandRange(await nextRequest(t, stream, channel), 1n, 4n);
      await tellProperties(t, t.witness, gone, channel, { ledgerHeight: 30n });
      await nextRequest(t, gone, channel);
    },
  ),

  check(
    'STATE-09',
    'asks a member of another organisation, too',
    { ...options, own: 1, foreign: 1, needs: [...options.needs, 'external-endpoint'] },
    async (t) => {
      const channel = (await t.newChannel()).name;
      const foreign = await joinOnChannel(t, t.stranger, channel, 5n);
      demandRange(await nextRequest(t, foreign, channel), 1n, 4n);
    },
  ),
];
