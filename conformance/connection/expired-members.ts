import { wallMs } from '../../src/ports/clock';
import { StatusCode } from '../../src/ports/transport';
import { check, type Check } from '../harness/check';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { Observer } from '../steps/membership';
import { membershipResponse, unsigned } from '../steps/messages';

/** Longer than an identity is needed for before it expires. */
const LIFE_SECONDS = 4;
/** In which a peer may still do what it has begun, and in which it has tried the dead and the living more than once. */
const GRACE_MS = 700;
const WATCH_MS = 1_000;

/** Members whose identities have expired. */
export const expiredMemberChecks: readonly Check[] = [
  check(
    'ID-08',
    'turns to a member no more whose identity has expired, alive or dead',
    {
      recruit: { timing: { aliveTimeIntervalMs: 200, reconnectIntervalMs: 300 } },
      long: true,
      needs: ['fresh', 'dial-back'],
    },
    async (t) => {
      await t.recruit.start({});
      const observer = await Observer.join(t, t.tester);
      const begun = { validFromSeconds: -60, validForSeconds: LIFE_SECONDS };
      const [alive, dead] = await Promise.all([t.issue(begun), t.issue(begun)]);
      const [reached, called] = await Promise.all([alive.listen(), dead.listen({ ping: 'error' })]);
      observer.stream.send(unsigned(membershipResponse(t.random.uint64(), [], [dead.alive()])));
      const { stream } = await t.control('a member whose identity is about to expire joins', () =>
        alive.join(),
      );
      await t.control('the peer tries the dead', () =>
        called.expectPing('a Ping to one whom others say is dead', LIFE_SECONDS * 1_000, 2),
      );
      const expiresMs = Math.max(alive.identity.notAfterMs, dead.identity.notAfterMs);
      await t.control('its connection is closed when the identity expires', () =>
        stream.expectEnd('the end of the stream', expiresMs - wallMs(t.clock) + t.waits.answerMs),
      );
      await t.quiet(Math.max(0, expiresMs - wallMs(t.clock)) + GRACE_MS);
      if (!observer.stream.isOpen) throw new Inconclusive('the peer took the tester for dead as well');
      const fromMs = t.clock.now();
      await t.quiet(WATCH_MS);
      for (const [who, server] of [
        ['a member', reached],
        ['a dead member', called],
      ] as const) {
        const late = server.connections.filter(({ atMs }) => atMs > fromMs).length;
        demandInTime(late === 0, `no connection to ${who} whose identity has expired`, `${late}`);
      }
      await t.marker(observer.stream);
    },
  ),

  check(
    'ID-08',
    'closes the connection of one of another organisation, too, whose identity expires',
    { foreign: 1, long: true, needs: ['foreign-fresh'] },
    async (t) => {
      const guest = await t.issueStranger({ validFromSeconds: -60, validForSeconds: LIFE_SECONDS });
      const stream = await t.control('one whose identity is about to expire connects', async () => {
        const opened = await guest.connect();
        await t.marker(opened);
        return opened;
      });
      const leftMs = guest.identity.notAfterMs - wallMs(t.clock);
      const ending = await stream.expectEnd(
        'the end of the stream when the identity expires',
        leftMs + t.waits.answerMs,
      );
      demand(ending.code === StatusCode.OK, 'status OK', `status ${ending.code}`);
    },
  ),
];
