import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { RecruitSettings } from '../harness/recruit';
import { demand } from '../harness/verdict';
import { BareHost, portOf } from '../steps/bare-host';
import {
  approachesTo,
  callsWithinMs,
  expectProbes,
  expectRequest,
  probesOf,
  requestsTo,
} from '../steps/callers';

/** Anchor peers that cannot be joined are tried again soon. */
const HASTY: RecruitSettings = { timing: { reconnectIntervalMs: 300 } };

/** Waits for one MembershipRequest more than there were; a Violation if none comes. */
const expectAnother = (t: CheckContext, host: BareHost, before: number, what: string): Promise<true> =>
  host.server.expect(what, callsWithinMs(t), () => (requestsTo(host).length > before ? true : undefined));

export const anchorChecks: readonly Check[] = [
  check(
    'BOOT-05',
    'connects to the anchor peers of all organisations of a channel when it joins it, and when it starts again',
    { own: 2, foreign: 1, recruit: HASTY },
    async (t) => {
      await using own = await BareHost.open(t, t.tester);
      await using foreign = await BareHost.open(t, t.stranger);
      await using skipped = await BareHost.open(t, t.witness);
      await t.recruit.start({
        anchors: {
          own: [`:${portOf(skipped.server.address)}`, '127.0.0.1:0', own.server.address],
          foreign: [`:${portOf(skipped.server.address)}`, foreign.server.address],
        },
      });
      await expectRequest(t, own, 'a MembershipRequest to an anchor peer of its organisation');
      await expectRequest(t, foreign, 'a MembershipRequest to an anchor peer of another organisation');
      const before = [own, foreign].map((host) => requestsTo(host).length);
      await t.recruit.restart();
      await expectAnother(t, own, before[0] ?? 0, 'an own anchor peer asked again after a new start');
      await expectAnother(t, foreign, before[1] ?? 0, 'a foreign anchor peer asked again after a new start');
      const { length } = skipped.server.visits;
      demand(length === 0, 'no call of an anchor peer without a host', `${length} connections`);
    },
  ),

  check(
    'BOOT-06',
    'leaves foreign anchor peers alone while it has no external endpoint',
    { own: 1, foreign: 1, recruit: HASTY },
    async (t) => {
      await using own = await BareHost.open(t, t.tester);
      await using foreign = await BareHost.open(t, t.stranger);
      await t.recruit.start({
        externalEndpoint: '',
        anchors: { own: [own.server.address], foreign: [foreign.server.address] },
      });
      await t.control('an anchor peer of its own organisation is joined', () =>
        expectRequest(t, own, 'a MembershipRequest to an anchor peer of its organisation'),
      );
      await t.quiet(3 * t.waits.settings.reconnectIntervalMs);
      const { length } = foreign.server.visits;
      demand(length === 0, 'no call of a foreign anchor peer', `${length} connections`);
    },
  ),

  check(
    'BOOT-07',
    'joins any peer that is behind a foreign anchor entry, and behind one of its own organisation no foreign one',
    { own: 2, foreign: 1, recruit: HASTY },
    async (t) => {
      await using own = await BareHost.open(t, t.tester);
      await using behindForeign = await BareHost.open(t, t.witness);
      await using behindOwn = await BareHost.open(t, t.stranger);
      await t.recruit.start({
        anchors: {
          own: [behindOwn.server.address, own.server.address],
          foreign: [behindForeign.server.address],
        },
      });
      await t.control('an anchor peer of its own organisation is joined', () =>
        expectRequest(t, own, 'a MembershipRequest to an anchor peer of its organisation'),
      );
      await expectRequest(t, behindForeign, 'a MembershipRequest to an own peer behind a foreign entry');
      await expectProbes(t, behindOwn, 2, 'probes of a foreign peer behind an own entry');
      await t.quiet();
      const isJoined =
        requestsTo(behindOwn).length > 0 || approachesTo(behindOwn).some(({ conn }) => !conn.probe);
      demand(!isJoined, 'nothing but probes of a foreign peer behind an own entry', 'a connection to stay');
    },
  ),

  check(
    'BOOT-08',
    'tells its internal endpoint to own peers that it joins, and not to foreign ones',
    { own: 2, foreign: 1, recruit: HASTY },
    async (t) => {
      await using bootstrap = await BareHost.open(t, t.tester);
      await using own = await BareHost.open(t, t.witness);
      await using foreign = await BareHost.open(t, t.stranger);
      await t.recruit.start({
        bootstrap: [bootstrap.server.address],
        anchors: { own: [own.server.address], foreign: [foreign.server.address] },
      });
      for (const [who, host] of [
        ['a bootstrap peer', bootstrap],
        ['an anchor peer of its organisation', own],
      ] as const) {
        const { value } = await expectRequest(t, host, `a MembershipRequest to ${who}`);
        const secret = value.selfInformation?.secretEnvelope;
        demand(secret !== undefined, `a secret envelope for ${who}`, 'none');
      }
      await expectRequest(t, foreign, 'a MembershipRequest to a foreign anchor peer');
      const told = requestsTo(foreign).filter(
        ({ value }) => value.selfInformation?.secretEnvelope !== undefined,
      );
      demand(told.length === 0, 'no secret envelope for a foreign peer', 'one');
    },
  ),

  check('BOOT-10', 'joins a peer as often as it is listed', { recruit: HASTY }, async (t) => {
    await using host = await BareHost.open(t, t.tester);
    const { address } = host.server;
    await t.recruit.start({ bootstrap: [address], anchors: { own: [address], foreign: [] } });
    await host.server.expect('a deep probe for each list that a peer is on', callsWithinMs(t), () =>
      probesOf(host).length > 1 ? true : undefined,
    );
  }),
];
