import type { Millis } from '../../src/ports/clock';
import { MuteServer } from '../harness/bare/mute-server';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { demand, demandInTime, Inconclusive, Violation } from '../harness/verdict';
import { BareHost, PING } from '../steps/bare-host';
import { timeoutMs } from '../steps/grpc-timeout';
import { approachesTo, callsWithinMs, expectProbes, expectRequest } from '../steps/callers';
import { unmet } from '../steps/identities';
import { membershipResponse, unsigned } from '../steps/messages';
import { demandDuration } from '../steps/pace';

/** Source: gossip/comm/comm_impl.go, `Handshake`. */
const DEADLINE_MS = 10_000;

/** How long a peer keeps its first connection to a listener that says nothing; `lead` tells it of that address. */
async function patienceWithMute(t: CheckContext, lead: (address: string) => void): Promise<Millis> {
  const { listenHost } = t.tester.papers;
  if (listenHost === undefined) throw new Error(`${t.tester.name} has no address to listen on`);
  await using mute = await MuteServer.listen(t.clock, listenHost);
  lead(mute.address);
  const heldMs = (): Millis | undefined => {
    const [first] = mute.visits;
    return first?.closedAtMs === undefined ? undefined : first.closedAtMs - first.atMs;
  };
  const withinMs = callsWithinMs(t) + 10 * t.waits.settings.dialTimeoutMs;
  await t.eventually('a dial given up', withinMs, () => heldMs() !== undefined, 10);
  return heldMs() ?? 0;
}

/** How a peer that dials tries a bootstrap peer, and then connects to it. */
export const outboundHandshakeChecks: readonly Check[] = [
  check(
    'CONN-13',
    'probes deeply: Ping, then a stream with a deadline, its ConnEstablish, and away when it has the other’s',
    { recruit: {} },
    async (t) => {
      await using host = await BareHost.open(t, t.tester);
      await t.recruit.start({ bootstrap: [host.server.address] });
      const [probe] = await expectProbes(t, host, 1, 'a deep probe of a bootstrap peer');
      if (probe === undefined) throw new Violation('a deep probe first', 'a MembershipRequest');
      const { visit, call } = probe;
      demand(visit.calls[0]?.path === PING, 'Ping before the stream of a probe', visit.calls[0]?.path ?? '');
      demand(
        visit.calls.length === 2,
        'nothing but Ping and one GossipStream',
        `${visit.calls.length} calls`,
      );
      const deadline = timeoutMs(call.headers['grpc-timeout']);
      demand(
        deadline > DEADLINE_MS / 2 && deadline <= DEADLINE_MS,
        'a deadline of 10 s for the stream of a probe',
        `grpc-timeout ${String(call.headers['grpc-timeout'])}`,
      );
      await t.eventually('the connection of a probe is closed', t.waits.answerMs, () => {
        return visit.closedAtMs !== undefined;
      });
      demand(
        call.frames.length === 1,
        'its ConnEstablish and nothing else',
        `${call.frames.length} messages`,
      );
      // It stayed no longer than it takes to read the answer.
      const stayedMs = (visit.closedAtMs ?? 0) - call.atMs;
      demandInTime(
        stayedMs < t.waits.settings.connTimeoutMs,
        'a probe that ends when it has read the other’s ConnEstablish',
        `after ${Math.round(stayedMs)} ms`,
      );
    },
  ),

  check(
    'CONN-13',
    'waits for the other’s ConnEstablish before it ends a probe',
    { recruit: {} },
    async (t) => {
      await using host = await BareHost.open(t, t.tester);
      host.greets = false;
      await t.recruit.start({ bootstrap: [host.server.address] });
      const [probe] = await expectProbes(t, host, 1, 'a deep probe of a bootstrap peer');
      if (probe === undefined) throw new Violation('a deep probe first', 'a MembershipRequest');
      const { connTimeoutMs } = t.waits.settings;
      await t.eventually('the end of a probe that was not answered', connTimeoutMs + t.waits.answerMs, () => {
        return probe.visit.closedAtMs !== undefined;
      });
      const waitedMs = (probe.visit.closedAtMs ?? 0) - probe.call.atMs;
      demandInTime(
        waitedMs > connTimeoutMs / 2,
        `a wait of connTimeout, ${connTimeoutMs} ms, for the other’s ConnEstablish`,
        `the end after ${Math.round(waitedMs)} ms`,
      );
    },
  ),

  check(
    'CONN-14',
    'connects: Ping with deadline connTimeout, a stream without one, its ConnEstablish without probe, then its request',
    { recruit: {} },
    async (t) => {
      await using host = await BareHost.open(t, t.tester);
      await t.recruit.start({ bootstrap: [host.server.address] });
      await expectRequest(t, host, 'a MembershipRequest to a bootstrap peer');
      const real = approachesTo(host).find(({ conn }) => !conn.probe);
      demand(real !== undefined, 'a ConnEstablish with probe = false before the request', 'a probe');
      const { visit, call } = real;
      const [ping] = visit.calls;
      const { connTimeoutMs } = t.waits.settings;
      demand(ping?.path === PING, 'Ping before the stream', ping?.path ?? '');
      const deadline = timeoutMs(ping.headers['grpc-timeout']);
      demand(
        deadline > connTimeoutMs / 2 && deadline <= connTimeoutMs,
        `connTimeout, ${connTimeoutMs} ms, as the deadline for Ping`,
        `grpc-timeout ${String(ping.headers['grpc-timeout'])}`,
      );
      const limit = call.headers['grpc-timeout'];
      demand(limit === undefined, 'a stream without deadline', `grpc-timeout ${String(limit)}`);
    },
  ),

  check('CONN-14', 'gives a dial up after dialTimeout', { recruit: {}, needs: ['dial-back'] }, async (t) => {
    await t.recruit.start({});
    const { stream } = await t.control('a tester joins', () => t.tester.join());
    const tellOfMember = (address: string): void => {
      const member = t.as(t.tester, unmet(t.tester.identity, t.random));
      member.endpoint = address;
      stream.send(unsigned(membershipResponse(t.random.uint64(), [member.alive()])));
    };
    const look = (): Promise<Millis> => patienceWithMute(t, tellOfMember);
    await demandDuration(look, t.waits.settings.dialTimeoutMs, 'the peer dials for dialTimeout');
  }),

  check(
    'CONN-14',
    'gives a connection up whose other side says no ConnEstablish within connTimeout',
    { recruit: {} },
    async (t) => {
      await using host = await BareHost.open(t, t.tester);
      await t.recruit.start({ bootstrap: [host.server.address] });
      await expectProbes(t, host, 1, 'a deep probe of a bootstrap peer');
      host.greets = false;
      const { connTimeoutMs } = t.waits.settings;
      const real = await host.server.expect('a connection to stay', callsWithinMs(t), () =>
        approachesTo(host).find(({ conn }) => !conn.probe),
      );
      if (host.streams.at(-1)?.greeted === true) throw new Inconclusive('the tester had greeted it already');
      await t.eventually('the end of a connection not greeted', connTimeoutMs + t.waits.answerMs, () => {
        return real.visit.closedAtMs !== undefined;
      });
      const waitedMs = (real.visit.closedAtMs ?? 0) - real.call.atMs;
      demandInTime(
        waitedMs > connTimeoutMs / 2,
        `a wait of connTimeout, ${connTimeoutMs} ms`,
        `the end after ${Math.round(waitedMs)} ms`,
      );
      demandInTime(
        waitedMs < 1.5 * connTimeoutMs + 500,
        `a wait of connTimeout, ${connTimeoutMs} ms`,
        `the end after ${Math.round(waitedMs)} ms`,
      );
      demand(real.call.frames.length === 1, 'nothing said on it but a ConnEstablish', 'more');
    },
  ),
];
