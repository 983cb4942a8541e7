import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { internalEndpointIn, sameTime } from '../steps/alive';
import { sameBytes } from '../steps/bytes';
import { entriesAbout, entriesOf, Observer } from '../steps/membership';
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
import { BEFORE_FABRIC_NANOS } from '../steps/times';

const NANOS_PER_MS = 1_000_000n;
const DAY_NANOS = 86_400_000n * NANOS_PER_MS;
/** Alive messages a second that a peer may build: heartbeats, requests and what it builds and does not send. */
const MAX_PER_SECOND = 1_000;
/** Numbers of alive messages that do not all differ by multiples of two or more unless somebody makes it so. */
const MIN_NUMBERS = 10;
const MANY_NUMBERS = 30;
/** For so many aliveTimeIntervals its heartbeats are counted, with four looks or more in each. */
const INTERVALS = 5;

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

/** The alive messages that the peer has built and sent to this member: heartbeats, and those of its requests. */
const builtFor = (t: CheckContext, { received }: TesterStream): readonly Envelope[] =>
  received.flatMap((one) => {
    if (one.kind === 'memReq') return [selfInformationOf(one)];
    return one.kind === 'aliveMsg' && isHeartbeat(t.put)(one) ? [one.envelope] : [];
  });

/** The largest number by which all of these differ; 0 for less than two of them. */
function commonStep(numbers: Iterable<bigint>): bigint {
  const [first = 0n, ...others] = numbers;
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
  return others.reduce((step, one) => gcd(step, one > first ? one - first : first - one), 0n);
}

/** How often the last entry of the peer's responses, its latest heartbeat, changed within `periodMs`. */
async function watchRenewals(
  t: CheckContext,
  stream: TesterStream,
  periodMs: number,
): Promise<{ renewals: number; looks: number }> {
  const look = async (): Promise<Uint8Array> => ownEntryOf(await t.tester.askMembership(stream)).payload;
  const until = t.clock.now() + periodMs;
  let renewals = 0;
  let looks = 0;
  for (let last = await look(); t.clock.now() < until; looks++) {
    await t.quiet(t.waits.settings.aliveTimeIntervalMs / 20);
    const now = await look();
    if (!sameBytes(last, now)) renewals++;
    last = now;
  }
  return { renewals, looks };
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
    'ALIVE-02',
    'keeps its inc_num, a time in nanoseconds, and gives every alive message a seq_num of its own',
    { lane: 'view' },
    async (t) => {
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const begunMs = t.clock.now();
      const built = await t.control('the peer talks to its members', async () => {
        const heartbeats = async (): Promise<readonly Envelope[]> => [
          (await nextHeartbeat(t, stream)).envelope,
          (await nextHeartbeat(t, stream)).envelope,
        ];
        const requests = async (): Promise<readonly Envelope[]> => [
          selfInformationOf(await nextRequest(t, stream)),
          selfInformationOf(await nextRequest(t, stream)),
        ];
        return (await Promise.all([heartbeats(), requests()])).flat();
      });
      const shown = ownEntryOf(await t.tester.askMembership(stream));
      const times = [...built, shown].map((envelope) => timeIn(envelope, 'an alive message of the peer'));

      const incNums = new Set(times.map(({ incNum }) => incNum));
      const [incNum = 0n] = incNums;
      demand(incNums.size === 1, 'one inc_num', () => [...incNums].join(', '));
      demand(
        incNum > BEFORE_FABRIC_NANOS && incNum < t.clock.wallNanos() + DAY_NANOS,
        'the time of the peer’s start in nanoseconds since 1970 as its inc_num',
        incNum.toString(),
      );

      const own = times.slice(0, built.length).map(({ seqNum }) => seqNum);
      demand(
        new Set(own).size === own.length,
        'a seq_num of its own for each heartbeat and each request',
        () => own.join(', '),
      );
      const allowed = BigInt(Math.ceil(MAX_PER_SECOND * (1 + (t.clock.now() - begunMs) / 1_000)));
      const highest = own.reduce((a, b) => (a > b ? a : b));
      const lowest = own.reduce((a, b) => (a < b ? a : b));
      // One may overtake another (LIFE-15), but in the long run they grow.
      const later: bigint[] = [];
      while (later.length < 4 && !later.some((seqNum) => seqNum > highest)) {
        const { envelope } = await t.control('heartbeats go on', () => nextHeartbeat(t, stream));
        later.push(timeIn(envelope, 'a later heartbeat').seqNum);
      }
      demandInTime(
        later.some((seqNum) => seqNum > highest),
        `a later heartbeat with a seq_num above ${highest}`,
        () => later.join(', '),
      );
      demand(highest - lowest < allowed, 'a seq_num that counts alive messages, one by one', () =>
        own.join(', '),
      );
      // It started at 1 and has not been counting for longer than the peer has run.
      const ageMs = (t.clock.wallNanos() + DAY_NANOS - incNum) / NANOS_PER_MS;
      demand(highest < ageMs, 'a seq_num that started at 1', highest.toString());
    },
  ),

  check(
    'ALIVE-02',
    'counts its alive messages one by one, whoever is sent them',
    { lane: 'view', floor: { of: 'alive messages of its own', atLeast: 2 } },
    async (t) => {
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const { aliveTimeIntervalMs, pullIntervalMs } = t.waits.settings;
      const deadline = t.clock.now() + t.waits.chosenMs(Math.max(aliveTimeIntervalMs, pullIntervalMs));
      const seen = new Set<bigint>();
      // Built one after the other, though not all for this tester: some pair of those that it sees differs by one.
      while (t.clock.now() < deadline) {
        const shown = ownEntryOf(await t.control('membership is told', () => t.tester.askMembership(stream)));
        const built = builtFor(t, stream);
        for (const envelope of [shown, ...built]) {
          seen.add(timeIn(envelope, 'an alive message of the peer').seqNum);
        }
        if (commonStep(seen) === 1n) {
          t.saw(seen.size);
          return;
        }
        if (seen.size >= MANY_NUMBERS && built.length >= MIN_NUMBERS) break;
        await t.quiet(aliveTimeIntervalMs / 5);
      }
      if (seen.size < MIN_NUMBERS) throw new Inconclusive(`only ${seen.size} alive messages were seen`);
      demand(
        false,
        'a seq_num that grows by one for every alive message',
        `all of ${seen.size} differ by multiples of ${commonStep(seen)}`,
      );
    },
  ),

  check(
    'ALIVE-03',
    'renews its heartbeat every aliveTimeInterval',
    { lane: 'view', floor: { of: 'looks at its latest heartbeat', atLeast: 4 * INTERVALS } },
    async (t) => {
      // A push reaches a few members of the peer's choosing; but its latest heartbeat ends every response (MEMB-06).
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const periodMs = INTERVALS * t.waits.settings.aliveTimeIntervalMs;
      const counted: number[] = [];
      // A loaded machine may spoil one look; a peer that keeps another pace spoils all.
      for (let window = 0; window < 3; window++) {
        const { renewals, looks } = await t.control('membership is told', () =>
          watchRenewals(t, stream, periodMs),
        );
        if (looks < 4 * INTERVALS) continue;
        t.saw(looks);
        if (renewals >= INTERVALS - 1 && renewals <= INTERVALS + 1) return;
        if (renewals > 0.8 * looks) {
          throw new Inconclusive(
            'the responses do not end with the latest heartbeat: its pace does not show',
          );
        }
        counted.push(renewals);
      }
      t.demandEnough('the peer answers too slowly to see how often it renews');
      demandInTime(
        false,
        `${INTERVALS} heartbeats, one more or less, in ${Math.round(periodMs)} ms`,
        counted.join(', then '),
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

  check('ALIVE-04', 'includes its identity while it is young', { lane: 'view' }, async (t) => {
    const envelopes = await ownAlives(t);
    const publishNanos = BigInt(Math.round(t.waits.settings.publishCertPeriodMs)) * NANOS_PER_MS;
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
