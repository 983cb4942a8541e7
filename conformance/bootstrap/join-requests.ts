import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { RecruitSettings } from '../harness/recruit';
import { demand, demandInTime } from '../harness/verdict';
import { BareHost } from '../steps/bare-host';
import { sameBytes } from '../steps/bytes';
import { expectRequest, requestsTo } from '../steps/callers';
import { membershipResponse, unsigned } from '../steps/messages';

/**
 * How long a peer waits for the response to a join request. Source: gossip/discovery/discovery_impl.go,
 * `sendUntilAcked`.
 */
const RESPONSE_WAIT_MS = 5_000;

/** No other request comes to a tester meanwhile: it is not a member, or is not turned to that often. */
const quietly = (maxConnectionAttempts: number): RecruitSettings => ({
  maxConnectionAttempts,
  timing: { reconnectIntervalMs: 1_200, pullIntervalMs: 60_000 },
});

/** From one sending of a join request to the next. */
const againAfterMs = ({ waits }: CheckContext): number =>
  RESPONSE_WAIT_MS + waits.settings.reconnectIntervalMs;

/** The requests to a tester that are part of a join: the others have no nonce. */
const joinRequests = (host: BareHost): ReturnType<typeof requestsTo> =>
  requestsTo(host).filter(({ message }) => message.nonce !== 0n);

export const joinRequestChecks: readonly Check[] = [
  check(
    'MEMB-13',
    'sends the same join request again after 5 s and reconnectInterval, until it is answered',
    { own: 2, long: true, recruit: quietly(2) },
    async (t) => {
      await using mute = await BareHost.open(t, t.tester);
      await using answering = await BareHost.open(t, t.witness);
      t.tester.manners.answersRequests = false;
      await t.recruit.start({ bootstrap: [mute.server.address, answering.server.address] });
      const first = await expectRequest(t, mute, 'a MembershipRequest to a bootstrap peer');
      const { value, message } = await expectRequest(t, answering, 'a MembershipRequest to a bootstrap peer');
      demand(message.nonce !== 0n && first.message.nonce !== 0n, 'a join request with a nonce', 'nonce 0');
      demand(value.selfInformation !== undefined, 'self_information in a join request', 'none');
      const again = await mute.server.expect(
        'the join request again',
        1.5 * againAfterMs(t) + t.waits.answerMs,
        () => joinRequests(mute)[1],
      );
      demand(
        sameBytes(first.envelope.payload, again.envelope.payload),
        'the same bytes again',
        'another request',
      );
      const waitedMs = again.atMs - first.atMs;
      demandInTime(
        waitedMs > 0.9 * againAfterMs(t),
        `${againAfterMs(t)} ms between two join requests`,
        `${Math.round(waitedMs)} ms`,
      );
      demandInTime(
        waitedMs < 1.2 * againAfterMs(t) + 500,
        `${againAfterMs(t)} ms between two join requests`,
        `${Math.round(waitedMs)} ms`,
      );
      const { length } = joinRequests(answering);
      demand(length === 1, 'no join request again once it was answered', `${length}`);
    },
  ),

  check(
    'MEMB-13',
    'gives a join up when it has asked maxConnectionAttempts times',
    { long: true, recruit: quietly(1) },
    async (t) => {
      await using mute = await BareHost.open(t, t.tester);
      t.tester.manners.answersRequests = false;
      await t.recruit.start({ bootstrap: [mute.server.address] });
      await expectRequest(t, mute, 'a MembershipRequest to a bootstrap peer');
      await t.quiet(1.2 * againAfterMs(t) + 500);
      const { length } = joinRequests(mute);
      demand(length === 1, 'no second join request where one is all', `${length}`);
    },
  ),

  check(
    'MEMB-14',
    'takes any response with the nonce of its join request for the answer, whoever sends it',
    { own: 2, long: true, recruit: quietly(3) },
    async (t) => {
      await using mute = await BareHost.open(t, t.tester);
      t.tester.manners.answersRequests = false;
      await t.recruit.start({ bootstrap: [mute.server.address] });
      const { message } = await expectRequest(t, mute, 'a MembershipRequest to a bootstrap peer');
      const stream = await t.witness.connect();
      stream.send(unsigned(membershipResponse(message.nonce, [])));
      await t.marker(stream);
      await t.quiet(1.2 * againAfterMs(t) + 500);
      const { length } = joinRequests(mute);
      demand(length === 1, 'no join request again once a response had its nonce', `${length}`);
    },
  ),
];
