import { decodeMessage, Tag } from '../../src/wire';
import { deserializeIdentity } from '../../src/identity';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive, Lateness } from '../harness/verdict';
import { hex, sameBytes } from '../steps/bytes';
import { expiration } from '../steps/death';
import { connected } from '../steps/handshake';
import { entriesAbout, entriesOf } from '../steps/membership';
import {
  askDigest,
  hellosOn,
  identityOf,
  itemsOf,
  lists,
  offers,
  pulled,
  pullItems,
  servedItems,
} from '../steps/pull';
import { isSignedBy } from '../steps/signatures';

/**
 * Whether chance may be why one member got no Hello while another, chosen alike, got `hellos` in `rounds`: not any more
 * when it would be so once in ten million times.
 */
function mayBeChance(hellos: number, rounds: number): boolean {
  const share = Math.min(1, hellos / Math.max(1, rounds));
  return rounds < 12 || (1 - 0.8 * share) ** rounds > 1e-7;
}

/** Pulls an item that was listed; undefined where it is listed no longer, since its identity has expired meanwhile. */
async function pullStillListed(
  t: CheckContext,
  stream: TesterStream,
  digest: Uint8Array,
): Promise<Received<'dataUpdate'> | undefined> {
  try {
    return await pullItems(t, stream, [digest]);
  } catch (error) {
    if (!(error instanceof Lateness)) throw error;
    const { digests } = (await askDigest(t, stream)).value;
    if (digests.some((one) => sameBytes(one, digest))) throw error;
    return undefined;
  }
}

export const identityItemChecks: readonly Check[] = [
  check('CERT-01', 'hands out its own identity in an item that it signed', {}, async (t) => {
    const stream = await t.tester.connect();
    const own = (await servedItems(t, stream, [])).get(hex(t.put.pkiId));
    demand(own !== undefined, 'the peer’s own item', 'none');
    const { tag, nonce, channel } = decodeMessage(own.payload);
    demand(tag === Tag.EMPTY, 'tag EMPTY (1)', `tag ${tag}`);
    demand(nonce === 0n, 'nonce 0', `nonce ${nonce.toString()}`);
    demand(channel.length === 0, 'no channel', `a channel of ${channel.length} bytes`);
    const { cert, metadata } = identityOf(own);
    demand(sameBytes(cert, t.put.identity), 'the identity that the peer shook hands with', 'another');
    demand(metadata.length === 0, 'no metadata', `${metadata.length} bytes of it`);
    demand(isSignedBy(cert, own), 'a signature by that identity', 'one that does not verify');
  }),

  check('CERT-02', 'names an identity item by its raw PKI-ID', {}, async (t) => {
    const stream = await t.tester.connect();
    const { digests } = (await askDigest(t, stream)).value;
    demand(
      digests.some((digest) => sameBytes(digest, t.put.pkiId)),
      'the peer’s own PKI-ID in the digest',
      () => digests.map(hex).join(', '),
    );
    const odd = digests.find((digest) => digest.length !== 32);
    demand(odd === undefined, 'digests of 32 bytes', () => `one of ${odd?.length ?? 0}`);
    for (const digest of digests) {
      const update = await pullStillListed(t, stream, digest);
      if (update === undefined) continue;
      const ids = update.value.data.map((item) => hex(identityOf(item).pkiId));
      demand(ids.join() === hex(digest), `the item whose pki_id is the digest, ${hex(digest)}`, () =>
        ids.join(),
      );
    }
  }),

  check(
    'CERT-03',
    'offers its own identity, others that it has pulled or not',
    { lane: 'view', own: 2 },
    async (t) => {
      const watch = await connected(t, t.witness);
      demandInTime(await lists(t, watch, t.put.pkiId), 'a digest that names the peer’s own', 'another');
      await pulled(t, t.tester);
      // In one update with another, so that its silence is not taken for delay.
      await servedItems(t, watch, [t.tester.pkiId]);
      demandInTime(await lists(t, watch, t.put.pkiId), 'a digest that names the peer’s own', 'another');
    },
  ),

  check(
    'CERT-03',
    'does not offer identities that it knows from a handshake or an alive message',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const watch = await t.witness.connect();
      await t.control('the peer offers its own identity', () => servedItems(t, watch, []));
      // One it has shaken hands with, one it knows from an alive message that somebody else brought.
      const [shaken, told] = [await t.issue(), await t.issue()];
      shaken.manners.answersHellos = false;
      const { stream } = await t.control('a tester joins', () => shaken.join());
      stream.send(told.alive());
      await t.marker(stream);
      for (const [how, one] of [
        ['a handshake', shaken],
        ['an alive message', told],
      ] as const) {
        demand(!(await offers(t, watch, one.pkiId)), `an identity known from ${how} not offered`, 'it is');
      }
    },
  ),

  check(
    'CERT-04',
    'says Hello to members of another organisation as well',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const { stream } = await t.control('a tester of another organisation joins', () => t.stranger.join());
      const { stream: own } = await t.control('a tester joins', () => t.tester.join());
      const { pullIntervalMs } = t.waits.settings;
      const since = t.clock.now();
      const deadline = since + 2 * t.waits.chosenMs(pullIntervalMs);
      while (hellosOn(stream).length === 0) {
        const rounds = (t.clock.now() - since) / pullIntervalMs;
        const seen = `${hellosOn(own).length} to a member of its own organisation in that time, none to this one`;
        demandInTime(
          mayBeChance(hellosOn(own).length, rounds),
          'a Hello to a member of another organisation',
          seen,
        );
        if (t.clock.now() > deadline) throw new Inconclusive(`too few Hellos to tell: ${seen}`);
        await pause(t.clock, pullIntervalMs / 4);
      }
    },
  ),

  check(
    'CERT-05',
    'offers to another organisation its own identity, and only those of the two organisations',
    { foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const stream = await t.stranger.connect();
      const { digests } = (await askDigest(t, stream)).value;
      demand(
        digests.some((digest) => sameBytes(digest, t.put.pkiId)),
        'the peer’s own identity, since it has an external endpoint',
        () => digests.map(hex).join(', '),
      );
      const orgs = [t.put.mspId, t.stranger.identity.mspId];
      const items = itemsOf(await pullItems(t, stream, digests));
      for (const [id, item] of items) {
        const org = deserializeIdentity(identityOf(item).cert)?.mspId;
        demand(
          orgs.includes(org ?? ''),
          `identities of ${orgs.join(' and ')} alone`,
          `${id} is of ${org ?? 'no'}`,
        );
      }
    },
  ),

  check(
    'CERT-05',
    'offers to another organisation those members alone that have an external endpoint',
    { lane: 'view', own: 2, foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const [hidden, shown] = [t.tester, t.witness];
      hidden.externalEndpoint = '';
      const own = await pulled(t, hidden);
      const showing = await pulled(t, shown);
      await t.control('both are offered inside the organisation', async () => {
        for (const one of [hidden, shown]) {
          demand(await offers(t, own, one.pkiId), `the identity of ${one.name}`, 'none');
        }
      });
      const stream = await t.stranger.connect();
      await t.control('another organisation is answered', () => askDigest(t, stream));
      demandInTime(
        await offers(t, stream, shown.pkiId),
        'the identity of a member with an external endpoint',
        'none',
      );
      demand(
        !(await offers(t, stream, hidden.pkiId)),
        'no identity of a member without external endpoint, in digest or update',
        'it is offered',
      );
      shown.manners.beatsItsHeart = false;
      await shown.leave(showing);
      await t.control('a member dies', () =>
        t.eventually('it is dead', 2 * expiration(t) + 1_000, async () => {
          const entries = entriesOf((await hidden.askMembership(own)).value);
          return entriesAbout(entries, shown.pkiId).some(({ list }) => list === 'dead');
        }),
      );
      for (const [whose, on] of [
        ['another', stream],
        ['its own', own],
      ] as const) {
        const isOffered = await offers(t, on, shown.pkiId);
        demandInTime(
          isOffered,
          `the identity of a dead member, offered still to ${whose} organisation`,
          'none',
        );
      }
    },
  ),

  check(
    'CERT-05',
    'offers identities of another organisation to that organisation and to its own',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const outside = await pulled(t, t.stranger);
      const own = await t.tester.connect();
      for (const [whose, stream] of [
        ['its own', own],
        ['that', outside],
      ] as const) {
        // A peer drops an item that comes too late after its request (PULL-13).
        demandInTime(
          await offers(t, stream, t.stranger.pkiId),
          `a foreign member’s identity offered to ${whose} organisation`,
          'it is not',
        );
      }
    },
  ),
];
