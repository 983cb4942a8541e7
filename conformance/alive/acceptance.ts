import { deserializeIdentity, pkiIdOf, serializeIdentity } from '../../src/identity';
import type { SigningIdentity } from '../../src/ports/identity';
import { gossipMessage, Tag, type Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import { nowhere } from '../harness/nowhere';
import { demand, demandInTime } from '../harness/verdict';
import { timeOf, withBadSignature, withoutSignature } from '../steps/alive';
import { sameBytes } from '../steps/bytes';
import { unmet } from '../steps/identities';
import { Observer, quietMember } from '../steps/membership';
import { neverRelayedTo, relayedTo } from '../steps/relay';
import { membershipResponse, signed, unsigned } from '../steps/messages';

const nothing = new Uint8Array();
const newline = '\n'.charCodeAt(0);

/** Replays of one alive message: a peer that relays them hands a member among a dozen about ten. */
const REPLAYS = 40;
/** This many messages at a time fit into the peer's queue (LIFE-13). */
const FEW = 4;
/** Copies of one alive message that a member may be given by a peer that relays it once, or is set to twice or thrice. */
const MAX_COPIES = 3;

/** Another identity with the same key, whose PKI-ID is computed as it should be. */
function variantOf(
  identity: SigningIdentity,
  change: (idBytes: Uint8Array) => { mspId?: string; idBytes?: Uint8Array },
): { pkiId: Uint8Array; identity: Uint8Array } {
  const idBytes = deserializeIdentity(identity.serialized)?.idBytes ?? nothing;
  const variant = { mspId: identity.mspId, idBytes, ...change(idBytes) };
  return { pkiId: pkiIdOf(variant.mspId, variant.idBytes), identity: serializeIdentity(variant) };
}

/** Which alive messages a peer accepts. */
export const acceptanceChecks: readonly Check[] = [
  check(
    'ALIVE-05',
    'takes an alive message without identity from a peer whose handshake told it',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      const bare = t.tester.alive({ identity: nothing });
      stream.send(bare);
      await observer.sees(bare, 'an alive message whose author’s identity is known', 'alive');
    },
  ),

  check(
    'ALIVE-05',
    'drops and forgets an alive message without identity from a peer it has never met',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const unknown = await t.issue();
      await neverRelayedTo(t, observer.stream, stream, 'an alive message of an unknown author', () => {
        const bare = unknown.alive({ identity: nothing });
        stream.send(bare);
        return bare;
      });
      const time = unknown.nextTime();
      const bare = unknown.alive({ identity: nothing, timestamp: time });
      stream.send(bare);
      await observer.seesNone(new Map([['an alive message of an unknown author', bare]]), stream);
      // The same timestamp with the identity: what was dropped was not remembered either.
      const full = unknown.alive({ timestamp: time });
      stream.send(full);
      await observer.sees(full, 'the same alive message with its author’s identity');
      const later = unknown.alive({ identity: nothing });
      stream.send(later);
      await observer.sees(later, 'an alive message whose author’s identity came with an earlier one');
    },
  ),

  check(
    'ALIVE-06',
    'drops an alive message with a bad identity, though a good one is on file',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      const { identity } = t.tester;
      const faulty = new Map([
        [
          'an alive message with another’s identity',
          t.tester.alive({ identity: t.witness.identity.serialized }),
        ],
        ['one with the identity of the peer itself', t.tester.alive({ identity: t.put.identity })],
        ['one with an identity that is none', t.tester.alive({ identity: Uint8Array.of(0xff, 0xff, 0xff) })],
        [
          'one with an identity without a certificate',
          t.tester.alive(variantOf(identity, () => ({ idBytes: Uint8Array.of(1) }))),
        ],
        [
          'one with an identity of an organisation that nobody knows',
          t.tester.alive(variantOf(identity, () => ({ mspId: 'NoSuchMSP' }))),
        ],
        [
          'one with an identity that has one newline too many',
          t.tester.alive(variantOf(identity, (pem) => ({ idBytes: Uint8Array.of(...pem, newline) }))),
        ],
      ]);
      for (const envelope of faulty.values()) stream.sendWrong(envelope);
      await observer.seesNone(faulty, stream);
      const good = t.tester.alive();
      stream.send(good);
      await t.control('the same with its own identity is taken', () =>
        observer.sees(good, 'an alive message', 'alive'),
      );
    },
  ),

  check(
    'ALIVE-06',
    'drops an alive message with an expired identity',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const expired = await t.issue({ validFromSeconds: -7_200, validForSeconds: -3_600 });
      const old = expired.alive();
      stream.send(old);
      await observer.seesNone(new Map([['an alive message with an expired identity', old]]), stream);
      const unknown = await t.issue();
      const good = unknown.alive();
      stream.send(good);
      await t.control('the same with a valid identity is taken', () =>
        observer.sees(good, 'an alive message'),
      );
    },
  ),

  check(
    'ALIVE-06',
    'drops a bad alive message and does no more: the stream stays open, and its author is heard',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      // Nothing is on its way to one whom nobody has met.
      const member = t.as(t.tester, unmet(t.tester.identity, t.random));
      const stream = await quietMember(t, member);
      const good = member.alive();
      stream.send(good);
      await t.control('a good alive message is taken', () =>
        observer.sees(good, 'an alive message', 'alive'),
      );
      stream.sendWrong(withBadSignature(member.alive()));
      stream.sendWrong(withoutSignature(member.alive()));
      stream.sendWrong(member.alive({ identity: t.witness.identity.serialized }));
      const newer = member.alive();
      stream.send(newer);
      await observer.sees(newer, 'a good alive message right behind bad ones', 'alive');
    },
  ),

  check(
    'ALIVE-08',
    'takes an alive message from another than its author',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await quietMember(t, t.tester);
      const alive = t.tester.alive();
      observer.stream.send(alive);
      await observer.sees(alive, 'an alive message that another member pushed', 'alive');
    },
  ),

  check(
    'ALIVE-10',
    'drops replayed and older alive messages, whoever brings them',
    { lane: 'view', own: 3 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      const older = t.tester.alive();
      const push = (): Envelope => {
        const alive = t.tester.alive();
        stream.send(alive);
        return alive;
      };
      const { sent } = await t.control('fresh alive messages are relayed', () =>
        relayedTo(t, observer.stream, push),
      );
      const newest = push();
      await t.control('a fresh alive message is taken', () => observer.sees(newest, 'the newest', 'alive'));
      const { incNum, seqNum } = t.tester.nextTime();
      const stale = new Map([
        ['an older alive message', older],
        [
          'another of the same timestamp',
          t.tester.alive({ timestamp: timeOf(newest), endpoint: nowhere(0) }),
        ],
        ['one with a lower seq_num', t.tester.alive({ timestamp: { incNum, seqNum: seqNum - 2n } })],
        [
          'one of an earlier incarnation',
          t.tester.alive({ timestamp: { incNum: incNum - 1n, seqNum: seqNum + 9n } }),
        ],
      ]);
      for (const envelope of stale.values()) stream.send(envelope);
      await observer.seesNone(stale, stream);

      // A peer relays what is new once or as often as it is set to, and a replay never.
      const again = push();
      const { stream: another } = await Observer.join(t, t.third);
      for (let i = 0; i < REPLAYS; i++) {
        for (const on of [stream, another]) {
          on.send(again);
          on.send(older);
          on.send(sent);
        }
        if (i % FEW !== FEW - 1) continue;
        await t.marker(another);
        await t.marker(stream);
        push(); // Whoever tells nothing newer is taken for dead.
      }
      await t.quiet(t.waits.relayMs);
      const copies = ({ payload }: Envelope): number =>
        observer.stream.received.filter(({ envelope }) => sameBytes(envelope.payload, payload)).length;
      demand(
        copies(older) === 0,
        'an alive message older than the newest, not relayed',
        `${copies(older)} copies`,
      );
      for (const replayed of [again, sent]) {
        const count = copies(replayed);
        demand(count <= MAX_COPIES, 'a replayed alive message, not relayed again', `${count} copies`);
      }
      demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
      const last = push();
      await observer.sees(last, 'a newer one after the replays', 'alive');
    },
  ),

  check(
    'ALIVE-14',
    'drops alive messages without membership or timestamp',
    { own: 2, needs: ['disposable'], recruit: {} },
    async (t) => {
      await t.recruit.start({});
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      const timeless = t.tester.alive({ timestamp: undefined });
      const nameless = signed(
        t.tester.identity,
        gossipMessage({
          tag: Tag.EMPTY,
          content: {
            kind: 'aliveMsg',
            value: { timestamp: t.tester.nextTime(), identity: t.tester.identity.serialized },
          },
        }),
      );
      for (const incomplete of [timeless, nameless, t.tester.alive({ pkiId: nothing })]) {
        stream.sendWrong(incomplete);
        stream.send(t.tester.request(1n, incomplete));
        stream.send(unsigned(membershipResponse(0n, [incomplete])));
        stream.send(unsigned(membershipResponse(0n, [], [incomplete])));
      }
      await t.marker(stream);
      await t.demandAlive();
      const good = t.tester.alive();
      stream.send(good);
      await observer.sees(good, 'a complete alive message', 'alive');
    },
  ),
];
