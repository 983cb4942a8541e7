import type { Millis } from '../../src/ports/clock';
import { median } from '../../src/statistics';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { relayed } from '../harness/floor';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { sameEnvelope, withoutSecret } from '../steps/alive';
import { sameBytes } from '../steps/bytes';
import { Observer } from '../steps/membership';
import {
  identityDigest,
  identityItem,
  identityRequest,
  identityUpdate,
  membershipResponse,
  unsigned,
} from '../steps/messages';
import {
  isPushOf,
  isStateInfoRelayed,
  neverRelayedTo,
  PUSHES,
  relayedTo,
  unknownChannel,
} from '../steps/relay';

/** The time between two pushes that must not end up in one burst. */
const LONE_GAP_MS = 100;
/** This many delays show how long a peer lets messages wait; fewer than FEW_DELAYS do not. */
const MANY_DELAYS = 12;
const FEW_DELAYS = 4;
/** maxPropagationBurstLatency of a peer where it is longer than what a busy machine adds. */
const SLOW_BURST_MS = 100;
/** Rounds of four messages that fit into a peer's queue at a time (LIFE-13). */
const FEW = 4;

/** Pushes of which a member among a dozen is chosen for at least one. */
const push =
  (author: Tester, on: TesterStream, endpoint = author.endpoint) =>
  (): Envelope => {
    const alive = author.alive({ endpoint });
    on.send(alive);
    return alive;
  };

/** A member that says in all its alive messages that its external endpoint is this one. */
async function memberAt(t: CheckContext, tester: Tester, endpoint: string): Promise<TesterStream> {
  tester.manners.answersRequests = false;
  tester.manners.beatsItsHeart = false;
  return t.control('a member joins', async () => {
    const stream = await tester.connect();
    const nonce = t.random.uint64();
    await tester.askMembership(stream, tester.request(nonce, tester.alive({ endpoint })), nonce);
    return stream;
  });
}

/**
 * Pushes alive messages one by one on `on`, not so fast that they fill a burst, and tells for how long the peer kept each
 * before it relayed it: without what it, and this machine, took to answer a question at that moment.
 */
async function relayDelays(
  t: CheckContext,
  watcher: TesterStream,
  on: TesterStream,
  pushOne: () => Envelope,
  gapMs: Millis = LONE_GAP_MS,
): Promise<readonly number[]> {
  const pushed: { readonly sent: Envelope; readonly atMs: number; readonly answerMs: number }[] = [];
  const delays = (): readonly number[] =>
    watcher.received.flatMap((one) => {
      const origin = one.kind === 'aliveMsg' ? pushed.find(({ sent }) => isPushOf(one, sent)) : undefined;
      return origin === undefined ? [] : [one.atMs - origin.atMs - origin.answerMs];
    });
  while (pushed.length < PUSHES && delays().length < MANY_DELAYS) {
    const askedMs = t.clock.now();
    await t.marker(on);
    const atMs = t.clock.now();
    pushed.push({ sent: pushOne(), atMs, answerMs: atMs - askedMs });
    await t.quiet(gapMs);
  }
  await t.quiet(t.waits.relayMs);
  t.saw(delays().length);
  t.demandEnough();
  return delays();
}

/** Pushes fresh state info of an unknown channel until the watcher is given one; false if it never is. */
const stateInfoReaches = (
  t: CheckContext,
  watcher: TesterStream,
  author: Tester,
  on: TesterStream,
): Promise<boolean> => {
  const fresh = Array.from({ length: PUSHES }, () => author.nextTime());
  return isStateInfoRelayed(t, watcher, author, on, fresh, unknownChannel(t));
};

/** What a peer passes on, and to whom. */
export const disseminationChecks: readonly Check[] = [
  check(
    'EMIT-01',
    'passes alive messages on within a moment',
    { lane: 'view', own: 2, floor: relayed(FEW_DELAYS) },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const allowedMs = 10 * t.waits.settings.maxPropagationBurstLatencyMs + 100;
      const rounds: string[] = [];
      // A loaded machine may spoil a round.
      while (rounds.length < 3) {
        const delays = await relayDelays(t, observer.stream, stream, push(t.tester, stream));
        if (delays.filter((delay) => delay <= allowedMs).length >= 0.75 * delays.length) return;
        rounds.push(delays.map(Math.round).join(', '));
      }
      demandInTime(false, `three in four relayed within ${allowedMs} ms`, `after ${rounds.join('; ')} ms`);
    },
  ),

  check(
    'EMIT-01',
    'lets them wait for no longer than maxPropagationBurstLatency',
    {
      own: 2,
      recruit: { timing: { maxPropagationBurstLatencyMs: SLOW_BURST_MS } },
      floor: relayed(FEW_DELAYS),
    },
    async (t) => {
      await t.recruit.start({});
      const observer = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      // Whatever the pace of bursts, these come at all times between two of them.
      const gapMs = 1.37 * SLOW_BURST_MS;
      const delays = await relayDelays(t, observer.stream, stream, push(t.tester, stream), gapMs);
      demandInTime(
        median(delays) <= 1.5 * SLOW_BURST_MS,
        `relayed within ${SLOW_BURST_MS} ms`,
        `after ${delays.map(Math.round).join(', ')} ms`,
      );
    },
  ),

  check(
    'EMIT-04',
    'does not send an alive message back to where it came from',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      await t.control('alive messages are relayed', () =>
        relayedTo(t, observer.stream, push(t.tester, stream)),
      );
      await neverRelayedTo(t, stream, stream, 'an alive message', push(t.tester, stream));
      await neverRelayedTo(t, stream, stream, 'an alive message of another', push(t.witness, stream));
    },
  ),

  check(
    'EMIT-05',
    'relays pushed alive messages, and nothing that was asked for or told in a response',
    { lane: 'view', long: true, own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      await relayedTo(t, observer.stream, push(t.tester, stream));
      await neverRelayedTo(t, observer.stream, stream, 'self_information of a request', () => {
        const self = t.tester.alive();
        stream.send(t.tester.request(t.random.uint64(), self));
        return self;
      });
      await neverRelayedTo(t, observer.stream, stream, 'an alive entry of a response', () => {
        const alive = t.tester.alive();
        stream.send(unsigned(membershipResponse(t.random.uint64(), [alive])));
        return alive;
      });
      // Messages between two, each with a nonce that would betray it.
      const nonces = Array.from({ length: PUSHES }, () => t.random.uint64());
      for (const [i, nonce] of nonces.entries()) {
        stream.send(unsigned(membershipResponse(nonce, [])));
        stream.send(unsigned(identityDigest(nonce, [])));
        stream.send(unsigned(identityRequest(nonce, [])));
        stream.send(unsigned(identityUpdate(nonce, [identityItem(t.tester.identity)])));
        // So many at a time fit into the peer's queue (LIFE-13).
        if (i % FEW === FEW - 1) await t.marker(stream);
      }
      await t.marker(stream);
      await t.quiet(t.waits.relayMs);
      const betrayed = observer.stream.received.filter(
        ({ message, ...one }) =>
          nonces.includes(message.nonce) ||
          ((one.kind === 'dataDig' || one.kind === 'dataReq' || one.kind === 'dataUpdate') &&
            nonces.includes(one.value.nonce)),
      );
      demand(betrayed.length === 0, 'nothing relayed that was meant for the peer', () =>
        [...new Set(betrayed.map(({ kind }) => kind))].join(', '),
      );
    },
  ),

  check(
    'EMIT-06',
    'keeps own members without an external endpoint from other organisations',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const { stream: foreign } = await t.control('a foreign tester joins', () => t.stranger.join());
      const { stream } = await Observer.join(t, t.tester);
      const { sent, received } = await relayedTo(t, foreign, push(t.tester, stream));
      demand(
        sameEnvelope(received.envelope, withoutSecret(sent)),
        'payload and signature as they came, without the secret, to another organisation',
        'another envelope',
      );
      t.tester.manners.beatsItsHeart = false;
      t.tester.manners.answersRequests = false;
      await neverRelayedTo(
        t,
        foreign,
        stream,
        'an own alive message without external endpoint',
        push(t.tester, stream, ''),
      );
    },
  ),

  check(
    'EMIT-06',
    'tells of foreign members only those who have an external endpoint',
    { lane: 'view', own: 2, foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const { stream: foreign } = await t.control('a foreign tester joins', () => t.stranger.join());
      const open = await Observer.join(t, t.tester);
      const hidden = await memberAt(t, t.witness, '');
      await relayedTo(t, open.stream, push(t.stranger, foreign));
      hidden.send(t.witness.alive({ endpoint: '' }));
      await neverRelayedTo(t, hidden, foreign, 'a foreign alive message', push(t.stranger, foreign));
    },
  ),

  check(
    'EMIT-06',
    'tells foreign members of others of their organisation',
    { lane: 'view', foreign: 2, needs: ['external-endpoint'] },
    async (t) => {
      const [author, watcher] = [t.stranger, t.foreign[1]];
      if (watcher === undefined) throw new Error('the check asks for two foreign testers');
      const { stream } = await t.control('a foreign tester joins', () => author.join());
      const { stream: other } = await t.control('another foreign tester joins', () => watcher.join());
      await relayedTo(t, other, push(author, stream));
    },
  ),

  check(
    'TAG-07',
    'relays state info of a channel it does not know inside its organisation',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const reached = await stateInfoReaches(t, observer.stream, t.tester, stream);
      demandInTime(reached, 'state info of an unknown channel, relayed to an own member', 'none');
      const isBack = stream.has('stateInfo', ({ value }) => sameBytes(value.pkiId, t.tester.pkiId));
      demand(!isBack, 'state info that does not go back to its sender', 'some that does');
    },
  ),

  check(
    'TAG-07',
    'relays no state info of an unknown channel that a foreign peer sent, or to one',
    { lane: 'view', long: true, own: 2, foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const { stream: foreign } = await t.control('a foreign tester joins', () => t.stranger.join());
      await t.control('it is relayed inside the organisation', async () => {
        const reached = await stateInfoReaches(t, observer.stream, t.tester, stream);
        demandInTime(reached, 'state info of an unknown channel, relayed to an own member', 'none');
      });
      const abroad = await stateInfoReaches(t, foreign, t.tester, stream);
      demand(!abroad, 'no state info of an unknown channel to another organisation', 'some');
      const brought = await stateInfoReaches(t, observer.stream, t.stranger, stream);
      demandInTime(brought, 'state info of a foreign author that an own member sent, relayed', 'none');
      const inwards = await stateInfoReaches(t, observer.stream, t.stranger, foreign);
      demand(!inwards, 'no state info of an unknown channel from another organisation, relayed', 'some');
    },
  ),
];
