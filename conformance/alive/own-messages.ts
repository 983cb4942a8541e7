import { NANOS_PER_MILLI, type Millis } from '../../src/ports/clock';
import { median } from '../../src/statistics';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { aliveIn, internalEndpointIn, sameTime } from '../steps/alive';
import { sameBytes } from '../steps/bytes';
import { entriesAbout, entriesOf, Observer } from '../steps/membership';
import { gapsOf } from '../steps/pace';
import { relayedTo } from '../steps/relay';
import {
  demandOwnAlive,
  isHeartbeat,
  nextHeartbeat,
  nextRequest,
  ownEntryOf,
  selfInformationOf,
  timeIn,
} from '../steps/own-alive';

/** Heartbeats are counted over this many aliveTimeIntervals, with at least four looks in each. */
const INTERVALS = 5;
/** So often at most, where a loaded machine has spoilt what was seen. */
const WINDOWS = 5;

/** The peer's own alive messages, one of each place in which they travel. */
async function ownAlives(t: CheckContext): Promise<ReadonlyMap<string, Envelope>> {
  const { stream, response } = await t.control('a tester joins', () => t.tester.join());
  const [heartbeat, request] = await t.control('the peer talks to its members', () =>
    Promise.all([nextHeartbeat(t, stream), nextRequest(t, stream)]),
  );
  return new Map([
    ['a heartbeat', heartbeat.envelope],
    ['the self_information of a request', selfInformationOf(request)],
    ['the last entry of a response', ownEntryOf(response)],
  ]);
}

/** When the last entry of the peer's responses, its latest heartbeat, changed within `periodMs`. */
async function watchRenewals(
  t: CheckContext,
  stream: TesterStream,
  periodMs: Millis,
): Promise<{ renewedAtMs: readonly Millis[]; looks: number }> {
  const look = async (): Promise<Uint8Array> => ownEntryOf(await t.tester.askMembership(stream)).payload;
  const until = t.clock.now() + periodMs;
  const renewedAtMs: Millis[] = [];
  let last = await look();
  let looks = 0;
  for (; t.clock.now() < until; looks++) {
    await t.quiet(t.waits.settings.aliveTimeIntervalMs / 20);
    const now = await look();
    if (!sameBytes(last, now)) renewedAtMs.push(t.clock.now());
    last = now;
  }
  return { renewedAtMs, looks };
}

export const ownMessageChecks: readonly Check[] = [
  check(
    'ALIVE-01',
    'builds its alive messages in full, wherever they travel',
    { lane: 'view' },
    async (t) => {
      for (const [what, envelope] of await ownAlives(t)) demandOwnAlive(t.put, envelope, what);
    },
  ),

  check(
    'ALIVE-01',
    'tells no endpoint outside the secret where it has no external one',
    { recruit: {} },
    async (t) => {
      await t.recruit.start({ externalEndpoint: '' });
      const { response } = await t.control('a tester joins', () => t.tester.join());
      const own = ownEntryOf(response);
      const { membership } = aliveIn(own, 'the last entry of a response');
      demand(membership?.endpoint === '', 'an empty endpoint', () => `“${membership?.endpoint ?? ''}”`);
      const internal = internalEndpointIn(own, 'the last entry of a response');
      demand(internal !== '', 'an endpoint in the secret', 'an empty one');
    },
  ),

  check(
    'ALIVE-03',
    'renews its heartbeat every aliveTimeInterval',
    { lane: 'view', floor: { of: 'looks at its latest heartbeat', atLeast: 4 * INTERVALS } },
    async (t) => {
      // A push reaches a few members of the peer's choosing; but its latest heartbeat ends every response (MEMB-06).
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const { aliveTimeIntervalMs } = t.waits.settings;
      const periodMs = INTERVALS * aliveTimeIntervalMs;
      const paces: Millis[] = [];
      // A loaded machine may spoil one look; a peer that keeps another pace spoils all.
      for (let windows = WINDOWS; windows > 0; windows--) {
        const { renewedAtMs, looks } = await t.control('membership is told', () =>
          watchRenewals(t, stream, periodMs),
        );
        if (looks < 4 * INTERVALS) continue;
        t.saw(looks);
        if (renewedAtMs.length > 0.8 * looks) {
          throw new Inconclusive(
            'the responses do not end with the latest heartbeat: its pace does not show',
          );
        }
        const paceMs = renewedAtMs.length > 1 ? median(gapsOf(renewedAtMs)) : Infinity;
        if (paceMs >= 0.8 * aliveTimeIntervalMs && paceMs <= 1.4 * aliveTimeIntervalMs) return;
        paces.push(paceMs);
      }
      t.demandEnough('the peer answers too slowly to see how often it renews');
      demandInTime(
        false,
        `a heartbeat every ${aliveTimeIntervalMs} ms`,
        `one every ${paces.map(Math.round).join(' ms, then every ')} ms`,
      );
    },
  ),

  check(
    'ALIVE-03',
    'pushes heartbeats to members, and to nobody who is connected only',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.tester);
      await t.control('an earlier membership of the second tester is over', () =>
        t.eventually(
          'the second tester is not listed as alive',
          2 * t.waits.settings.aliveExpirationTimeoutMs + 1_000,
          async () =>
            entriesAbout(await observer.entries(), t.witness.pkiId).every(({ list }) => list === 'dead'),
        ),
      );
      // What was sent to it before may come now: an answer would make it a member.
      t.witness.manners.answersRequests = false;
      const mute = await t.control('a second tester connects', async () => {
        const stream = await t.witness.connect();
        await t.marker(stream);
        return stream;
      });
      // A heartbeat of the time before, which waits for a dial to fail, comes on the new stream.
      await t.quiet(t.waits.settings.dialTimeoutMs + t.waits.relayMs);
      const since = t.clock.now();
      await nextHeartbeat(t, observer.stream);
      await t.quiet(4 * t.waits.settings.aliveTimeIntervalMs);
      const isLater = (one: Received<'aliveMsg'>): boolean => one.atMs > since && isHeartbeat(t.put)(one);
      // A heartbeat of the time before may still come where the whole machine stands still.
      demandInTime(
        !mute.has('aliveMsg', isLater),
        'no heartbeat to a connected peer that never said it is alive',
        'one',
      );
      await t.marker(mute);
      await nextHeartbeat(t, observer.stream);
    },
  ),

  check(
    'ALIVE-03',
    'pushes heartbeats to members of other organisations too',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const { stream } = await t.control('a foreign tester joins', () => t.stranger.join());
      await nextHeartbeat(t, stream);
    },
  ),

  check('ALIVE-04', 'includes its identity while it is young', { lane: 'view' }, async (t) => {
    const envelopes = await ownAlives(t);
    const publishNanos = BigInt(Math.round(t.waits.settings.publishCertPeriodMs)) * NANOS_PER_MILLI;
    for (const [what, envelope] of envelopes) {
      const alive = demandOwnAlive(t.put, envelope, what);
      // Seen from its own start; the last tenth is left to clocks that differ.
      const youngUntil = timeIn(envelope, what).incNum + (publishNanos * 9n) / 10n;
      if (t.clock.wallNanos() > youngUntil) continue;
      demand(alive.identity.length > 0, `${what} with the identity, in publishCertPeriod`, 'none');
    }
  }),

  check(
    'ALIVE-07',
    'tells its own organisation its internal endpoint, in the secret',
    { lane: 'view' },
    async (t) => {
      const told = [...(await ownAlives(t))].map(([what, envelope]) => internalEndpointIn(envelope, what));
      demand(new Set(told).size === 1 && told[0] !== '', 'one internal endpoint throughout', () =>
        told.join(', '),
      );
    },
  ),

  check(
    'ALIVE-07',
    'tells other organisations no internal endpoint, neither its own nor others’',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const secrets: string[] = [];
      const look = (what: string, envelopes: readonly Envelope[]): void => {
        if (envelopes.some(({ secretEnvelope }) => secretEnvelope !== undefined)) secrets.push(what);
      };
      const { stream, response } = await t.control('a foreign tester joins', () => t.stranger.join());
      const { stream: mine } = await t.control('an own tester joins', () => t.tester.join());
      const [, request] = await t.control('the peer talks to its foreign member', () =>
        Promise.all([nextHeartbeat(t, stream), nextRequest(t, stream)]),
      );
      const { received } = await t.control('alive messages of own members reach the foreign one', () =>
        relayedTo(t, stream, () => {
          const alive = t.tester.alive();
          mine.send(alive);
          return alive;
        }),
      );
      const later = await t.control('the foreign tester asks', () => t.stranger.askMembership(stream));
      for (const one of stream.received.filter(({ kind }) => kind === 'aliveMsg')) {
        look(
          sameTime(one.kind === 'aliveMsg' ? one.value.timestamp : undefined, received.value.timestamp)
            ? 'a relayed alive message'
            : 'a pushed alive message',
          [one.envelope],
        );
      }
      look('the self_information of a request', [selfInformationOf(request)]);
      for (const { value } of [response, later]) {
        look(
          'a response',
          entriesOf(value).map(({ envelope }) => envelope),
        );
      }
      demand(
        secrets.length === 0,
        'no secret envelope to another organisation',
        () => `one in ${[...new Set(secrets)].join(', ')}`,
      );
    },
  ),
];
