import { check, type Check } from '../harness/check';
import { demand, demandInTime } from '../harness/verdict';
import { hex, sameBytes } from '../steps/bytes';
import { connected } from '../steps/handshake';
import { askDigest, identityOf, itemsOf, letPull, persist, pullItems, servedItems } from '../steps/pull';
import { isSignedBy } from '../steps/signatures';
import { strangelyEncodedItem } from '../steps/strange-item';

/** Items reach everybody as their owners signed them. */
export const itemsAsSignedChecks: readonly Check[] = [
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
];
