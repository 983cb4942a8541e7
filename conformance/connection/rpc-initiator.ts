import type { Visit, VisitCall } from '../harness/bare/visit';
import { check, type Check, type CheckOptions } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { demand } from '../harness/verdict';
import { StatusCode } from '../../src/ports/transport';
import { expectRequest } from '../steps/callers';
import { sameBytes } from '../steps/bytes';
import { BareHost, callerOf, GOSSIP_STREAM, PING } from '../steps/bare-host';
import { timeoutMs } from '../steps/grpc-timeout';
import { Observer } from '../steps/membership';

const dialled: CheckOptions = { lane: 'view', needs: ['dial-back'] };

/** Nothing beyond plain gRPC in what the peer has said on a connection so far. */
function demandBare({ calls }: Visit): void {
  for (const { path, headers, frames } of calls) {
    const encoding = headers['grpc-encoding'] ?? 'identity';
    demand(encoding === 'identity', `${path} without compression`, `grpc-encoding ${String(encoding)}`);
    const type = headers['content-type'] ?? '';
    demand(/^application\/grpc(\+proto)?$/.test(type), `${path} as application/grpc`, type);
    demand(!frames.some(({ compressed }) => compressed), 'uncompressed messages', 'a compressed one');
  }
}

/** Lets the peer dial the tester once; its visit, when it has said more than its ConnEstablish. */
async function visitOfPeer(t: CheckContext, host: BareHost): Promise<Visit> {
  await host.provoke();
  const visit = await t.control('the peer dials a member whose stream is gone', () =>
    host.expectVisit('a GossipStream opened by the peer'),
  );
  await saysMore(t, host, visit);
  return visit;
}

/** Waits until the peer has said more than its ConnEstablish. */
const saysMore = (t: CheckContext, { server }: BareHost, { calls }: Visit): Promise<true> =>
  t.control('the peer goes on after the handshake', () =>
    server.expect('a message behind the ConnEstablish', t.waits.answerMs, () =>
      calls.some(({ frames }) => frames.length > 1) ? true : undefined,
    ),
  );

const isStream = ({ path }: VisitCall): boolean => path === GOSSIP_STREAM;

/** Lets the peer dial the tester once more, since the stream that there was has ended; all its visits. */
async function visitedAgain(t: CheckContext, host: BareHost): Promise<readonly Visit[]> {
  await host.provoke();
  return t.control('the peer dials again', () =>
    host.server.expect('a second GossipStream of the peer', host.dialWithinMs(), () => {
      const streams = host.visits().flatMap(({ calls }) => calls.filter(isStream));
      return streams.length > 1 ? host.visits() : undefined;
    }),
  );
}

/** A Violation unless these calls of one connection begin with a Ping, answered before the GossipStream. */
function demandPingFirst(t: CheckContext, [first, second]: readonly VisitCall[]): void {
  demand(first?.path === PING, 'Ping as the first call of a connection', first?.path ?? 'none');
  demand(second?.path === GOSSIP_STREAM, 'then GossipStream', second?.path ?? 'none');
  demand(
    first.overAtMs !== undefined && first.overAtMs <= second.atMs,
    'GossipStream when Ping has been answered',
    'both at once',
  );
  const header = first.headers['grpc-timeout'];
  demand(typeof header === 'string', 'a deadline for Ping', 'none');
  const { connTimeoutMs } = t.waits.settings;
  demand(
    timeoutMs(header) <= connTimeoutMs && timeoutMs(header) > connTimeoutMs / 2,
    `connTimeout, ${connTimeoutMs} ms, as the deadline for Ping`,
    `grpc-timeout ${header}`,
  );
}

/** The peer as the one who calls. */
export const rpcInitiatorChecks: readonly Check[] = [
  check(
    'RPC-03',
    'calls Ping each time before it opens a GossipStream, with deadline connTimeout',
    dialled,
    async (t) => {
      await using host = await BareHost.open(t, t.tester);
      await visitOfPeer(t, host);
      for (const { calls } of await visitedAgain(t, host)) demandPingFirst(t, calls);
    },
  ),

  check(
    'RPC-03',
    'never joins a responder whose Ping fails or does not exist, and drops the connection',
    { ...dialled, own: 2, long: true },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await using host = await BareHost.open(t, t.tester);
      const { server } = host;
      for (const habit of ['unimplemented', 'error', 'silent'] as const) {
        server.ping = habit;
        const before = server.visits.length;
        const tried = (): readonly Visit[] =>
          server.visits.slice(before).filter(({ calls }) => calls.some(({ path }) => path === PING));
        const hasOpened = (): boolean =>
          tried().some(({ calls }) => calls.some((call) => sameBytes(callerOf(call), t.put.pkiId)));
        await host.provoke();
        await host.expectInVain(observer, hasOpened);
        demand(!hasOpened(), `no GossipStream where Ping is “${habit}”`, 'one');
        // Others may have called as well, and they are no better or worse.
        const { connTimeoutMs } = t.waits.settings;
        // They go on trying, each time anew.
        const visits = tried();
        await t.eventually(
          `every connection dropped on which Ping was “${habit}”`,
          connTimeoutMs + t.waits.answerMs,
          () => visits.every(({ closedAtMs }) => closedAtMs !== undefined),
        );
      }
      server.ping = 'ok';
      await host.provoke();
      await t.control('the peer joins the same responder when its Ping works', () =>
        host.expectVisit('a GossipStream opened by the peer'),
      );
    },
  ),

  check('RPC-08', 'uses a TCP connection of its own for each GossipStream', dialled, async (t) => {
    await using host = await BareHost.open(t, t.tester);
    const first = await visitOfPeer(t, host);
    for (const { calls } of await visitedAgain(t, host)) {
      const streams = calls.filter(isStream).length;
      demand(streams === 1, 'one GossipStream on a connection', `${streams}`);
    }
    await t.eventually('the connection of a stream that has ended is closed', t.waits.answerMs, () => {
      return first.closedAtMs !== undefined;
    });
  }),

  check(
    'RPC-09',
    'needs nothing of a responder beyond bare gRPC, and sends nothing compressed',
    dialled,
    async (t) => {
      await using host = await BareHost.open(t, t.tester);
      await host.provoke();
      const visit = await t.control('the peer dials a member whose stream is gone', () =>
        host.expectVisit('a GossipStream opened by the peer'),
      );
      demandBare(visit);
      await saysMore(t, host, visit);
      demandBare(visit);
    },
  ),

  check('RPC-10', 'does not half-close a stream that it opened', dialled, async (t) => {
    await using host = await BareHost.open(t, t.tester);
    const visit = await visitOfPeer(t, host);
    const stream = visit.calls.find(isStream);
    // It goes on to talk on it: at least until its next heartbeat, request or Hello.
    const seen = stream?.frames.length ?? 0;
    await t.control('the peer goes on to talk on its stream', () =>
      host.server.expect('another message', host.dialWithinMs(), () =>
        (stream?.frames.length ?? 0) > seen ? true : undefined,
      ),
    );
    demand(stream?.halfClosedAtMs === undefined, 'a stream that stays open on both sides', 'a half-close');
  }),

  check(
    'RPC-06',
    'pings a silent connection at each keepalive interval, also one without a stream',
    {
      own: 2,
      long: true,
      recruit: {
        pingsOften: true,
        timing: {
          aliveTimeIntervalMs: 60_000,
          aliveExpirationTimeoutMs: 300_000,
          pullIntervalMs: 60_000,
          reconnectIntervalMs: 60_000,
        },
      },
    },
    async (t) => {
      await using idle = await BareHost.open(t, t.tester);
      await using streamless = await BareHost.open(t, t.witness);
      await t.recruit.start({ bootstrap: [idle, streamless].map(({ server }) => server.address) });
      for (const host of [idle, streamless]) {
        await t.control('the peer joins', () => expectRequest(t, host, 'a MembershipRequest'));
      }
      const { shortKeepaliveMs } = t.recruit;
      const settledMs = t.clock.now() + shortKeepaliveMs / 2;
      for (const stream of streamless.streams) stream.end({ code: StatusCode.OK, details: '' });
      for (const [what, host] of [
        ['a connection where nothing is said', idle],
        ['a connection whose stream has ended', streamless],
      ] as const) {
        // What comes earlier measures how fast the line is.
        await host.server.expect(`a ping on ${what}`, 1.5 * shortKeepaliveMs + t.waits.answerMs, () =>
          host.server.visits.some(({ pingsAtMs }) => pingsAtMs.some((atMs) => atMs > settledMs)) ||
          // Whoever closes a connection without a stream need not keep it alive.
          host.server.visits.every(({ closedAtMs }) => closedAtMs !== undefined)
            ? true
            : undefined,
        );
      }
    },
  ),
];
