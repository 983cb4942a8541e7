import type { Millis } from '../../src/ports/clock';
import { StatusCode } from '../../src/ports/transport';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { nowhere } from '../harness/nowhere';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { BareHost, PING } from '../steps/bare-host';
import { sameBytes } from '../steps/bytes';
import { diesThough } from '../steps/death';
import { expectStreamOfPeer, isOfPeer, retriesWithinMs } from '../steps/dial-back';
import { unmet } from '../steps/identities';
import { Observer } from '../steps/membership';
import { membershipResponse, unsigned } from '../steps/messages';
import { selfInformationOf } from '../steps/own-alive';
import { demandPace } from '../steps/pace';
import { persist } from '../steps/pull';

/** A tester behind a bare server that tells nobody any more that it is alive, once it has said so. */
function unreachableMember(t: CheckContext): Promise<BareHost> {
  t.tester.manners.answersRequests = false;
  t.tester.manners.beatsItsHeart = false;
  return BareHost.open(t, t.tester);
}

/**
 * Has the peer dial a member, which then ends that stream and fails all Pings, until it is dead. What the peer
 * dialled with.
 */
async function dieOf(t: CheckContext, host: BareHost, observer: Observer): Promise<Uint8Array | undefined> {
  host.server.ping = 'ok';
  const before = host.visits().length;
  await host.provoke();
  const visit = await t.control('the peer dials a member whose stream is gone', () =>
    host.server.expect('a GossipStream opened by the peer', host.dialWithinMs(), () => host.visits()[before]),
  );
  host.server.ping = 'error';
  for (const stream of host.streams) if (stream.isOpen) stream.end({ code: StatusCode.OK, details: '' });
  await t.control('a member dies that cannot be reached', () =>
    diesThough(t, observer, t.tester, 'a member'),
  );
  return visit.tls?.clientCertificate;
}

/** Whether a request has come since then as they go to dead members. */
const isAskedAgain = ({ received }: TesterStream, sinceMs: Millis): boolean =>
  received.some(({ kind, message, atMs }) => kind === 'memReq' && message.nonce === 0n && atMs >= sinceMs);

/** One whom no peer has met, and who answers nobody; of the organisation of `like`. */
function deadMember(t: CheckContext, like: Tester): Tester {
  const dead = t.as(like, unmet(like.identity, t.random));
  dead.manners.answersRequests = false;
  return dead;
}

/** Says who is dead, in a response that nobody asked for. */
const tellDead = (t: CheckContext, on: TesterStream, dead: readonly Envelope[]): void => {
  on.send(unsigned(membershipResponse(t.random.uint64(), [], dead)));
};

/** A Lateness unless two dead members, of whom the peer is told together, are called together though neither answers. */
async function calledAtOnce(t: CheckContext, on: TesterStream): Promise<void> {
  const [one, other] = [deadMember(t, t.tester), deadMember(t, t.tester)];
  await using host = await BareHost.open(t, one);
  await using otherHost = await BareHost.open(t, other);
  const hosts = [host, otherHost];
  for (const { server } of hosts) server.ping = 'silent';
  tellDead(t, on, [one.alive(), other.alive()]);
  const calledAt = hosts.map(({ server }) =>
    server.expect('a call of a dead member', 2 * retriesWithinMs(t), () => server.calls[0]?.atMs),
  );
  const [first = 0, second = 0] = await Promise.all(calledAt);
  const apartMs = Math.abs(first - second);
  const what = `one ${Math.round(apartMs)} ms after the other`;
  demandInTime(apartMs < t.waits.settings.connTimeoutMs / 2, 'two calls at once', what);
}

/** How often a peer calls a dead member until its pace is clear. */
const CALLS = 6;

/** How a peer tries to reach members that it took for dead. */
export const reconnectionChecks: readonly Check[] = [
  check(
    'DEAD-05',
    'asks a dead member that can be reached again, with nonce 0',
    { lane: 'view', own: 2, needs: ['dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await using host = await unreachableMember(t);
      await dieOf(t, host, observer);
      const before = host.streams.length;
      host.server.ping = 'ok';
      // Not on the first stream for sure: what was to be sent before it died closes the connection once more when that fails.
      const request = (): Received | undefined =>
        host.streams
          .slice(before)
          .filter((stream) => isOfPeer(t, stream))
          .flatMap(({ received }) => received)
          .find(({ kind }) => kind === 'memReq');
      await t.eventually(
        'a MembershipRequest to a dead member',
        3 * retriesWithinMs(t),
        () => request() !== undefined,
      );
      const nonce = request()?.message.nonce;
      demand(nonce === 0n, 'nonce 0', String(nonce));
    },
  ),

  check(
    'DEAD-05',
    'tries a dead member again and again',
    { lane: 'view', own: 2, needs: ['tls', 'dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await using host = await unreachableMember(t);
      const certificate = await dieOf(t, host, observer);
      const deadAtMs = t.clock.now();
      const calls = (): number =>
        host.server.visits
          .filter(({ tls }) => sameBytes(tls?.clientCertificate, certificate))
          .flatMap((visit) => visit.calls.filter(({ atMs, path }) => atMs > deadAtMs && path === PING))
          .length;
      await t.eventually('three calls of Ping', 3 * retriesWithinMs(t), () => calls() >= 3);
    },
  ),

  check(
    'DEAD-05',
    'calls Ping on a connection of its own before it turns to a dead member again',
    { lane: 'view', own: 2, needs: ['tls', 'dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await using host = await unreachableMember(t);
      await persist(async () => {
        const certificate = await dieOf(t, host, observer);
        const fromMs = t.clock.now();
        host.server.ping = 'ok';
        // Not by any stream: what was to be sent before it died may still be dialled for.
        await t.control('the peer asks a dead member that can be reached', () =>
          t.eventually('a MembershipRequest with nonce 0', retriesWithinMs(t), () =>
            host.streams.some((stream) => isOfPeer(t, stream) && isAskedAgain(stream, fromMs)),
          ),
        );
        // By the time of the call: its connection may have been on its way before.
        const later = host.server.visits.filter(
          ({ tls, calls }) =>
            calls.some(({ atMs, halfClosedAtMs = atMs }) => halfClosedAtMs >= fromMs) &&
            sameBytes(tls?.clientCertificate, certificate),
        );
        const pinged = later.filter(
          ({ calls }) => calls.length > 0 && calls.every(({ path }) => path === PING),
        );
        demandInTime(
          pinged.length > 0,
          'a connection with a Ping and nothing else, then one with a GossipStream',
          () => later.map(({ calls }) => calls.map(({ path }) => path).join(' and ')).join('; then '),
        );
        await t.eventually('every connection closed that was for a Ping alone', t.waits.answerMs, () =>
          pinged.every(({ calls, closedAtMs }) => calls.length > 1 || closedAtMs !== undefined),
        );
      }, 3);
    },
  ),

  check(
    'DEAD-05',
    'tries a dead member at each reconnectInterval',
    {
      needs: ['dial-back'],
      recruit: { timing: { reconnectIntervalMs: 300 } },
      floor: { of: 'calls of Ping', atLeast: CALLS },
    },
    async (t) => {
      // It knows nobody else whom it would wait for.
      await t.recruit.start({});
      const { stream } = await Observer.join(t, t.tester);
      const dead = deadMember(t, t.tester);
      const server = await dead.listen({ ping: 'error' });
      // Its external endpoint is elsewhere.
      tellDead(t, stream, [dead.alive({ endpoint: nowhere(0) })]);
      const { reconnectIntervalMs } = t.waits.settings;
      const withinMs = 3 * CALLS * reconnectIntervalMs + t.waits.answerMs;
      await server.expectPing(`${CALLS} calls of a dead member`, withinMs, CALLS);
      t.saw(CALLS);
      const times = server.pings.map(({ atMs }) => atMs);
      demandPace(times, reconnectIntervalMs, 'a call of a dead member');
    },
  ),

  check(
    'DEAD-05',
    'tries all dead members at once, though they do not answer',
    { needs: ['dial-back'], recruit: {} },
    async (t) => {
      await t.recruit.start({});
      const { stream } = await Observer.join(t, t.tester);
      // The peer may learn of the one just before a tick, and of the other just after it, but hardly each time.
      await persist(() => calledAtOnce(t, stream), 3);
    },
  ),

  check(
    'DEAD-05',
    'asks a dead member of another organisation too, and tells it no internal endpoint',
    { lane: 'view', foreign: 1, needs: ['dial-back', 'external-endpoint'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const dead = deadMember(t, t.stranger);
      const server = await dead.listen();
      tellDead(t, stream, [dead.alive()]);
      const what = 'a stream to a dead member of another organisation';
      const opened = await expectStreamOfPeer(t, server, what, 2 * retriesWithinMs(t));
      const self = selfInformationOf(await opened.expect('memReq', { what: 'a MembershipRequest on it' }));
      demand(self.secretEnvelope === undefined, 'self_information without a secret', 'one');
    },
  ),
];
