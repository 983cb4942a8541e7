import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterServer } from '../harness/tester-server';
import type { TesterStream } from '../harness/tester-stream';
import { demandInTime } from '../harness/verdict';
import { dialWithinMs, expectStreamOfPeer, isOfPeer, provokeDial } from '../steps/dial-back';
import { listOf } from '../steps/death';
import { Observer } from '../steps/membership';
import { persist } from '../steps/pull';

/** A member behind whose endpoint somebody else is found: the stream that the peer opens there. */
async function impersonated(
  t: CheckContext,
  member: Tester,
  greeting: (stream: TesterStream) => Envelope,
): Promise<{ readonly server: TesterServer; readonly stream: TesterStream }> {
  member.manners.answersRequests = false;
  member.manners.beatsItsHeart = false;
  const server = await provokeDial(t, member, { conn: greeting });
  const stream = await t.control('the peer dials a member whose stream is gone', () =>
    expectStreamOfPeer(t, server, 'a GossipStream opened by the peer', dialWithinMs(t)),
  );
  return { server, stream };
}

/** What a peer does where it finds another peer than it expected. */
export const expectedPeerChecks: readonly Check[] = [
  check(
    'CONN-15',
    'keeps a connection to another peer of the same organisation than expected, and forgets the one expected',
    { lane: 'view', own: 2, needs: ['dial-back', 'fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      // A peer that is late with its handshake takes the member for dead instead.
      await persist(async () => {
        // The peer closes its connection to whoever was a member and is taken for dead meanwhile.
        const other = await t.issue();
        const { server } = await impersonated(t, t.tester, (one) => other.conn(one));
        await t.eventually('the member expected vanishes', t.waits.answerMs / 2, async () => {
          return (await listOf(observer, t.tester)) === undefined;
        });
        // Two sends at once make two connections, of which the later is kept.
        const isKept = server.streams.some(({ isOpen }) => isOpen);
        demandInTime(isKept, 'a connection to another peer of the same organisation, kept', 'its end');
      }, 3);
    },
  ),

  check(
    'CONN-15',
    'closes a connection to a peer of another organisation than expected',
    { lane: 'view', own: 2, foreign: 1, needs: ['dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { server, stream } = await impersonated(t, t.tester, (one) => t.stranger.conn(one));
      const what = 'the end of a connection to a peer of another organisation than expected';
      await stream.expectEnd(what);
      await t.eventually('the member expected is dead, not forgotten', t.waits.answerMs, async () => {
        return (await listOf(observer, t.tester)) === 'dead';
      });
      // Told of the member again, a peer that keeps such a connection gives it up for another one like it.
      await t.eventually(what, t.waits.answerMs, () => {
        return !server.streams.some((one) => one.isOpen && isOfPeer(t, one));
      });
    },
  ),

  check(
    'LIFE-04',
    'is no worse off when it and another dial each other at the same moment',
    { lane: 'view', own: 2, needs: ['dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const server = await provokeDial(t, t.tester, { conn: () => undefined });
      const outbound = await t.control('the peer dials a member whose stream is gone', () =>
        expectStreamOfPeer(t, server, 'a GossipStream opened by the peer', dialWithinMs(t)),
      );
      // The peer waits for this tester's ConnEstablish, which comes when it has dialled the peer in turn.
      const inbound = await t.control('the tester dials the peer meanwhile', () => t.tester.connect());
      // Whatever the peer has made of the stream that was gone, the tester is alive when the dials cross.
      const alive = t.tester.alive();
      inbound.send(alive);
      await t.control('the peer has taken the tester’s own stream', () =>
        observer.sees(alive, 'an alive message on it', 'alive'),
      );
      outbound.send(t.tester.conn(outbound));
      outbound.greeted = true;
      const atMs = t.clock.now();
      const heard = (): boolean =>
        t.tester
          .openStreams()
          .some(({ received }) => received.some((one) => one.atMs > atMs && one.kind !== 'conn'));
      await t.eventually('the peer turns to a member that it crossed with', dialWithinMs(t), heard);
      const list = await listOf(observer, t.tester);
      demandInTime(
        list === 'alive',
        'a member that is alive after crossing dials',
        `listed as ${String(list)}`,
      );
    },
  ),
];
