import type { Millis } from '../../src/ports/clock';
import { PullMsgType } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { hex, sameBytes } from '../steps/bytes';
import { connected } from '../steps/handshake';
import { identityHello, identityRequest, unsigned } from '../steps/messages';
import {
  askDigest,
  demandIdentityPull,
  identityOf,
  itemOf,
  itemsOf,
  letPull,
  MANY_ITEMS,
  nobody,
  persist,
  pulled,
  pullItems,
  requestItems,
  servedItems,
} from '../steps/pull';
import { isSignedBy } from '../steps/signatures';
import { strangelyEncodedItem } from '../steps/strange-item';

/** A Violation if an update came that nobody expected; a marker and some quiet give it the time to come. */
async function demandNoUpdate(t: CheckContext, stream: TesterStream, why: string): Promise<void> {
  await t.marker(stream);
  await t.quiet();
  stream.expectNone('dataUpdate', why);
}

export const answerChecks: readonly Check[] = [
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

  check(
    'PULL-04',
    'ignores a request whose nonce is not that of a Hello, down to the last bit',
    {},
    async (t) => {
      const stream = await connected(t);
      // Above 2^53 and even, so that the next nonce differs for who counts in 64 bits and for nobody else.
      const nonce = (t.random.uint64() | (1n << 63n)) & ~1n;
      await t.control('the request with the nonce of the Hello is answered', () =>
        persist(async () => {
          await askDigest(t, stream, nonce);
          for (const wrong of [nonce + 1n, nonce ^ (1n << 40n), t.random.uint64()]) {
            stream.send(unsigned(identityRequest(wrong, [t.put.pkiId])));
          }
          stream.send(unsigned(identityRequest(nonce, [t.put.pkiId])));
          await stream.expect('dataUpdate', { where: ({ value }) => value.nonce === nonce });
        }),
      );
      await demandNoUpdate(t, stream, 'no answer to a request with a nonce that no Hello had');
    },
  ),

  check('PULL-05', 'answers any number of requests with one nonce, from any peer', { own: 2 }, async (t) => {
    const stream = await connected(t);
    const other = await connected(t, t.witness);
    await persist(async () => {
      const nonce = t.random.uint64();
      await askDigest(t, stream, nonce);
      for (const each of [stream, stream, other]) {
        each.send(unsigned(identityRequest(nonce, [t.put.pkiId])));
      }
      for (const each of [stream, stream, other]) {
        await each.expect('dataUpdate', {
          where: ({ value }) => value.nonce === nonce,
          what: 'an update for every request with a nonce still good',
        });
      }
    });
  }),

  check(
    'PULL-06',
    'answers with one update of what it holds, on the stream of the request',
    { lane: 'view', own: 2 },
    async (t) => {
      const other = await t.witness.connect();
      const mixed = await pullItems(t, other, [nobody(t), t.put.pkiId, nobody(t)]);
      demandIdentityPull(mixed);
      const got = mixed.value.data.map((item) => hex(identityOf(item).pkiId));
      demand(got.join() === hex(t.put.pkiId), 'the one item asked for that is held', () => got.join(', '));

      const stream = await pulled(t, t.tester);
      const nonce = await persist(async () => {
        const ids = (await askDigest(t, stream)).value.digests;
        const { value } = await requestItems(t, stream, ids);
        const served = value.data.map((item) => hex(identityOf(item).pkiId)).sort();
        const asked = ids.map(hex).sort();
        const all = `one update with the ${ids.length} items listed`;
        const surplus = served.filter((id) => !asked.includes(id));
        demand(surplus.length === 0, all, () => `others besides: ${surplus.join(', ')}`);
        demandInTime(served.join() === asked.join(), all, () => `${served.length} items`);
        return value.nonce;
      });
      await t.marker(stream);
      await t.quiet();
      const isSecond = ({ value }: Received<'dataUpdate'>): boolean => value.nonce === nonce;
      stream.expectNone('dataUpdate', 'one update for a request', isSecond);
      await t.marker(other);
      other.expectNone('dataUpdate', 'an update on the stream of the request alone', isSecond);
    },
  ),

  check('PULL-06', 'stays silent where it holds nothing of what is asked for', {}, async (t) => {
    const stream = await connected(t);
    const wrongs: readonly (readonly Uint8Array[])[] = [
      [nobody(t)],
      [],
      // A PKI-ID cut short is another digest.
      [t.put.pkiId.subarray(0, 31)],
    ];
    for (const ids of wrongs) {
      const nonce = await t.control('a request for an item that is held is answered', () =>
        persist(async () => {
          const { value } = await askDigest(t, stream);
          stream.send(unsigned(identityRequest(value.nonce, ids)));
          // Right behind it, so that the other one came in time as well.
          stream.send(unsigned(identityRequest(value.nonce, [t.put.pkiId])));
          await stream.expect('dataUpdate', {
            where: (one) => one.value.nonce === value.nonce && one.value.data.length > 0,
            withinMs: t.waits.answerMs / 4,
          });
          return value.nonce;
        }),
      );
      await t.marker(stream);
      await t.quiet();
      const isOther = ({ value }: Received<'dataUpdate'>): boolean => value.nonce === nonce;
      stream.expectNone('dataUpdate', 'no answer to a request for nothing that is held', isOther);
    }
    await t.demandAlive();
  }),

  check('PULL-07', 'returns an item twice that is asked for twice', {}, async (t) => {
    const stream = await connected(t);
    const { data } = (await pullItems(t, stream, [t.put.pkiId, t.put.pkiId])).value;
    demand(data.length === 2, 'the item twice', `${data.length} items`);
  }),

  check('PULL-08', 'hands out the same bytes to everybody, signed by their owner', { own: 2 }, async (t) => {
    const streams = [await connected(t), await connected(t, t.witness)];
    const copies = await Promise.all(
      streams.map(async (stream) => {
        const { digests } = (await askDigest(t, stream)).value;
        return itemsOf(await pullItems(t, stream, [t.put.pkiId, t.tester.pkiId, ...digests]));
      }),
    );
    const [one, two] = copies;
    for (const [id, item] of one ?? []) {
      demand(
        isSignedBy(identityOf(item).cert, item),
        `a signature by the owner, ${id}`,
        'one that does not verify',
      );
      const other = two?.get(id);
      if (other === undefined) continue; // Pulled or purged in between.
      demand(
        sameBytes(item.payload, other.payload) && sameBytes(item.signature, other.signature),
        `the same bytes in two updates, ${id}`,
        'two that differ',
      );
    }
  }),

  check(
    'PULL-08',
    'hands on an item byte for byte, though it would have encoded it otherwise',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      t.tester.manners.answersHellos = false;
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const owner = (await t.issue()).identity;
      const strange = strangelyEncodedItem(owner);
      await t.control('the peer asks for an item that it lacks', () =>
        letPull(t, stream, [{ pkiId: owner.pkiId, envelope: strange }]),
      );
      const watch = await connected(t, t.witness);
      const item = await persist(async () =>
        (await servedItems(t, watch, [owner.pkiId])).get(hex(owner.pkiId)),
      );
      demandInTime(item !== undefined, 'the item that the peer has pulled', 'none');
      demand(
        sameBytes(item.payload, strange.payload) && sameBytes(item.signature, strange.signature),
        'the bytes that the peer was given',
        'others',
      );
    },
  ),

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
