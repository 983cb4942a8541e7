import type { Millis } from '../../src/ports/clock';
import { StatusCode } from '../../src/ports/transport';
import { envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { pause } from '../harness/signal';
import type { Tester } from '../harness/tester';
import type { TesterServer } from '../harness/tester-server';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { dialledBy, dialWithinMs, expectStreamOfPeer, isOfPeer, provokeDial } from '../steps/dial-back';
import { connected } from '../steps/handshake';
import { entriesAbout, Observer } from '../steps/membership';
import { identityHello, unsigned } from '../steps/messages';
import { nextHeartbeat, nextRequest } from '../steps/own-alive';

/**
 * For how long a stream is left open on which nothing happens: longer than a member may be silent, and long enough to
 * show a limit of a peer's own.
 */
const idleMs = (aliveExpirationTimeoutMs: Millis): Millis =>
  Math.max(1.1 * aliveExpirationTimeoutMs + 500, Math.min(12_000, 5 * aliveExpirationTimeoutMs));

/** Requests whose answers must keep their order. */
const QUESTIONS = 30;

/** Whether the peer under test, and not another of its network, has opened a stream to this server. */
const wasDialled = (t: CheckContext, server: TesterServer): boolean =>
  server.streams.some((stream) => isOfPeer(t, stream));

/** All that a member is sent unasked: a heartbeat, a MembershipRequest, an identity Hello. */
const unaskedTraffic = async (t: CheckContext, stream: TesterStream): Promise<void> => {
  await Promise.all([
    nextHeartbeat(t, stream),
    nextRequest(t, stream),
    stream.expect('hello', {
      withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
      what: 'an identity Hello to a member',
    }),
  ]);
};

/** A Violation unless a stream that a tester opens takes the place of the one that the peer had opened to it. */
async function givesUpItsOwn(t: CheckContext, tester: Tester): Promise<void> {
  const { stream: outbound } = await dialledBy(t, tester);
  await t.control('the peer uses the connection it opened', () => t.marker(outbound));
  const inbound = await tester.connect();
  await outbound.expectEnd('the end of the stream that the peer had opened');
  await t.marker(inbound);
  await tester.askMembership(inbound);
  await unaskedTraffic(t, inbound);
}

/** A Violation unless a second stream of a tester ends both, and a third one is served. */
async function endsBoth(t: CheckContext, tester: Tester): Promise<void> {
  const first = await connected(t, tester);
  const second = await tester.dial();
  second.send(tester.conn(second));
  for (const [which, stream] of [
    ['first', first],
    ['second', second],
  ] as const) {
    const ending = await stream.expectEnd(`the end of the ${which} of two streams`);
    demand(ending.code === StatusCode.OK, `status OK for the ${which}`, `status ${ending.code}`);
  }
  await t.marker(await tester.connect());
}

/**
 * A tester joins, and its stream ends. Whether it is dead before anybody has connected to it; a Lateness if it is neither
 * dead nor dialled for long.
 */
async function diesUndialled(
  t: CheckContext,
  observer: Observer,
  server: TesterServer,
  end: (stream: TesterStream) => Promise<unknown>,
): Promise<boolean> {
  const { aliveExpirationTimeoutMs, dialTimeoutMs, pullIntervalMs } = t.waits.settings;
  const { stream } = await t.control('a tester joins', () => t.tester.join());
  // A dial to where it was before may fail only now; with a stream that does not matter.
  await t.quiet(dialTimeoutMs + t.waits.relayMs);
  const connections = server.connections.length;
  const streams = server.streams.length;
  await end(stream);
  const deadline = t.clock.now() + t.waits.chosenMs(pullIntervalMs);
  let saidAliveAt = t.clock.now();
  observer.stream.send(t.tester.alive());
  while (server.streams.length === streams) {
    const entries = entriesAbout(await observer.entries(), t.tester.pkiId);
    const isDead = entries.length > 0 && entries.every(({ list }) => list === 'dead');
    const silenceMs = t.clock.now() - saidAliveAt;
    if (silenceMs > 0.8 * aliveExpirationTimeoutMs) {
      throw new Inconclusive('it was not said to be alive often enough to tell whether it died of that');
    }
    // Chance may let the peer pass it over for so long that it expires, unless another says that it lives.
    if (silenceMs > aliveExpirationTimeoutMs / 3) {
      observer.stream.send(t.tester.alive());
      saidAliveAt = t.clock.now();
    }
    // A peer that tried to dial it has connected before it gave up.
    if (isDead && server.connections.length === connections) return true;
    demandInTime(t.clock.now() < deadline, 'a stream to a member whose stream ended', 'none');
    await pause(t.clock, 10);
  }
  return false;
}

/** A Violation unless a member whose stream ends is dialled before it is taken for dead. */
async function staysAlive(t: CheckContext, end: (stream: TesterStream) => Promise<unknown>): Promise<void> {
  const observer = await Observer.join(t, t.witness);
  const server = await t.tester.listen();
  // A peer that was just writing to the stream may take its end for the member's, but hardly each time.
  for (let clean = 0, deaths = 0; clean < 2 && deaths < 3;) {
    const isDead = await diesUndialled(t, observer, server, end);
    if (isDead) deaths += 1;
    else clean += 1;
    demand(
      deaths < 3,
      'a member whose stream ended, alive until the peer has tried to dial it',
      'it is dead, and nobody has connected to it',
    );
  }
}

export const lifeChecks: readonly Check[] = [
  check(
    'LIFE-01',
    'sends everything to a member over the stream that the member opened, wherever its endpoint is',
    { lane: 'view' },
    async (t) => {
      const stream = await connected(t);
      await t.tester.becomeMember(stream);
      await unaskedTraffic(t, stream);
    },
  ),

  check(
    'LIFE-01',
    'does so for a member of another organisation',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const stream = await connected(t, t.stranger);
      await t.stranger.becomeMember(stream);
      await unaskedTraffic(t, stream);
    },
  ),

  check(
    'LIFE-01',
    'does not dial a member that is connected',
    { lane: 'view', needs: ['dial-back'] },
    async (t) => {
      const server = await t.tester.listen();
      const stream = await connected(t);
      const undialled = (): void => {
        const what = 'no second connection to a member that is connected';
        demand(!wasDialled(t, server), what, 'the peer dialled it');
      };
      try {
        await t.tester.becomeMember(stream);
        await unaskedTraffic(t, stream);
      } catch (error) {
        // What did not come on this stream has gone another way.
        undialled();
        throw error;
      }
      await t.quiet(2 * t.waits.settings.pullIntervalMs);
      undialled();
      await t.marker(stream);
    },
  ),

  check(
    'LIFE-02',
    'gives up its own connection for one that the member opens',
    { lane: 'view', needs: ['dial-back'] },
    (t) => givesUpItsOwn(t, t.tester),
  ),

  check(
    'LIFE-02',
    'does so for a member of another organisation',
    { lane: 'view', foreign: 1, needs: ['dial-back', 'external-endpoint'] },
    (t) => givesUpItsOwn(t, t.stranger),
  ),

  check('LIFE-03', 'ends both of two streams that one peer opened', {}, (t) => endsBoth(t, t.tester)),

  check('LIFE-03', 'ends those of another organisation’s peer too', { foreign: 1 }, (t) =>
    endsBoth(t, t.stranger),
  ),

  check(
    'LIFE-05',
    'leaves an idle stream open, and sends nothing on it',
    { needs: ['fresh'], long: true },
    async (t) => {
      const unknown = await t.issue();
      const stream = await t.control('a well-formed handshake is accepted', () => unknown.connect());
      await t.quiet(idleMs(t.waits.settings.aliveExpirationTimeoutMs));
      const sent = stream.received.filter(({ kind }) => kind !== 'conn').map(({ kind }) => kind);
      demandInTime(stream.isOpen, 'an idle stream that stays open', 'it ended');
      demand(sent.length === 0, 'nothing sent to a peer that never said it is alive', () => sent.join(', '));
      await t.marker(stream);
    },
  ),

  check(
    'LIFE-06',
    'answers on the stream that was asked, whichever side opened it',
    {
      lane: 'view',
      needs: ['dial-back'],
    },
    async (t) => {
      const { server, stream: outbound } = await dialledBy(t, t.tester);
      await t.tester.askMembership(outbound);
      await t.marker(outbound);
      const inbound = await t.tester.connect();
      await t.control('the peer gives up its own connection', () => outbound.expectEnd('the end of its own'));
      const dialled = server.streams.length;
      await t.marker(inbound);
      await t.tester.askMembership(inbound);
      const later = server.streams.slice(dialled);
      demand(
        !later.some(({ received }) => received.some(({ kind }) => kind === 'dataDig' || kind === 'memRes')),
        'no answer by another connection',
        'one on a connection that the peer opened',
      );
    },
  ),

  check('LIFE-06', 'answers somebody who is no member on the stream that was asked', {}, async (t) => {
    const stream = await connected(t);
    await t.marker(stream);
  }),

  check('LIFE-07', 'dials a member whose stream ended', { lane: 'view', needs: ['dial-back'] }, async (t) => {
    // Nobody listens where it was before it listens: now that is what others are told.
    t.tester.externalEndpoint = t.tester.endpoint;
    const server = await provokeDial(t, t.tester);
    const stream = await expectStreamOfPeer(t, server, 'a stream to the internal endpoint', dialWithinMs(t));
    await t.marker(stream);
  }),

  check(
    'LIFE-07',
    'forgets a stream that ended at once, and does not take its member for dead',
    { lane: 'view', own: 2, needs: ['dial-back'] },
    (t) => staysAlive(t, (stream) => t.tester.leave(stream)),
  ),

  check(
    'LIFE-07',
    'does so with a stream that ended because something came on it that is no message',
    { own: 2, needs: ['dial-back'], recruit: {} },
    async (t) => {
      await t.recruit.start({});
      await staysAlive(t, (stream) => {
        stream.sendWrong(envelope(Uint8Array.of(0xff, 0xff, 0xff)));
        return stream.expectEnd('the end of a stream with what is no message');
      });
    },
  ),

  check('LIFE-15', 'answers requests on one stream in their order', {}, async (t) => {
    const stream = await connected(t);
    const nonces = Array.from({ length: QUESTIONS }, () => t.random.uint64());
    for (const nonce of nonces) stream.send(unsigned(identityHello(nonce)));
    const answered: bigint[] = [];
    for (const nonce of nonces) {
      answered.push(
        (await stream.expect('dataDig', { what: `an answer to Hello ${nonce.toString()}` })).value.nonce,
      );
    }
    demand(answered.join() === nonces.join(), 'answers in the order of the requests', () =>
      answered.join(', '),
    );
  }),
];
