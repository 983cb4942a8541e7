import type { Millis } from '../../src/ports/clock';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { sameEnvelope, unknownField } from '../steps/alive';
import { dialWithinMs, expectStreamOfPeer } from '../steps/dial-back';
import { unmet } from '../steps/identities';
import { Observer, quietMember } from '../steps/membership';
import { nextRequest } from '../steps/own-alive';
import { persist } from '../steps/pull';
import { relayedTo } from '../steps/relay';

/** Where nobody listens: discard, on a loopback address that no tester has. */
const nowhere = '127.78.0.1:9';
const elsewhere = '127.78.0.2:9';

/** Messages for all members, one after the other, until the peer has dialled one of them, */
const MANY = 20;
/** and the time between them. */
const GAP_MS = 25;

/** Connects a tester that introduces itself with this alive message, and says nothing of itself besides. */
async function introduced(t: CheckContext, tester: Tester, self: Envelope): Promise<TesterStream> {
  tester.manners.answersRequests = false;
  return t.control('a tester joins', async () => {
    const stream = await tester.connect();
    await tester.askMembership(stream, tester.request(1n, self), 1n);
    return stream;
  });
}

/** Has a tester tell of itself, tell anew, and be gone: what a peer dials after that, it knows from these two alone. */
async function toldTwice(
  t: CheckContext,
  tester: Tester,
  first: Envelope,
  newer: () => Envelope,
): Promise<void> {
  const stream = await introduced(t, tester, first);
  stream.send(newer());
  await t.marker(stream);
  await tester.leave(stream);
}

/** How long the peer may take to dial one who is gone, dead by then or not. */
const dialsAnewWithinMs = (t: CheckContext): Millis =>
  dialWithinMs(t) + t.waits.tickMs(t.waits.settings.reconnectIntervalMs);

/** What becomes of an alive message that a peer takes. */
export const updateChecks: readonly Check[] = [
  check(
    'ALIVE-09',
    'stores a pushed alive message, relays its very bytes and answers nothing',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      const more = { unknownFields: [unknownField] };
      const { sent, received } = await relayedTo(t, observer.stream, () => {
        const alive = t.tester.alive({ metadata: Uint8Array.of(1, 2, 3) }, more);
        stream.sendWrong(alive);
        return alive;
      });
      demand(
        sameEnvelope(received.envelope, sent),
        'the very envelope that was pushed, secret and unknown fields included',
        'other bytes',
      );
      const last = t.tester.alive({}, more);
      stream.sendWrong(last);
      await observer.sees(last, 'a pushed alive message', 'alive');
      for (const kind of ['ack', 'empty', 'memRes'] as const) {
        stream.expectNone(kind, 'no direct answer to an alive message');
      }
    },
  ),

  check(
    'ALIVE-09',
    'relays the newer alive messages of a member, one like the other',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      const pushed: Envelope[] = [];
      const push = (): Envelope => {
        const alive = t.tester.alive();
        pushed.push(alive);
        stream.send(alive);
        return alive;
      };
      const { sent } = await relayedTo(t, observer.stream, push);
      const parity = pushed.indexOf(sent) % 2;
      const pushOther = (): Envelope => {
        const alive = push();
        return (pushed.length - 1) % 2 === parity ? push() : alive;
      };
      await relayedTo(t, observer.stream, pushOther, 'the alive messages between two that are relayed, too');
    },
  ),

  check(
    'ALIVE-09',
    'relays the first alive message that it has of somebody',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      await relayedTo(t, observer.stream, () => {
        const alive = t.as(t.tester, unmet(t.tester.identity, t.random)).alive();
        stream.send(alive);
        return alive;
      });
    },
  ),

  check(
    'ALIVE-11',
    'dials where a newer alive message says',
    { lane: 'view', needs: ['dial-back'] },
    async (t) => {
      const stream = await quietMember(t, t.tester);
      const server = await t.tester.listen();
      // It says nothing after that: whatever it told a peer that takes it for dead would tell the endpoint once more.
      stream.send(t.tester.alive());
      await t.marker(stream);
      await t.tester.leave(stream);
      await expectStreamOfPeer(t, server, 'a stream to the newer endpoint', dialWithinMs(t));
    },
  ),

  check(
    'ALIVE-11',
    'replaces endpoint and metadata by a newer alive message, and its envelope by one without a secret',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      t.tester.manners.beatsItsHeart = false;
      const first = t.tester.alive({ endpoint: nowhere, metadata: Uint8Array.of(1) });
      const stream = await introduced(t, t.tester, first);
      const newer = t.tester.aliveWithoutSecret({ endpoint: elsewhere, metadata: Uint8Array.of(2) });
      stream.send(newer);
      const { alive, envelope } = await observer.sees(newer, 'a newer alive message', 'alive');
      demand(
        alive.membership?.endpoint === elsewhere,
        'the newer endpoint',
        String(alive.membership?.endpoint),
      );
      demand(
        envelope.secretEnvelope === undefined,
        'an entry without the secret of the older one',
        'a secret',
      );
      demand(sameEnvelope(envelope, newer), 'the newer envelope', 'another');
      const { sent, received } = await t.control('alive messages are relayed', () =>
        relayedTo(t, observer.stream, () => {
          const again = t.tester.aliveWithoutSecret({ endpoint: elsewhere });
          stream.send(again);
          return again;
        }),
      );
      demand(
        sameEnvelope(received.envelope, sent),
        'the newer envelope relayed, without a secret',
        'another',
      );
    },
  ),

  check(
    'ALIVE-11',
    'still dials the internal endpoint that an older secret told',
    { lane: 'view', needs: ['dial-back'] },
    async (t) => {
      const server = await t.tester.listen();
      const first = t.tester.alive({ endpoint: nowhere });
      await toldTwice(t, t.tester, first, () => t.tester.aliveWithoutSecret({ endpoint: elsewhere }));
      await expectStreamOfPeer(
        t,
        server,
        'a stream to the internal endpoint told before',
        dialsAnewWithinMs(t),
      );
    },
  ),

  check(
    'ALIVE-11',
    'dials the internal endpoint of the newest secret, and none told before',
    { lane: 'view', own: 2, needs: ['dial-back'] },
    async (t) => {
      const { stream: others } = await Observer.join(t, t.witness);
      // A push that was on its way when the news came goes to the old endpoint, but hardly each time.
      await persist(async () => {
        // One whom the peer has not met, so that it knows no endpoint of earlier checks.
        const member = t.as(t.tester, unmet(t.tester.identity, t.random));
        const before = await member.listen();
        const stream = await introduced(t, member, member.alive({ endpoint: nowhere }));
        const server = await member.listen();
        stream.send(member.alive({ endpoint: elsewhere }));
        await t.marker(stream);
        await member.leave(stream);
        // What goes to all members goes there, too: whatever is sent first, and by which endpoint, more follows.
        for (let i = 0; i < MANY && server.streams.length + before.streams.length === 0; i++) {
          others.send(t.witness.alive());
          await t.quiet(GAP_MS);
        }
        await expectStreamOfPeer(
          t,
          server,
          'a stream to the internal endpoint told last',
          dialsAnewWithinMs(t),
        );
        demandInTime(before.streams.length === 0, 'no stream to the internal endpoint told before', 'one');
      }, 3);
    },
  ),

  check(
    'ALIVE-11',
    'dials the newest external endpoint of a member without a secret',
    { lane: 'view', needs: ['fresh', 'dial-back'] },
    async (t) => {
      // A peer never forgets the secret of an identity that told one, hence a new one.
      const member = await t.issue();
      const server = await member.listen();
      const first = member.aliveWithoutSecret({ endpoint: nowhere });
      await toldTwice(t, member, first, () => member.aliveWithoutSecret());
      await expectStreamOfPeer(
        t,
        server,
        'a stream to the external endpoint told last',
        dialsAnewWithinMs(t),
      );
    },
  ),

  check('ALIVE-13', 'talks to a new member within a few ticks', { lane: 'view', own: 2 }, async (t) => {
    const observer = await Observer.join(t, t.witness);
    const stream = await t.control('a tester connects', () => t.tester.connect());
    const alive = t.tester.alive();
    stream.send(alive);
    await observer.sees(alive, 'a new member', 'alive');
    await nextRequest(t, stream);
    await stream.expect('hello', {
      withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
      what: 'an identity Hello to a new member',
    });
  }),

  check(
    'ALIVE-15',
    'takes an alive message whose external endpoint is no host and port',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      for (const endpoint of ['127.78.0.1', ':', '127.78.0.1:99999']) {
        // It is dialled where the secret says.
        const alive = t.as(t.tester, unmet(t.tester.identity, t.random)).alive({ endpoint });
        observer.stream.send(alive);
        await observer.sees(alive, `an alive message of one at “${endpoint}”`);
      }
    },
  ),

  check(
    'ALIVE-15',
    'dials the external endpoint of a member without a secret, as it stands',
    { lane: 'view', needs: ['fresh', 'dial-back'] },
    async (t) => {
      // A peer never forgets the secret of an identity that told one, hence a new one (ALIVE-11).
      const member = await t.issue();
      const server = await member.listen();
      const stream = await introduced(t, member, member.aliveWithoutSecret());
      await member.leave(stream);
      await expectStreamOfPeer(t, server, 'a stream to the endpoint told', dialWithinMs(t));
    },
  ),
];
