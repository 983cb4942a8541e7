import type { Millis } from '../../src/ports/clock';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { hex, sameBytes } from '../steps/bytes';
import {
  answer,
  askDigest,
  demandIdentityPull,
  demandPunctual,
  hellosOn,
  itemOf,
  nextHello,
  nobody,
  offer,
  offerItems,
  offers,
  persist,
  requestOf,
} from '../steps/pull';
import { gapsOf, roundsOn, sameRound, timelyHellosOn } from '../steps/pull-rounds';

/** A member that answers no Hello by itself: the check does. */
const joined = async (t: CheckContext, tester: Tester): Promise<TesterStream> => {
  tester.manners.answersHellos = false;
  const { stream } = await t.control(`${tester.name} joins`, () => tester.join());
  return stream;
};

/** Waits for a round in which the peer says Hello to both; Inconclusive where chance does not bring one. */
async function commonRound(
  t: CheckContext,
  streams: readonly [TesterStream, TesterStream],
): Promise<readonly [Received<'hello'>, Received<'hello'>]> {
  const deadline = t.clock.now() + t.waits.chosenMs(t.waits.settings.pullIntervalMs);
  while (t.clock.now() < deadline) {
    const one = await t.control('the peer says Hello to a member', () => nextHello(t, streams[0]));
    await pause(t.clock, Math.min(100, t.waits.settings.digestWaitTimeMs / 3));
    const two = hellosOn(streams[1]).find((each) => sameRound(t, one, each));
    if (two !== undefined) return [one, two];
  }
  throw new Inconclusive('no round came in which the peer said Hello to both testers');
}

/** What chance may not bring is not missed. */
async function maybe(step: Promise<unknown>): Promise<void> {
  try {
    await step;
  } catch (error) {
    if (!(error instanceof Inconclusive)) throw error;
  }
}

/** Whether a digest with one unknown id, sent `afterMs` after a Hello, leads to a request for it. */
async function isUsedAfter(t: CheckContext, stream: TesterStream, afterMs: Millis): Promise<boolean> {
  const id = nobody(t);
  const hello = await t.control('the peer says Hello to a member', () => nextHello(t, stream));
  await pause(t.clock, hello.atMs + afterMs - t.clock.now());
  demandPunctual(t, hello.atMs, afterMs);
  offer(stream, hello, [id]);
  // The next round's request tells that this round's would have come, and that nothing was carried over.
  const next = nobody(t);
  await t.control('a digest in answer to a Hello is used', () => offerItems(t, stream, [next]));
  return asksFor(stream, id);
}

const asksFor = (stream: TesterStream, id: Uint8Array): boolean =>
  stream.received.some(
    (one) => one.kind === 'dataReq' && one.value.digests.some((digest) => sameBytes(digest, id)),
  );

/** What the peer lists as held, its own item apart. */
const holdings = async (t: CheckContext, stream: TesterStream): Promise<readonly Uint8Array[]> =>
  (await askDigest(t, stream)).value.digests.filter((id) => !sameBytes(id, t.put.pkiId));

/** Least distance of two random nonces: closer ones come once in ten million checks. */
const NONCE_DISTANCE = 2n ** 36n;
/** With fewer intervals between rounds than these, chance may have picked them. */
const FEW_GAPS = 4;

function demandRandom(nonces: readonly bigint[]): void {
  const sorted = [...nonces].sort((a, b) => (a < b ? -1 : 1));
  const close = sorted.some((nonce, i) => i > 0 && nonce - (sorted[i - 1] ?? 0n) < NONCE_DISTANCE);
  const seen = `nonces ${sorted.join(', ')}`;
  demand(new Set(nonces).size === nonces.length, 'a fresh nonce for every Hello', seen);
  demand(!close, 'random nonces: no two close to each other', seen);
  demand(
    nonces.some((nonce) => nonce >= 2n ** 53n),
    'random nonces of 64 bits: one of them above 2^53',
    seen,
  );
}

export const roundChecks: readonly Check[] = [
  check(
    'PULL-01',
    'says Hello with a fresh random nonce to each member and in each round',
    { lane: 'view', own: 2 },
    async (t) => {
      const streams = [await joined(t, t.tester), await joined(t, t.witness)] as const;
      await t.eventually(
        'five Hellos to members at least',
        t.waits.chosenMs(t.waits.settings.pullIntervalMs),
        () => streams.flatMap(hellosOn).length >= 5,
      );
      await maybe(commonRound(t, streams));
      const hellos = streams.flatMap(hellosOn);
      for (const hello of hellos) {
        demandIdentityPull(hello);
        const { metadata } = hello.value;
        demand(metadata.length === 0, 'no metadata', `${metadata.length} bytes of it`);
      }
      demandRandom(hellos.map(({ value }) => value.nonce));
    },
  ),

  check(
    'PULL-09',
    'begins a round every pullInterval',
    { lane: 'view', own: 2, floor: { of: 'intervals between rounds', atLeast: FEW_GAPS } },
    async (t) => {
      const { pullIntervalMs } = t.waits.settings;
      const streams = [await joined(t, t.tester), await joined(t, t.witness)];
      await t.eventually(
        'two rounds in which the peer says Hello to a member',
        t.waits.chosenMs(pullIntervalMs),
        () => roundsOn(t, streams).length > 1,
      );
      const deadline = t.clock.now() + 1.5 * t.waits.chosenMs(t.waits.settings.pullIntervalMs);
      const isShort = (gap: Millis): boolean => gap < 1.5 * pullIntervalMs;
      let gaps = gapsOf(roundsOn(t, streams));
      // Chance may leave both testers out of a round, but hardly of every other one.
      const enough = (): number =>
        streams.every((stream) => timelyHellosOn(t, stream).length >= gaps.length) ? 6 : 20;
      while (t.clock.now() < deadline && gaps.length < enough()) {
        if (gaps.length >= FEW_GAPS && gaps.some(isShort)) break;
        await pause(t.clock, pullIntervalMs / 4);
        gaps = gapsOf(roundsOn(t, streams));
      }
      t.saw(gaps.length);
      const seen = `gaps of ${gaps.map(Math.round).join(', ')} ms`;
      demandInTime(
        gaps.filter((gap) => gap < 0.6 * pullIntervalMs).length < 2,
        `rounds no less than ${pullIntervalMs} ms apart (pullInterval)`,
        seen,
      );
      if (gaps.some(isShort)) return;
      if (gaps.length < enough())
        throw new Inconclusive(`too few Hellos to tell the interval of rounds: ${seen}`);
      demandInTime(false, `rounds no more than ${pullIntervalMs} ms apart (pullInterval)`, seen);
    },
  ),

  check(
    'PULL-10',
    'uses digests until digestWaitTime after its Hello, and no later',
    { lane: 'view' },
    async (t) => {
      const { digestWaitTimeMs } = t.waits.settings;
      const stream = await joined(t, t.tester);
      const soonMs = digestWaitTimeMs * 0.55;
      await persist(async () => {
        demandInTime(
          await isUsedAfter(t, stream, soonMs),
          `a request after a digest that came ${Math.round(soonMs)} ms after the Hello, digestWaitTime being ${digestWaitTimeMs} ms`,
          'none',
        );
      });
      const lateMs = digestWaitTimeMs * 1.2 + 80;
      await persist(async () => {
        demandInTime(
          !(await isUsedAfter(t, stream, lateMs)),
          `no request after a digest that came ${Math.round(lateMs)} ms after the Hello, digestWaitTime being ${digestWaitTimeMs} ms`,
          'one',
        );
      }, 3);
    },
  ),

  check('PULL-10', 'ignores a digest with a nonce that is not outstanding', { lane: 'view' }, async (t) => {
    const stream = await joined(t, t.tester);
    const [good, off, stray] = [nobody(t), nobody(t), nobody(t)];
    const request = await t.control('a digest with the nonce of the Hello is used', () =>
      persist(async () => {
        const hello = await nextHello(t, stream);
        const { nonce } = hello.value;
        offer(stream, { ...hello, value: { ...hello.value, nonce: nonce ^ 1n } }, [off]);
        offer(stream, { ...hello, value: { ...hello.value, nonce: t.random.uint64() } }, [stray]);
        offer(stream, hello, [good]);
        return requestOf(t, stream, hello);
      }),
    );
    const asked = request.value.digests.map(hex);
    demand(asked.join() === hex(good), 'a request for what the good digest named, and for no more', () =>
      asked.join(', '),
    );
    await t.control('the next round is as usual', () => offerItems(t, stream, [nobody(t)]));
    demand(
      !asksFor(stream, off) && !asksFor(stream, stray),
      'no request for what only a digest with a wrong nonce named',
      'one',
    );
  }),

  check(
    'PULL-11',
    'asks at digestWaitTime, in one request with the nonce of the Hello, for all it lacks and nothing else',
    { lane: 'view' },
    async (t) => {
      const { digestWaitTimeMs } = t.waits.settings;
      const stream = await joined(t, t.tester);
      // Chance gives some of what several members offer to another of them.
      for (let round = 0; round < 3; round++) {
        await persist(async () => {
          const lacking = [nobody(t), nobody(t), nobody(t)];
          const held = await holdings(t, stream);
          const hello = await t.control('the peer says Hello to a member', () => nextHello(t, stream));
          offer(stream, hello, [t.put.pkiId, ...held, ...lacking]);
          const request = await requestOf(t, stream, hello);
          demandIdentityPull(request);
          const asked = request.value.digests;
          const still = (await holdings(t, stream)).map(hex);
          const needless = asked.map(hex).filter((id) => held.map(hex).includes(id) && still.includes(id));
          demand(needless.length === 0, 'no request for what the peer holds', () => needless.join(', '));
          // What it held at the time of the offer may have expired meanwhile.
          const rest = asked.filter((id) => !held.some((one) => sameBytes(one, id))).map(hex);
          demand(
            rest.sort().join() === lacking.map(hex).sort().join(),
            'a request for the three ids that the peer lacks, and not for its own',
            () => rest.join(', '),
          );
          const [least, most] = [digestWaitTimeMs * 0.7, digestWaitTimeMs * 1.5 + 150];
          const afterMs = request.atMs - hello.atMs;
          demandInTime(
            afterMs >= least && afterMs <= most,
            `the request at digestWaitTime, ${digestWaitTimeMs} ms after the Hello (${Math.round(least)} to ${Math.round(most)} ms)`,
            `it came after ${Math.round(afterMs)} ms`,
          );
          await t.marker(stream);
          await t.quiet();
          stream.expectNone(
            'dataReq',
            'one request in a round',
            ({ value }) => value.nonce === hello.value.nonce,
          );
        });
      }
    },
  ),

  check(
    'PULL-11',
    'asks one of two members that advertise the same item',
    { lane: 'view', own: 2 },
    async (t) => {
      const streams = [await joined(t, t.tester), await joined(t, t.witness)] as const;
      await persist(async () => {
        const hellos = await commonRound(t, streams);
        const id = nobody(t);
        streams.forEach((stream, i) => {
          const hello = hellos[i];
          if (hello !== undefined) offer(stream, hello, [id]);
        });
        await pause(t.clock, t.waits.settings.digestWaitTimeMs);
        for (const stream of streams) await t.marker(stream);
        await t.quiet();
        const asked = streams.filter((stream) => asksFor(stream, id)).length;
        if (asked === 0) throw new Inconclusive('the peer did not use the digests: were they too late?');
        demandInTime(asked === 1, 'a request to one advertiser', 'one to each of the two');
      });
    },
  ),

  check(
    'PULL-12',
    'learns from an update that it did not ask for, but goes on asking',
    { lane: 'view', needs: ['fresh'] },
    async (t) => {
      const stream = await joined(t, t.tester);
      const owner = await t.issue();
      const item = itemOf(owner.identity);
      const { hello, request } = await t.control('the peer asks for an item that it lacks', () =>
        offerItems(t, stream, [item.pkiId]),
      );
      // The same update with a nonce that is nobody's.
      const stray = { ...request, value: { ...request.value, nonce: t.random.uint64() } };
      answer(stream, { hello, request: stray }, [item]);
      await t.marker(stream);
      demand(
        !(await offers(t, stream, item.pkiId)),
        'an item that came with a strange nonce not offered on',
        'it is',
      );
      const again = await offerItems(t, stream, [item.pkiId]);
      demand(again.request.value.digests.length === 1, 'a request for the item again', 'none');
    },
  ),

  check(
    'PULL-13',
    'forgets a round responseWaitTime after its requests: an update later than that is asked for again',
    { lane: 'view', needs: ['fresh'] },
    async (t) => {
      const { responseWaitTimeMs } = t.waits.settings;
      const stream = await joined(t, t.tester);
      await persist(async () => {
        const owner = await t.issue();
        const item = itemOf(owner.identity);
        const round = await t.control('the peer asks for an item that it lacks', () =>
          offerItems(t, stream, [item.pkiId]),
        );
        await pause(t.clock, responseWaitTimeMs * 1.2 + 80);
        answer(stream, round, [item]);
        await t.marker(stream);
        demandInTime(
          !(await offers(t, stream, item.pkiId)),
          'an item that came too late not offered on',
          'it is',
        );
        await offerItems(t, stream, [item.pkiId]);
      }, 3);
      const prompt = itemOf((await t.issue()).identity);
      await t.control('an item that comes in time is offered on', () =>
        persist(async () => {
          const round = await offerItems(t, stream, [prompt.pkiId]);
          answer(stream, round, [prompt]);
          await t.marker(stream);
          demandInTime(
            await offers(t, stream, prompt.pkiId),
            'an item pulled in time offered on',
            'it is not',
          );
        }),
      );
    },
  ),
];
