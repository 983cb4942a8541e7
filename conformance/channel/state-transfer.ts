import { Tag, type Payload } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { OwnChannel } from '../harness/target';
import { demand, demandInTime } from '../harness/verdict';
import { joinOnChannel, offersExactly, push, toldHeight } from '../steps/blocks';
import { forgeriesOf } from '../steps/forged-blocks';
import { demandPace } from '../steps/pace';
import {
  blocks,
  demandRange,
  nextRange,
  nextRequest,
  nonceOf,
  reachesServed,
  SENDS,
  serve,
  serves,
  stateResponse,
  tall,
  tellHeight,
} from '../steps/state-transfer';

/** How far above the start the end of a range may lie: `state.batchSize` [10]. */
const BATCH = 10n;

/** Between how many requests the time is taken. */
const LOOKS = 4;

/** A forged block; `what` names it among all forgeries. */
function forgery(t: CheckContext, channel: OwnChannel, number: bigint, what: string): Payload {
  const forged = forgeriesOf(channel, number, t.tester.identity, t.channel).get(`a block ${what}`);
  if (forged === undefined) throw new Error(`there is no forgery ${what}`);
  return forged;
}

export const stateTransferChecks: readonly Check[] = [
  check(
    'STATE-01',
    'asks for missing blocks with tag, channel and a random nonce, unsigned',
    { lane: 'view', needs: ['own-channel', 'state-transfer'], long: true },
    async (t) => {
      const { channel, stream } = await tall(t, 30n);
      const nonces: bigint[] = [];
      let start = 0n;
      for (let i = 0; i < 2; i++) {
        const request = await nextRange(t, stream, channel.name, start);
        start = request.value.startSeqNum + 1n;
        const { envelope, message } = request;
        demand(message.tag === Tag.CHAN_OR_ORG, 'tag CHAN_OR_ORG (5)', `tag ${message.tag}`);
        demand(envelope.signature.length === 0, 'no signature', `${envelope.signature.length} bytes of one`);
        nonces.push(nonceOf(request));
        serve(stream, channel, request);
      }
      const [one, other] = nonces;
      demand(one !== other, 'another nonce for another range', `${one ?? ''} again`);
      demand(
        nonces.some((nonce) => nonce > 0xffff_ffffn),
        'random 64-bit nonces',
        nonces.join(', '),
      );
    },
  ),

  check(
    'STATE-09',
    'asks one that has more for all that it lacks, in ranges of eleven, and commits it',
    { lane: 'view', needs: ['own-channel', 'state-transfer'], long: true },
    async (t) => {
      const { channel, stream } = await tall(t, 30n);
      const waits: number[] = [];
      let servedMs = -Infinity;
      for (const [start, end] of [
        [1n, 11n],
        [12n, 22n],
        [23n, 29n],
      ] as const) {
        const request = await nextRange(t, stream, channel.name, start);
        demandRange(request, start, end);
        waits.push(request.atMs - servedMs);
        serve(stream, channel, request);
        // It has read what it was told by then.
        await t.marker(stream);
        servedMs = t.clock.now();
      }
      await reachesServed(t, stream, channel.name, 29n);
      // A loaded machine makes one of them late.
      demandInTime(
        Math.min(...waits) < 0.7 * t.waits.settings.stateCheckIntervalMs,
        'a request for the next range as soon as one is answered',
        `${waits.slice(1).map(Math.round).join(' and ')} ms after it`,
      );
    },
  ),

  check(
    'STATE-09',
    'asks one that says it has more on the channel of the network',
    { lane: 'view', needs: ['channel', 'state-transfer'], long: true },
    async (t) => {
      const channel = t.channel ?? '';
      const stream = await joinOnChannel(t, t.tester, channel);
      const height = (await toldHeight(t, t.tester, stream, channel)) ?? 1n;
      const claimed = height + 100n;
      await tellHeight(t, stream, channel, claimed);
      const { message, value } = await nextRequest(t, stream, channel);
      demand(message.tag === Tag.CHAN_OR_ORG, 'tag CHAN_OR_ORG (5)', `tag ${message.tag}`);
      demand(value.startSeqNum >= height, `blocks from ${height} on`, `from ${value.startSeqNum} on`);
      demand(
        value.endSeqNum === value.startSeqNum + BATCH,
        'eleven blocks, both ends included',
        `${value.startSeqNum} to ${value.endSeqNum}`,
      );
      // It was a lie.
      await tellHeight(t, stream, channel, 1n);
    },
  ),

  check(
    'STATE-09',
    'looks at each checkInterval whether somebody has more',
    {
      lane: 'view',
      needs: ['own-channel', 'state-transfer'],
      long: true,
      floor: { of: 'requests', atLeast: LOOKS + 1 },
    },
    async (t) => {
      const { channel, stream } = await tall(t, 2n);
      const gaps: number[] = [];
      let servedMs = 0;
      for (let next = 1n; gaps.length < LOOKS;) {
        const request = await nextRequest(t, stream, channel.name);
        serve(stream, channel, request);
        // What it has not committed by then it asks for again.
        const isNext = request.value.startSeqNum === next;
        if (isNext && servedMs > 0) gaps.push(request.atMs - servedMs);
        servedMs = t.clock.now();
        if (!isNext) continue;
        // From the answer on it waits for a whole interval, and knows before it is over that there is one more.
        next += 1n;
        t.saw(1);
        await tellHeight(t, stream, channel.name, next + 1n);
      }
      const { stateCheckIntervalMs } = t.waits.settings;
      const least = Math.min(...gaps);
      demandInTime(
        least > 0.7 * stateCheckIntervalMs && least < 1.5 * stateCheckIntervalMs,
        `a request at each checkInterval, ${stateCheckIntervalMs} ms`,
        `${gaps.map(Math.round).join(', ')} ms after what it asked for before`,
      );
    },
  ),

  check(
    'STATE-11',
    'repeats a request that is not answered, the very same, four times in all',
    {
      lane: 'view',
      needs: ['own-channel', 'state-transfer'],
      long: true,
      floor: { of: 'requests', atLeast: SENDS + 1 },
    },
    async (t) => {
      const { channel, stream } = await tall(t, 5n);
      const { stateResponseTimeoutMs } = t.waits.settings;
      const first = await nextRequest(t, stream, channel.name);
      const times = [first.atMs];
      for (let sends = 1; sends < SENDS; sends++) {
        const again = await nextRequest(t, stream, channel.name);
        times.push(again.atMs);
        // A peer that took the tester for dead in between begins anew.
        demandInTime(
          nonceOf(again) === nonceOf(first),
          `the same nonce in ${SENDS} sends`,
          `${nonceOf(again)} after ${nonceOf(first)}`,
        );
        demandRange(again, first.value.startSeqNum, first.value.endSeqNum);
      }
      demandPace(times, stateResponseTimeoutMs, 'the request again');
      const anew = await nextRequest(t, stream, channel.name);
      t.saw(SENDS + 1);
      demand(nonceOf(anew) !== nonceOf(first), 'another nonce after four sends', `${nonceOf(anew)} again`);
    },
  ),

  check(
    'STATE-12',
    'takes no response with another nonce, none without blocks, and none with a forged one',
    { lane: 'view', needs: ['own-channel', 'state-transfer'], long: true },
    async (t) => {
      const { channel, stream } = await tall(t, 4n);
      const good = blocks(channel, 1n, 3n);
      const forged = forgery(t, channel, 1n, 'with a spoilt signature');
      const first = await nextRequest(t, stream, channel.name);
      const nonce = nonceOf(first);
      const wrong: readonly (readonly [string, bigint, readonly Payload[]])[] = [
        ['with another nonce', nonce + 1n, good],
        ['without blocks', nonce, []],
        ['with a forged block', nonce, [forged, ...good.slice(1)]],
      ];
      for (const [what, wrongNonce, payloads] of wrong) {
        stream.send(stateResponse(channel.name, wrongNonce, payloads));
        const again = await nextRequest(t, stream, channel.name);
        demand(nonceOf(again) === nonce, `the same request again after a response ${what}`, 'another one');
      }
      const has = await t.control('it serves blocks', () => serves(t, stream, channel.name, 1n));
      demand(!has, 'nothing committed of responses that do not count', 'block 1');
      stream.send(stateResponse(channel.name, nonce, good));
      await reachesServed(t, stream, channel.name, 3n);
      // A genuine block again, but as if it were another.
      await tellHeight(t, stream, channel.name, 6n);
      const next = await nextRange(t, stream, channel.name, 4n);
      const renumbered = forgery(t, channel, 4n, 'whose number is another than the message says');
      stream.send(stateResponse(channel.name, nonceOf(next), [renumbered, ...blocks(channel, 5n, 5n)]));
      const again = await nextRequest(t, stream, channel.name);
      demandRange(again, 4n, 5n);
      demand(nonceOf(again) === nonceOf(next), 'the same request again', 'another one');
      serve(stream, channel, again);
      await reachesServed(t, stream, channel.name, 5n);
    },
  ),

  check(
    'STATE-12',
    'takes no response that it has not asked for',
    { needs: ['own-channel', 'state-transfer'] },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await t.control('a tester shakes hands', () => t.tester.connect());
      for (const nonce of [0n, t.random.uint64()]) {
        stream.send(stateResponse(channel.name, nonce, blocks(channel, 1n, 3n)));
      }
      await t.marker(stream);
      await t.quiet();
      const has = await t.control('it serves blocks', () => serves(t, stream, channel.name, 1n));
      demand(!has, 'nothing committed of a response that was not asked for', 'block 1');
      stream.send(push(channel, 1n));
      await t.control('a pushed block is committed', () => reachesServed(t, stream, channel.name, 1n));
    },
  ),

  check(
    'STATE-13',
    'goes on after what a short response brought',
    { lane: 'view', needs: ['own-channel', 'state-transfer'], long: true },
    async (t) => {
      const { channel, stream } = await tall(t, 30n);
      const first = await nextRequest(t, stream, channel.name);
      stream.send(stateResponse(channel.name, nonceOf(first), blocks(channel, 1n, 3n)));
      demandRange(await nextRange(t, stream, channel.name, 2n), 4n, 14n);
    },
  ),

  check(
    'BLOCK-06',
    'keeps a pushed block up to nineteen above its height until its turn, and drops one that lies higher',
    { lane: 'view', needs: ['own-channel', 'state-transfer'], long: true },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await joinOnChannel(t, t.tester, channel.name);
      for (const number of [20n, 21n]) stream.send(push(channel, number));
      await t.control('the peer has both blocks', () =>
        offersExactly(t, stream, channel.name, [20n, 21n], 'blocks that were pushed'),
      );
      await tellHeight(t, stream, channel.name, 20n);
      for (let start = 1n; start < 20n;) {
        const request = await t.control('it asks for the blocks below', () =>
          nextRequest(t, stream, channel.name),
        );
        serve(stream, channel, request);
        start = request.value.endSeqNum + 1n;
      }
      await t.control('it commits what it asked for', () => reachesServed(t, stream, channel.name, 19n));
      await reachesServed(t, stream, channel.name, 20n);
      await t.quiet();
      const has = await serves(t, stream, channel.name, 21n);
      demand(!has, 'a block twenty above the height, not kept for commit', 'it was committed');
    },
  ),
];
