import type { Millis } from '../../src/ports/clock';
import { PullMsgType } from '../../src/wire';
import { check, type Check } from '../harness/check';
import { demand, demandInTime } from '../harness/verdict';
import { hex } from '../steps/bytes';
import { connected } from '../steps/handshake';
import { identityHello, unsigned } from '../steps/messages';
import {
  askDigest,
  demandIdentityPull,
  itemOf,
  joinToPull,
  letPull,
  MANY_ITEMS,
  persist,
  pulled,
  servedItems,
} from '../steps/pull';

/** What the peer answers to a Hello: a digest of all that it holds. */
export const helloAnswerChecks: readonly Check[] = [
  check(
    'PULL-02',
    'answers a Hello at once, with its nonce and type, on the stream it came on',
    { own: 2 },
    async (t) => {
      const stream = await t.tester.connect();
      const other = await t.witness.connect();
      const delaysMs: Millis[] = [];
      for (const nonce of [t.random.uint64(), 1n, 2n ** 53n + 1n, 2n ** 64n - 1n, t.random.uint64()]) {
        const sentAtMs = t.clock.now();
        stream.send(unsigned(identityHello(nonce)));
        const digest = await stream.expect('dataDig', { what: 'a DataDigest in answer to a Hello' });
        demand(
          digest.value.nonce === nonce,
          `the nonce of the Hello, ${nonce.toString()}`,
          digest.value.nonce.toString(),
        );
        demandIdentityPull(digest);
        delaysMs.push(digest.atMs - sentAtMs);
      }
      const quickestMs = Math.min(...delaysMs);
      const atOnceMs = Math.max(100, t.waits.settings.digestWaitTimeMs / 2);
      demandInTime(
        quickestMs <= atOnceMs,
        `a digest at once: one of five within ${Math.round(atOnceMs)} ms`,
        `the quickest took ${Math.round(quickestMs)} ms`,
      );
      await t.marker(stream);
      await t.marker(other);
      stream.expectNone('dataDig', 'one digest for a Hello');
      other.expectNone('dataDig', 'a digest on the stream of the Hello alone');
    },
  ),

  check(
    'PULL-02',
    'answers Hellos at any time, while it awaits answers to its own as well',
    { lane: 'view', long: true },
    async (t) => {
      const stream = await joinToPull(t, t.tester);
      const nonces: bigint[] = [];
      // Through two rounds of its own.
      const everyMs = t.waits.settings.digestWaitTimeMs / 3;
      for (let ms = 0; ms < 2 * t.waits.settings.pullIntervalMs; ms += everyMs) {
        const nonce = t.random.uint64();
        stream.send(unsigned(identityHello(nonce)));
        nonces.push(nonce);
        await t.quiet(everyMs);
      }
      await t.marker(stream);
      const unanswered = nonces.filter((one) => !stream.has('dataDig', ({ value }) => value.nonce === one));
      demand(
        unanswered.length === 0,
        `an answer to each of ${nonces.length}`,
        `${unanswered.length} without`,
      );
    },
  ),

  check(
    'PULL-02',
    'lists everything that it hands out and nothing else, and every item once',
    { lane: 'view', own: 2 },
    async (t) => {
      await pulled(t, t.tester);
      const held = [t.tester.pkiId, t.put.pkiId, t.witness.pkiId];
      const watch = await connected(t, t.witness);
      await persist(async () => {
        const listed = (await askDigest(t, watch)).value.digests;
        const served = await servedItems(t, watch, [...held, ...listed]);
        const again = (await askDigest(t, watch)).value.digests.map(hex);
        const hidden = [...served.keys()].filter((id) => !again.includes(id));
        demandInTime(
          hidden.length === 0,
          'a digest of every item that the peer holds',
          () => `${served.size} items handed out, not listed: ${hidden.join(', ')}`,
        );
        const unheld = listed.map(hex).filter((id) => !served.has(id));
        demandInTime(
          unheld.length === 0,
          'a digest of items that the peer hands out',
          () => `${listed.length} listed, not handed out: ${unheld.join(', ')}`,
        );
        demand(new Set(again).size === again.length, 'every item once', () => again.join(', '));
      }, 3);
    },
  ),

  check('PULL-02', 'lists every item of many', { lane: 'view', own: 2, needs: ['fresh'] }, async (t) => {
    const stream = await pulled(t, t.tester);
    const owners = await Promise.all(Array.from({ length: MANY_ITEMS }, () => t.issue()));
    await t.control('the peer pulls many items', () =>
      letPull(
        t,
        stream,
        owners.map(({ identity }) => itemOf(identity)),
      ),
    );
    const watch = await connected(t, t.witness);
    const served = await servedItems(
      t,
      watch,
      owners.map(({ pkiId }) => pkiId),
    );
    const listed = (await askDigest(t, watch)).value.digests.map(hex);
    const hidden = [...served.keys()].filter((id) => !listed.includes(id));
    demand(
      hidden.length === 0,
      'a digest of every item that the peer holds',
      () => `${listed.length} listed, ${hidden.length} handed out that are not among them`,
    );
  }),

  check('PULL-15', 'answers a Hello with nonce 0, and one with metadata', {}, async (t) => {
    const stream = await connected(t);
    await askDigest(t, stream, 0n);
    const nonce = t.random.uint64();
    const metadata = Uint8Array.of(1, 2, 3);
    stream.send(
      unsigned(
        identityHello(nonce, {
          content: { kind: 'hello', value: { nonce, metadata, msgType: PullMsgType.IDENTITY_MSG } },
        }),
      ),
    );
    await stream.expect('dataDig', {
      where: ({ value }) => value.nonce === nonce,
      what: 'a digest for a Hello with metadata',
    });
  }),
];
