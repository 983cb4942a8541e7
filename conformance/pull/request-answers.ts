import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { hex } from '../steps/bytes';
import { connected } from '../steps/handshake';
import { identityRequest, unsigned } from '../steps/messages';
import {
  askDigest,
  demandIdentityPull,
  identityOf,
  nobody,
  persist,
  pulled,
  pullItems,
  requestItems,
} from '../steps/pull';

/** A Violation if an update came that nobody expected; a marker and some quiet give it the time to come. */
async function demandNoUpdate(t: CheckContext, stream: TesterStream, why: string): Promise<void> {
  await t.marker(stream);
  await t.quiet();
  stream.expectNone('dataUpdate', why);
}

/** What the peer answers to a request: what it holds of the items asked for, to the nonce of a Hello. */
export const requestAnswerChecks: readonly Check[] = [
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
          withinMs: t.waits.answerMs / 5,
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
];
