import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { nowhere } from '../harness/nowhere';
import type { RecruitSettings } from '../harness/recruit';
import type { Tester } from '../harness/tester';
import { demand, demandInTime } from '../harness/verdict';
import { BareHost, PING } from '../steps/bare-host';
import { approachesTo, saidOn } from '../steps/callers';
import { listOf } from '../steps/death';
import { retriesWithinMs } from '../steps/dial-back';
import { Observer, quietMember } from '../steps/membership';
import { membershipResponse, unsigned } from '../steps/messages';

const FACTOR = 3;
/** A peer that forgets soon whom it has not heard of. */
const FORGETFUL: RecruitSettings = {
  msgExpirationFactor: FACTOR,
  timing: { aliveTimeIntervalMs: 200, aliveExpirationTimeoutMs: 800, reconnectIntervalMs: 300 },
};

/** For how long a peer keeps a pushed alive message (STORE-03). */
const lifetimeMs = ({ waits }: CheckContext): number => FACTOR * waits.settings.aliveExpirationTimeoutMs;

/** Makes a tester a member by its last alive message, and lets it leave; resolves to that message and when it was sent. */
async function lastHeardOf(
  t: CheckContext,
  observer: Observer,
  tester: Tester,
  how: 'push' | 'request',
): Promise<{ readonly alive: Envelope; readonly atMs: number }> {
  const stream = await quietMember(t, tester);
  const alive = tester.alive();
  const atMs = t.clock.now();
  stream.send(how === 'push' ? alive : tester.request(3n, alive));
  await t.control('it is a member', () => observer.sees(alive, 'an alive message', 'alive'));
  await tester.leave(stream);
  return { alive, atMs };
}

/** Waits until so much of the lifetime of what was sent at `atMs` is over. */
const untilLived = (t: CheckContext, atMs: number, lifetimes: number): Promise<void> =>
  t.quiet(Math.max(0, atMs + lifetimes * lifetimeMs(t) - t.clock.now()));

/** How a peer tries to reach dead members, and when it forgets them. */
export const forgettingChecks: readonly Check[] = [
  check(
    'DEAD-06',
    'looks for a peer that others say is dead: Ping, then a request with nonce 0',
    { lane: 'view', own: 1, needs: ['fresh', 'dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.tester);
      const unknown = await t.issue();
      unknown.manners.answersRequests = false;
      await using host = await BareHost.open(t, unknown);
      observer.stream.send(unsigned(membershipResponse(t.random.uint64(), [], [unknown.alive()])));
      const request = await host.server.expect(
        'a MembershipRequest to a peer that others say is dead',
        retriesWithinMs(t),
        () => approachesTo(host).flatMap(({ call }) => saidOn(call, 'memReq'))[0],
      );
      const { nonce } = request.message;
      demand(nonce === 0n, 'nonce 0', String(nonce));
      const [first] = host.server.calls;
      demand(first?.path === PING, 'a Ping first', first?.path ?? 'none');
    },
  ),

  check(
    'DEAD-07',
    'forgets a member when its last pushed alive message expires, unless it is a bootstrap or an anchor peer',
    { own: 4, long: true, recruit: FORGETFUL },
    async (t) => {
      const [ordinary, bootstrap, watcher, anchor] = [t.tester, t.witness, t.third, t.own[3]];
      if (anchor === undefined) throw new Error('the check asks for four testers');
      await using host = await BareHost.open(t, bootstrap);
      await using otherHost = await BareHost.open(t, anchor);
      for (const one of [bootstrap, anchor]) one.manners.answersRequests = false;
      for (const one of [host, otherHost]) one.greets = false;
      await t.recruit.start({
        bootstrap: [host.server.address],
        anchors: { own: [otherHost.server.address], foreign: [] },
      });
      // The one is known by its internal endpoint alone, the other by its external one.
      bootstrap.externalEndpoint = nowhere(0);
      anchor.externalEndpoint = anchor.endpoint;
      anchor.endpoint = nowhere(0);
      const observer = await Observer.join(t, watcher);
      const { atMs: bootstrapAtMs } = await lastHeardOf(t, observer, bootstrap, 'push');
      const { atMs: anchorAtMs } = await lastHeardOf(t, observer, anchor, 'push');
      const { atMs } = await lastHeardOf(t, observer, ordinary, 'push');
      await untilLived(t, atMs, 0.8);
      const early = await listOf(observer, ordinary);
      demandInTime(early === 'dead', 'a dead member that is still told of', `listed as ${String(early)}`);
      await untilLived(t, atMs, 1);
      await t.eventually('a dead member is forgotten', lifetimeMs(t) / 2 + 1_000, async () => {
        return (await listOf(observer, ordinary)) === undefined;
      });
      await untilLived(t, Math.max(bootstrapAtMs, anchorAtMs), 1.2);
      for (const [what, one] of [
        ['a bootstrap peer', bootstrap],
        ['an anchor peer', anchor],
      ] as const) {
        const kept = await listOf(observer, one);
        demand(kept === 'dead', `${what} that is kept`, `listed as ${String(kept)}`);
      }
    },
  ),

  check(
    'DEAD-08',
    'keeps a dead member of which no alive message was pushed',
    { own: 2, long: true, recruit: FORGETFUL },
    async (t) => {
      await t.recruit.start({});
      const observer = await Observer.join(t, t.witness);
      const { atMs } = await lastHeardOf(t, observer, t.tester, 'request');
      await untilLived(t, atMs, 1.4);
      const kept = await listOf(observer, t.tester);
      demand(kept === 'dead', 'a dead member that was never pushed, kept', `listed as ${String(kept)}`);
    },
  ),

  check(
    'STORE-03',
    'refuses an expired alive message until twice its lifetime is over',
    { own: 2, long: true, recruit: FORGETFUL },
    async (t) => {
      await t.recruit.start({});
      const observer = await Observer.join(t, t.witness);
      const { alive, atMs } = await lastHeardOf(t, observer, t.tester, 'push');
      await untilLived(t, atMs, 1);
      await t.control('a dead member is forgotten', () =>
        t.eventually('it is told of no more', lifetimeMs(t) / 2, async () => {
          return (await listOf(observer, t.tester)) === undefined;
        }),
      );
      await untilLived(t, atMs, 1.6);
      observer.stream.send(alive);
      await t.marker(observer.stream);
      await t.quiet();
      const early = await listOf(observer, t.tester);
      demand(
        early === undefined,
        'no effect of an alive message that was known',
        `listed as ${String(early)}`,
      );
      await untilLived(t, atMs, 2.2);
      observer.stream.send(alive);
      await t.eventually('the same is news when twice its lifetime is over', t.waits.answerMs, async () => {
        return (await listOf(observer, t.tester)) !== undefined;
      });
    },
  ),
];
