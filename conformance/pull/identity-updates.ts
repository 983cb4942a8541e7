import { wallMs } from '../../src/ports/clock';
import { issueOrganisation } from '../../src/identity';
import { envelope, Tag, type Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { withBadSignature, withoutSignature } from '../steps/alive';
import { hex, sameBytes } from '../steps/bytes';
import { unmet } from '../steps/identities';
import { Observer } from '../steps/membership';
import { askListed, channelOf, isBy, stateInfoWith } from '../steps/snapshots';
import { flipBit, identityItem, identityUpdate, unsigned } from '../steps/messages';
import {
  itemOf,
  joinToPull,
  letPull,
  lists,
  nobody,
  offered,
  offerItems,
  offers,
  persist,
  servedItems,
} from '../steps/pull';

/** An alive message that only one who holds the author's identity can verify (ALIVE-05). */
const bareAlive = (author: Tester): Envelope => author.alive({ identity: new Uint8Array() });

/**
 * A Violation if the peer holds one of these identities, each with how it came to the peer: if it offers it, or takes
 * an alive message without identity of its owner. What came was sent on `stream`.
 */
async function demandUnknown(
  t: CheckContext,
  observer: Observer,
  stream: TesterStream,
  owners: ReadonlyMap<string, Tester>,
): Promise<void> {
  await t.marker(stream);
  const ids = [...owners.values()].map(({ pkiId }) => pkiId);
  const known = await offered(t, observer.stream, ids);
  for (const [how, { pkiId }] of owners) {
    demand(!known.has(hex(pkiId)), `nothing learned from ${how}`, 'the identity is offered');
  }
  const bares = new Map([...owners].map(([how, owner]) => [how, bareAlive(owner)]));
  for (const bare of bares.values()) stream.send(bare);
  await observer.seesNone(bares, stream);
}

/** A Violation unless the peer holds an identity: it takes an alive message without identity of that author. */
async function demandKnown(observer: Observer, stream: TesterStream, author: Tester): Promise<void> {
  const bare = bareAlive(author);
  stream.send(bare);
  await observer.sees(bare, 'an alive message without identity, since that came by pull');
}

/** Shows that nothing but the bad items kept the peer from these identities: they are taken when all items are good. */
const takenWhenGood = (
  t: CheckContext,
  observer: Observer,
  stream: TesterStream,
  owners: Iterable<Tester>,
  wanted: readonly Uint8Array[],
): Promise<void> =>
  t.control('the same identities are taken when all items are good', () =>
    persist(async () => {
      await letPull(
        t,
        stream,
        [...owners].map(({ identity }) => itemOf(identity)),
      );
      const taken = await offered(t, observer.stream, wanted);
      demandInTime(taken.size === wanted.length, `${wanted.length} identities offered on`, `${taken.size}`);
    }),
  );

/** Makes an item that is wrong in one thing. `owner`: whom the good item would be about. */
type Spoil = (owner: Tester, other: Tester) => Promise<Envelope> | Envelope;

/** An identity that claims to be of an organisation, but is issued by a CA that nobody knows. */
async function forged(t: CheckContext, mspId: string): Promise<Envelope> {
  const nowMs = wallMs(t.clock);
  const forgery = await issueOrganisation({ mspId, domain: 'forged.example.com', nowMs });
  const { identity } = await forgery.issue({ name: 'forged', role: 'peer', sans: ['localhost'] });
  return identityItem(identity);
}

/** What may be wrong with an item of an update. */
const faults = (t: CheckContext): Readonly<Record<string, Spoil>> => ({
  'a corrupted signature': ({ identity }) => withBadSignature(identityItem(identity)),
  'no signature': ({ identity }) => withoutSignature(identityItem(identity)),
  'another’s signature': ({ identity }, other) => {
    const item = identityItem(identity);
    return { ...item, signature: other.identity.sign(item.payload) };
  },
  'a pki_id that differs in one bit': ({ identity, pkiId }) =>
    identityItem(identity, { pkiId: flipBit(pkiId) }),
  'another’s pki_id': ({ identity }, { pkiId }) => identityItem(identity, { pkiId }),
  'no cert': ({ identity }) => identityItem(identity, { cert: new Uint8Array() }),
  'a cert that does not parse': ({ identity }) =>
    identityItem(identity, { cert: identity.serialized.subarray(0, 99) }),
  'an identity that is not of its organisation': () => forged(t, t.put.mspId),
  'an identity of an unknown organisation': () => forged(t, 'ForgedMSP'),
  'another kind of message': (owner) => owner.alive(),
  'a payload that does not decode': () => envelope(Uint8Array.of(0xff, 0xff, 0xff)),
});

export const identityUpdateChecks: readonly Check[] = [
  check(
    'CERT-06',
    'discards an update whole for one bad item in it, wherever that stands',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await joinToPull(t, t.tester);
      const owners = new Map<string, Tester>();
      const updates: (readonly Envelope[])[] = [];
      for (const [fault, spoil] of Object.entries(faults(t))) {
        const [good, bad] = [await t.issue(), await t.issue()];
        const [goodItem, badItem] = [identityItem(good.identity), await spoil(bad, good)];
        owners.set(`an update with ${fault}: the good item`, good).set(fault, bad);
        updates.push([goodItem, badItem], [badItem, goodItem]);
      }
      const ids = [...owners.values()].map(({ pkiId }) => pkiId);
      const { request } = await t.control('the peer asks for items that it lacks', () =>
        offerItems(t, stream, ids),
      );
      // All of them answer the one request, in time.
      for (const update of updates) stream.send(unsigned(identityUpdate(request.value.nonce, update)));
      await demandUnknown(t, observer, stream, owners);
      await takenWhenGood(t, observer, stream, owners.values(), ids);
    },
  ),

  check(
    'CERT-06',
    'discards it for a bad item about an identity that it knows, or one of another organisation',
    { lane: 'view', own: 2, foreign: 1 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await joinToPull(t, t.tester);
      await t.control('a foreign tester shakes hands', async () => t.marker(await t.stranger.connect()));
      const unknown = (like: Tester): Tester => t.as(like, unmet(like.identity, t.random));
      const abroad = unknown(t.stranger);
      const bad: readonly (readonly [string, Tester])[] = [
        ['a known identity', t.tester],
        ['a known identity of another organisation', t.stranger],
        ['an unknown identity of another organisation', abroad],
      ];
      const owners = new Map<string, Tester>();
      const updates = bad.map(([what, { identity }]) => {
        const good = unknown(t.tester);
        owners.set(`an update with a corrupted signature of ${what}: the good item`, good);
        return [withBadSignature(identityItem(identity)), identityItem(good.identity)];
      });
      const ids = [...owners.values()].map(({ pkiId }) => pkiId);
      const { request } = await t.control('the peer asks for items that it lacks', () =>
        offerItems(t, stream, [...ids, abroad.pkiId]),
      );
      for (const update of updates) stream.send(unsigned(identityUpdate(request.value.nonce, update)));
      await demandUnknown(t, observer, stream, owners);
      await takenWhenGood(t, observer, stream, [...owners.values(), abroad], ids);
    },
  ),

  check(
    'CERT-07',
    'stores and offers an identity that it has pulled',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await joinToPull(t, t.tester);
      const owner = await t.issue();
      await t.control('the peer has not met the identity', () =>
        demandUnknown(t, observer, stream, new Map([['nothing', owner]])),
      );
      await persist(async () => {
        // It asks again only where the update came too late for it.
        if (!(await offers(t, observer.stream, owner.pkiId))) {
          await letPull(t, stream, [itemOf(owner.identity)]);
        }
        demandInTime(
          await lists(t, observer.stream, owner.pkiId),
          'an identity pulled, in later digests',
          'none',
        );
        const served = await servedItems(t, observer.stream, [owner.pkiId]);
        demandInTime(served.has(hex(owner.pkiId)), 'an identity pulled, handed on', 'it is not');
      });
      await demandKnown(observer, stream, owner);
    },
  ),

  check(
    'CERT-07',
    'uses an identity of another organisation that it has pulled',
    { lane: 'view', foreign: 1, needs: ['channel'] },
    async (t) => {
      const stream = await joinToPull(t, t.tester);
      const abroad = t.as(t.stranger, unmet(t.stranger.identity, t.random));
      await t.control('the peer pulls it', () =>
        persist(async () => {
          await letPull(t, stream, [itemOf(abroad.identity)]);
          demandInTime(await lists(t, stream, abroad.pkiId), 'it is offered on', 'it is not');
        }),
      );
      await t.eventually('StateInfo of its owner, kept', t.waits.answerMs, async () => {
        // No member, so that a sweep may come in between (SINF-14).
        stream.send(stateInfoWith(abroad, channelOf(t), { timestamp: abroad.nextTime() }));
        return (await askListed(t, t.tester, stream)).some(isBy(abroad.pkiId));
      });
    },
  ),

  check(
    'CERT-08',
    'learns an identity from an update that it did not ask for, but does not offer it',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await joinToPull(t, t.tester);
      const owner = await t.issue();
      stream.send(unsigned(identityUpdate(t.random.uint64(), [identityItem(owner.identity)])));
      await t.marker(stream);
      const isOffered = await offers(t, observer.stream, owner.pkiId);
      demand(!isOffered, 'an identity that came unasked, not offered', 'it is');
      await demandKnown(observer, stream, owner);
    },
  ),

  check(
    'CERT-09',
    'ignores an identity that comes as a message of its own, whatever its tag',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await joinToPull(t, t.tester);
      const owners = new Map<string, Tester>();
      for (const [name, tag] of Object.entries(Tag)) {
        const owner = await t.issue();
        owners.set(`a peer_identity with tag ${name}`, owner);
        stream.sendWrong(identityItem(owner.identity, {}, { tag }));
      }
      await demandUnknown(t, observer, stream, owners);
      await t.control('the same identity in an alive message is taken', async () => {
        for (const owner of owners.values()) {
          const full = owner.alive();
          stream.send(full);
          await observer.sees(full, 'an alive message with identity');
        }
      });
    },
  ),

  check(
    'CERT-10',
    'offers an identity no longer when it has expired',
    { lane: 'view', long: true, own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await joinToPull(t, t.tester);
      // Long enough to be pulled, whatever chance does.
      const validForSeconds = Math.ceil((8 * t.waits.settings.pullIntervalMs) / 1_000) + 2;
      const issuedAtMs = t.clock.now();
      const owner = await t.issue({ validForSeconds });
      const isOffered = (): Promise<boolean> => offers(t, observer.stream, owner.pkiId);
      await t.control('the peer pulls and offers the identity', async () => {
        await letPull(t, stream, [itemOf(owner.identity)]);
        demandInTime(await isOffered(), 'an identity pulled, offered on', 'it is not');
      });
      // NotAfter has whole seconds: it may come up to one sooner than asked for.
      const leftMs = (validForSeconds - 1) * 1_000 - (t.clock.now() - issuedAtMs);
      if (leftMs < 0) throw new Inconclusive('the identity expired before the peer had pulled it');
      await pause(t.clock, leftMs);
      await t.eventually('an expired identity not offered any more', 3_000, async () => !(await isOffered()));
    },
  ),

  check(
    'CERT-11',
    'does not ask for the identity of an unknown author out of turn',
    { lane: 'view', needs: ['fresh'] },
    async (t) => {
      const stream = await joinToPull(t, t.tester);
      const author = await t.issue();
      stream.send(bareAlive(author));
      for (const id of [nobody(t), nobody(t)]) {
        await t.control('rounds go on', () => offerItems(t, stream, [id]));
      }
      stream.expectNone('dataReq', 'no request for an identity that nobody has offered', ({ value }) =>
        value.digests.some((digest) => sameBytes(digest, author.pkiId)),
      );
    },
  ),
];
