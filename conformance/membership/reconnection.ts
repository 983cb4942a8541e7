import { StatusCode } from '../../src/ports/transport';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { demand, demandInTime } from '../harness/verdict';
import { BareHost, PING } from '../steps/bare-host';
import { sameBytes } from '../steps/bytes';
import { dialledAndSilent, diesThough } from '../steps/death';
import { expectStreamOfPeer } from '../steps/dial-back';
import { Observer } from '../steps/membership';
import { persist } from '../steps/pull';

/** How long a peer may take to try the dead again. */
const retriesWithinMs = ({ waits }: CheckContext): number =>
  waits.tickMs(waits.settings.reconnectIntervalMs) + waits.settings.dialTimeoutMs;

/** How a peer looks for those whom it took for dead. */
export const reconnectionChecks: readonly Check[] = [
  check(
    'DEAD-05',
    'asks a dead member that can be reached again, with nonce 0',
    { lane: 'view', own: 2, needs: ['dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { server, stream } = await dialledAndSilent(t);
      stream.end({ code: StatusCode.OK, details: '' });
      await t.control('a member dies whose stream ended', () =>
        diesThough(t, observer, t.tester, 'a member'),
      );
      const again = await expectStreamOfPeer(
        t,
        server,
        'another stream to a dead member',
        retriesWithinMs(t),
      );
      const { message } = await again.expect('memReq', { what: 'a MembershipRequest to a dead member' });
      demand(message.nonce === 0n, 'nonce 0', message.nonce.toString());
    },
  ),

  check(
    'DEAD-05',
    'calls Ping on a connection of its own before it turns to a dead member again',
    { lane: 'view', own: 2, needs: ['tls', 'dial-back'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      t.tester.manners.answersRequests = false;
      t.tester.manners.beatsItsHeart = false;
      await using host = await BareHost.open(t, t.tester);
      // Two messages on their way when the stream ends: the second is a dial of its own, which is no attempt at the dead.
      await persist(async () => {
        await host.provoke();
        const before = host.visits().length;
        const visit = await t.control('the peer dials a member whose stream is gone', () =>
          host.server.expect(
            'a GossipStream opened by the peer',
            host.dialWithinMs(),
            () => host.visits()[before],
          ),
        );
        const certificate = visit.tls?.clientCertificate;
        const seen = host.server.visits.length;
        for (const stream of host.streams)
          if (stream.isOpen) stream.end({ code: StatusCode.OK, details: '' });
        await t.control('a member dies whose stream ended', () =>
          diesThough(t, observer, t.tester, 'a member'),
        );
        const streams = host.visits().length;
        await t.control('the peer asks a dead member that can be reached', () =>
          t.eventually('another GossipStream', retriesWithinMs(t), () => host.visits().length > streams),
        );
        const later = host.server.visits
          .slice(seen)
          .filter(({ tls }) => sameBytes(tls?.clientCertificate, certificate));
        demandInTime(
          later.some(({ calls }) => calls.length > 0 && calls.every(({ path }) => path === PING)),
          'a connection with a Ping and nothing else, then one with a GossipStream',
          () => later.map(({ calls }) => calls.map(({ path }) => path).join(' and ')).join('; then '),
        );
      }, 3);
    },
  ),
];
