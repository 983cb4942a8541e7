import type { Millis } from '../../src/ports/clock';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { hex, sameBytes } from '../steps/bytes';
import {
  answer,
  askDigest,
  demandIdentityPull,
  demandPunctual,
  itemOf,
  joinToPull,
  MANY_ITEMS,
  nextHello,
  nobody,
  offer,
  offerItems,
  offers,
  persist,
  requestOf,
} from '../steps/pull';
import { commonRound } from '../steps/pull-rounds';

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

/** What a peer makes of the digests that members offer it, and of what they then send. */
export const offeredDigestChecks: readonly Check[] = [
  check(
    'PULL-10',
    'uses digests until digestWaitTime after its Hello, and no later',
    { lane: 'view' },
    async (t) => {
      const { digestWaitTimeMs } = t.waits.settings;
      const stream = await joinToPull(t, t.tester);
      const soonMs = digestWaitTimeMs * 0.62;
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
    const stream = await joinToPull(t, t.tester);
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
    await persist(async () => {
      const late = nobody(t);
      await t.control('a round after that is as usual', () =>
        persist(async () => {
          const hello = await nextHello(t, stream);
          offer(stream, { ...hello, value: { ...hello.value, nonce: request.value.nonce } }, [late]);
          offer(stream, hello, [nobody(t)]);
          await requestOf(t, stream, hello);
        }),
      );
      demandInTime(!asksFor(stream, late), 'no request for what a digest with an old nonce named', 'one');
    }, 3);
  }),

  check(
    'PULL-11',
    'asks at digestWaitTime, in one request with the nonce of the Hello, for all it lacks and nothing else',
    { lane: 'view' },
    async (t) => {
      const { digestWaitTimeMs } = t.waits.settings;
      const stream = await joinToPull(t, t.tester);
      const waits: Millis[] = [];
      // Chance gives some of what several members offer to another of them.
      for (let round = 0; round < 3; round++) {
        await persist(async () => {
          const lacking = Array.from({ length: MANY_ITEMS }, () => nobody(t));
          const held = await holdings(t, stream);
          const hello = await t.control('the peer says Hello to a member', () => nextHello(t, stream));
          // Some of them twice.
          offer(stream, hello, [t.put.pkiId, ...held, ...lacking, ...lacking.slice(-3)]);
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
            `a request for the ${MANY_ITEMS} ids that the peer lacks, each once, and not for its own`,
            () => `${rest.length}: ${rest.join(', ')}`,
          );
          const [least, most] = [digestWaitTimeMs * 0.7, digestWaitTimeMs * 1.5 + 150];
          const afterMs = request.atMs - hello.atMs;
          demandInTime(
            afterMs >= least && afterMs <= most,
            `the request at digestWaitTime, ${digestWaitTimeMs} ms after the Hello (${Math.round(least)} to ${Math.round(most)} ms)`,
            `it came after ${Math.round(afterMs)} ms`,
          );
          waits.push(afterMs);
          await t.marker(stream);
          await t.quiet();
          stream.expectNone(
            'dataReq',
            'one request in a round',
            ({ value }) => value.nonce === hello.value.nonce,
          );
        });
      }
      // What makes one of them late on a busy machine spares another.
      demandInTime(
        Math.min(...waits) <= 1.5 * digestWaitTimeMs,
        `a request at digestWaitTime, ${digestWaitTimeMs} ms after the Hello`,
        `they came after ${waits.map(Math.round).join(', ')} ms`,
      );
    },
  ),

  check(
    'PULL-11',
    'asks one of two members that advertise the same item, now this one and now that',
    { lane: 'view', own: 2 },
    async (t) => {
      const streams = [await joinToPull(t, t.tester), await joinToPull(t, t.witness)] as const;
      await persist(async () => {
        const hellos = await commonRound(t, streams);
        // One of so many is asked of each but once in a million times.
        const ids = Array.from({ length: MANY_ITEMS + 1 }, () => nobody(t));
        streams.forEach((stream, i) => {
          const hello = hellos[i];
          if (hello !== undefined) offer(stream, hello, ids);
        });
        await pause(t.clock, t.waits.settings.digestWaitTimeMs);
        for (const stream of streams) await t.marker(stream);
        await t.quiet();
        const counts = ids.map((id) => streams.filter((stream) => asksFor(stream, id)).length);
        if (!counts.includes(1))
          throw new Inconclusive('the peer did not use the digests: were they too late?');
        demandInTime(!counts.includes(2), 'a request to one advertiser', 'one to each of the two');
        demandInTime(
          streams.every((stream) => ids.some((id) => asksFor(stream, id))),
          `some of ${ids.length} items asked of each of two advertisers`,
          'all of one',
        );
      });
    },
  ),

  check(
    'PULL-11',
    'asks for an identity that it knows from a handshake, and has never pulled',
    { lane: 'view', needs: ['fresh'] },
    async (t) => {
      const owner = await t.issue();
      const stream = await joinToPull(t, owner);
      await persist(async () => {
        const { request } = await t.control('the peer asks for items that it lacks', () =>
          offerItems(t, stream, [nobody(t), owner.pkiId]),
        );
        const isAsked = request.value.digests.some((id) => sameBytes(id, owner.pkiId));
        demandInTime(isAsked, 'a request for the identity of the member', 'one for others alone');
      });
    },
  ),

  check(
    'PULL-12',
    'learns from an update that it did not ask for, but goes on asking',
    { lane: 'view', needs: ['fresh'] },
    async (t) => {
      const stream = await joinToPull(t, t.tester);
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
      const stream = await joinToPull(t, t.tester);
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
