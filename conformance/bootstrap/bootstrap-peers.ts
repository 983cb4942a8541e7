import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { RecruitSettings } from '../harness/recruit';
import type { Tester } from '../harness/tester';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { BareHost, portOf } from '../steps/bare-host';
import {
  approachesTo,
  callsWithinMs,
  expectProbes,
  expectRequest,
  probesOf,
  requestsTo,
} from '../steps/callers';

/** Attempts at a bootstrap peer that fail soon, and come soon again. */
const HASTY: RecruitSettings = { timing: { connTimeoutMs: 600, reconnectIntervalMs: 300 } };

const ATTEMPTS = 3;

/** One of the testers that the check asked for. */
function nth(testers: readonly Tester[], n: number): Tester {
  const tester = testers[n];
  if (tester === undefined) throw new Error(`the check asks for fewer than ${n + 1} testers`);
  return tester;
}

/** A server where no peer should call, on a port of its own choice or this one. */
async function trap(t: CheckContext, tester: Tester, host: string, port?: number): Promise<BareHost> {
  try {
    return await BareHost.open(t, tester, { host, ...(port !== undefined && { port }) });
  } catch (error) {
    throw new Inconclusive(`nobody can listen at ${host}, port ${port ?? 'any'}`, { cause: error });
  }
}

/** When each attempt at a tester began and ended, going by its connections. */
const attemptsAt = ({ server }: BareHost): readonly { readonly beganMs: number; readonly overMs: number }[] =>
  server.visits
    .filter(({ calls }) => calls.length > 0)
    .map(({ atMs, closedAtMs }) => ({ beganMs: atMs, overMs: closedAtMs ?? Infinity }));

export const bootstrapChecks: readonly Check[] = [
  check(
    'BOOT-01',
    'probes all bootstrap peers at once when it starts, and then joins those that answer',
    { own: 3, recruit: {} },
    async (t) => {
      await using mute = await BareHost.open(t, nth(t.own, 0));
      await using one = await BareHost.open(t, nth(t.own, 1));
      await using other = await BareHost.open(t, nth(t.own, 2));
      mute.greets = false;
      await t.recruit.start({ bootstrap: [mute, one, other].map(({ server }) => server.address) });
      for (const host of [one, other]) {
        await expectRequest(t, host, 'a MembershipRequest to a bootstrap peer');
        const [first, second] = approachesTo(host);
        demand(first?.conn.probe === true, 'a deep probe of a bootstrap peer first', 'a connection to stay');
        demand(second?.conn.probe === false, 'a connection to stay after the probe', 'another probe');
      }
      const [probe] = await expectProbes(t, mute, 1, 'a deep probe of a bootstrap peer that says nothing');
      const began = [one, other].map((host) => probesOf(host)[0]?.call.atMs ?? Infinity);
      const givenUpMs = (probe?.call.atMs ?? 0) + t.waits.settings.connTimeoutMs;
      demandInTime(
        began.every((atMs) => atMs < givenUpMs),
        'bootstrap peers probed in parallel',
        'one only when the probe of another was given up',
      );
    },
  ),

  check(
    'BOOT-02',
    'probes a bootstrap peer of another organisation again and again, and never joins it',
    { own: 1, foreign: 1, recruit: HASTY },
    async (t) => {
      await using own = await BareHost.open(t, t.tester);
      await using foreign = await BareHost.open(t, t.stranger);
      await t.recruit.start({
        bootstrap: [foreign.server.address, own.server.address],
        // Only on a channel does it know the other organisation, and can tell it from none.
        anchors: { own: [], foreign: [] },
      });
      const before = probesOf(foreign).length;
      await t.control('a bootstrap peer of its own organisation is joined', () =>
        expectRequest(t, own, 'a MembershipRequest to a bootstrap peer'),
      );
      await expectProbes(t, foreign, before + ATTEMPTS, 'probes of a bootstrap peer of another organisation');
      await t.quiet();
      demand(
        approachesTo(foreign).every(({ conn }) => conn.probe) && requestsTo(foreign).length === 0,
        'nothing but probes of a bootstrap peer of another organisation',
        `${requestsTo(foreign).length} MembershipRequests, a connection to stay`,
      );
    },
  ),

  check(
    'BOOT-03',
    'repeats a failed attempt after reconnectInterval, and gives up after maxConnectionAttempts',
    {
      own: 2,
      foreign: 1,
      long: true,
      recruit: { ...HASTY, maxConnectionAttempts: ATTEMPTS },
      floor: { of: 'attempts at three bootstrap peers', atLeast: 3 * ATTEMPTS },
    },
    async (t) => {
      await using noPing = await BareHost.open(t, nth(t.own, 0));
      await using mute = await BareHost.open(t, nth(t.own, 1));
      await using foreign = await BareHost.open(t, t.stranger);
      noPing.server.ping = 'error';
      mute.greets = false;
      const hosts = new Map([
        ['a bootstrap peer whose Ping fails', noPing],
        ['a bootstrap peer that says nothing', mute],
        ['a bootstrap peer of another organisation', foreign],
      ]);
      await t.recruit.start({ bootstrap: [...hosts.values()].map(({ server }) => server.address) });
      const { reconnectIntervalMs, connTimeoutMs } = t.waits.settings;
      const roundMs = reconnectIntervalMs + connTimeoutMs;
      await t.eventually(`${ATTEMPTS} attempts each`, callsWithinMs(t) + ATTEMPTS * roundMs, () =>
        [...hosts.values()].every((host) => attemptsAt(host).length >= ATTEMPTS),
      );
      await t.quiet(3 * roundMs);
      for (const [what, host] of hosts) {
        const attempts = attemptsAt(host);
        t.saw(attempts.length);
        demand(attempts.length === ATTEMPTS, `${ATTEMPTS} attempts at ${what}`, String(attempts.length));
        const pauses = attempts.slice(1).map(({ beganMs }, i) => beganMs - (attempts[i]?.overMs ?? beganMs));
        const pausedMs = pauses.reduce((sum, ms) => sum + ms, 0);
        // The end of a connection shows here a moment after the attempt is over, or longer where the machine is busy.
        demandInTime(
          pausedMs > 0.7 * pauses.length * reconnectIntervalMs,
          `a wait of reconnectInterval, ${reconnectIntervalMs} ms, between attempts at ${what}`,
          `${pauses.map(Math.round).join(' and ')} ms`,
        );
        demandInTime(
          pauses.some((ms) => ms < 2 * reconnectIntervalMs + 100),
          `the next attempt at ${what} after reconnectInterval, ${reconnectIntervalMs} ms`,
          `after ${pauses.map(Math.round).join(' and ')} ms`,
        );
      }
    },
  ),

  check(
    'BOOT-04',
    'does not call itself, by whatever name it is listed',
    { own: 5, recruit: HASTY },
    async (t) => {
      const [bootstrap, anchor] = [nth(t.own, 3), nth(t.own, 4)];
      const { listenHost = '127.0.0.1' } = nth(t.own, 0).papers;
      // Where testers are on loopback, the peer's port on the local host can be theirs.
      const isLocal = listenHost.startsWith('127.');
      await using external = await trap(t, nth(t.own, 1), listenHost);
      await using local = await trap(t, nth(t.own, 0), isLocal ? '127.0.0.1' : listenHost);
      const port = portOf(local.server.address);
      const elsewhere = isLocal ? `127.78.${t.random.below(255)}.${1 + t.random.below(254)}` : listenHost;
      await using internal = isLocal ? await trap(t, nth(t.own, 2), elsewhere, port) : local;
      await using joined = await BareHost.open(t, bootstrap);
      await using alsoJoined = await BareHost.open(t, anchor);
      const own = [
        external.server.address,
        internal.server.address,
        ...(isLocal ? [`127.0.0.1:${port}`, `localhost:${port}`] : []),
      ];
      await t.recruit.start({
        endpoint: internal.server.address,
        externalEndpoint: external.server.address,
        bootstrap: [...own, joined.server.address],
        anchors: { own: [...own, alsoJoined.server.address], foreign: [] },
      });
      await t.control('a bootstrap peer and an anchor peer are joined', async () => {
        await expectRequest(t, joined, 'a MembershipRequest to a bootstrap peer');
        await expectRequest(t, alsoJoined, 'a MembershipRequest to an anchor peer');
      });
      await t.quiet(2 * t.waits.settings.reconnectIntervalMs);
      for (const [what, host] of [
        ['external', external],
        ['internal', internal],
        ['local', local],
      ] as const) {
        const calls = host.server.visits.length;
        demand(calls === 0, `no call at the peer’s own ${what} endpoint`, `${calls} connections`);
      }
    },
  ),
];
