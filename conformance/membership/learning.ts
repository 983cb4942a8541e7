import { envelope, type Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { withBadSignature, withoutSignature } from '../steps/alive';
import { expectStreamOfPeer, retriesWithinMs } from '../steps/dial-back';
import { unmet } from '../steps/identities';
import { entriesAbout, Observer, quietMember, shows } from '../steps/membership';
import { identityHello, membershipResponse, signed, unsigned } from '../steps/messages';
import { ownEntryOf } from '../steps/own-alive';
import { neverRelayedTo, relayedTo } from '../steps/relay';

/** Sends a response that nobody asked for. */
const tell = (
  t: CheckContext,
  on: TesterStream,
  alive: readonly Envelope[],
  dead: readonly Envelope[] = [],
): void => {
  on.send(unsigned(membershipResponse(t.random.uint64(), alive, dead)));
};

const undecodable = envelope(Uint8Array.of(0xff, 0xff, 0xff), Uint8Array.of(1));

/** How a peer reads the membership responses of others. The tester is told about, the witness tells. */
export const learningChecks: readonly Check[] = [
  check(
    'MEMB-15',
    'takes newer, valid alive entries, and skips invalid and older ones',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await quietMember(t, t.tester);
      const [first, second, third] = [t.tester.alive(), t.tester.alive(), t.tester.alive()];
      tell(t, observer.stream, [first]);
      await observer.sees(first, 'an alive entry of a response', 'alive');
      tell(t, observer.stream, [third]);
      await observer.sees(third, 'a newer one', 'alive');
      // Older and invalid ones do nothing, and do not keep what comes after them from being read.
      const broken = withBadSignature(t.tester.alive());
      const unsignedOne = withoutSignature(t.tester.alive());
      const wrong = t.tester.alive({ identity: t.witness.identity.serialized });
      tell(t, observer.stream, [second, broken, unsignedOne, wrong]);
      await observer.seesNone(
        new Map([
          ['an older alive entry', second],
          ['an alive entry with a corrupted signature', broken],
          ['an unsigned alive entry', unsignedOne],
          ['an alive entry with another’s identity', wrong],
        ]),
        observer.stream,
      );
      const last = t.tester.alive();
      tell(t, observer.stream, [
        second,
        withBadSignature(t.tester.alive()),
        withoutSignature(t.tester.alive()),
        last,
      ]);
      await observer.sees(last, 'a valid alive entry behind those to be skipped', 'alive');
      const unknown = t.as(t.tester, unmet(t.tester.identity, t.random)).alive();
      tell(t, observer.stream, [unknown]);
      await observer.sees(unknown, 'an alive entry about an unknown peer', 'alive');
    },
  ),

  check(
    'MEMB-15',
    'stops reading at an alive entry that does not decode or is no alive message',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await quietMember(t, t.tester);
      const faults: readonly (readonly [string, Envelope])[] = [
        ['an entry that does not decode', undecodable],
        ['an entry that is no alive message', signed(t.witness.identity, identityHello(1n))],
      ];
      for (const [what, fault] of faults) {
        const before = t.tester.alive();
        const after = t.tester.alive();
        tell(t, observer.stream, [before, fault, after]);
        await observer.sees(before, `an alive entry before ${what}`, 'alive');
        await observer.seesNone(new Map([[`an alive entry after ${what}`, after]]), observer.stream);
        const later = t.tester.alive();
        tell(t, observer.stream, [later]);
        await observer.sees(later, `an alive entry of a response after one with ${what}`, 'alive');
      }
    },
  ),

  check(
    'MEMB-15',
    'does not read the dead entries behind a bad alive one',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const unknown = await t.issue();
      const dead = unknown.alive();
      tell(t, observer.stream, [undecodable], [dead]);
      await observer.seesNone(new Map([['a dead entry behind a bad alive one', dead]]), observer.stream);
      tell(t, observer.stream, [], [dead]);
      await t.control('the same without the bad one is learned', () => observer.sees(dead, 'a dead entry'));
    },
  ),

  check('MEMB-15', 'does not relay what a response told', { lane: 'view', own: 2 }, async (t) => {
    const observer = await Observer.join(t, t.witness);
    const { stream } = await t.control('a tester joins', () => t.tester.join());
    const third = t.tester;
    await t.control('pushed alive messages are relayed', () =>
      relayedTo(t, stream, () => {
        const alive = third.alive();
        observer.stream.send(alive);
        return alive;
      }),
    );
    await neverRelayedTo(t, stream, observer.stream, 'an alive entry of a response', () => {
      const alive = third.alive();
      tell(t, observer.stream, [alive]);
      return alive;
    });
    // What a response told was not put into the freshness store: pushed, the very same is still news to others.
    await relayedTo(
      t,
      stream,
      () => {
        const alive = third.alive();
        tell(t, observer.stream, [alive]);
        observer.stream.send(alive);
        return alive;
      },
      'an alive message that a response told before, relayed when it is pushed',
    );
  }),

  check(
    'MEMB-16',
    'adds an unknown peer as dead when it is told so, and takes no invalid dead entry',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const [broken, silent, unknown] = [await t.issue(), await t.issue(), await t.issue()];
      const forged = withBadSignature(broken.alive());
      const nobody = silent.alive({ identity: new Uint8Array() });
      const good = unknown.alive();
      tell(t, observer.stream, [], [forged, nobody, good]);
      const entry = await observer.sees(good, 'a dead entry about an unknown peer');
      demand(entry.list === 'dead', 'an entry among the dead', 'one among those alive');
      await observer.seesNone(
        new Map([
          ['a dead entry with a corrupted signature', forged],
          ['a dead entry of an unknown author without identity', nobody],
        ]),
        observer.stream,
      );
    },
  ),

  check('MEMB-16', 'skips dead entries about peers that it knows', { lane: 'view', own: 2 }, async (t) => {
    const observer = await Observer.join(t, t.witness);
    const stream = await quietMember(t, t.tester);
    const current = t.tester.alive();
    stream.send(current);
    await t.control('a member is alive', () => observer.sees(current, 'an alive message', 'alive'));
    const newer = t.tester.alive();
    tell(t, observer.stream, [], [newer, current]);
    await t.marker(observer.stream);
    await t.quiet();
    const entries = entriesAbout(await observer.entries(), t.tester.pkiId);
    demand(
      entries.length === 1 && entries[0]?.list === 'alive' && shows(entries, current),
      'the member alive, with the alive message it had',
      () => entries.map(({ list }) => list).join(', '),
    );
    demandInTime(stream.isOpen, 'the stream of a member that was told dead stays open', 'it ended');
    // Nor does it learn from others that it is dead itself.
    const own = ownEntryOf(await t.witness.askMembership(observer.stream));
    tell(t, observer.stream, [], [own]);
    await t.marker(observer.stream);
    await t.quiet();
    const itself = entriesAbout(await observer.entries(), t.put.pkiId);
    demand(
      itself.every(({ list }) => list === 'alive'),
      'the peer itself among those alive alone',
      'among the dead',
    );
  }),

  check(
    'MEMB-16',
    'looks for a peer that it was told is dead, at the endpoint it was told',
    { lane: 'view', own: 2, needs: ['fresh', 'dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const unknown = await t.issue();
      // Nor does it tell anybody else that it is alive.
      unknown.manners.answersRequests = false;
      const server = await unknown.listen();
      tell(t, observer.stream, [], [unknown.alive()]);
      const withinMs = retriesWithinMs(t);
      await server.expectPing('a Ping to a peer that was told dead', withinMs);
      const stream = await expectStreamOfPeer(t, server, 'a stream to a peer that answered Ping', withinMs);
      await stream.expect('memReq', { what: 'a MembershipRequest to a peer that was told dead' });
    },
  ),

  check('MEMB-17', 'reads a response that it did not ask for', { lane: 'view', own: 2 }, async (t) => {
    const observer = await Observer.join(t, t.witness);
    await quietMember(t, t.tester);
    const alive = t.tester.alive();
    tell(t, observer.stream, [alive]);
    await observer.sees(alive, 'an alive entry of an unasked response', 'alive');
  }),
];
