import { channelMac } from '../../src/identity';
import { median } from '../../src/statistics';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { relayed } from '../harness/floor';
import type { RecruitSettings } from '../harness/recruit';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { sameBytes } from '../steps/bytes';
import { entriesAbout, entriesOf, markerBehind, Observer } from '../steps/membership';
import { hellosOn } from '../steps/pull';
import { isPushOf, neverRelayedTo, PUSHES, relayedTo } from '../steps/relay';

/** Members that a peer turns to at a time, of five that there are. */
const FEW = 3;
/**
 * Emissions after which a member of five that three are chosen of was passed over each time with a chance below one
 * in a million.
 */
const EMISSIONS = 17;
/** Longer than messages wait for one another. */
const GAP_MS = 25;
/** Fewer relayed messages tell nothing. */
const FEW_RELAYED = 5;

/** How often this alive message came to a member. */
const timesSeen = (stream: TesterStream, sent: Envelope): number =>
  stream.received.filter((one) => one.kind === 'aliveMsg' && isPushOf(one, sent)).length;

/** Pushes fresh alive messages of a tester, one by one, and waits until the peer has passed them on. */
async function pushAll(
  t: CheckContext,
  author: Tester,
  on: TesterStream,
  count: number,
): Promise<readonly Envelope[]> {
  const pushed: Envelope[] = [];
  for (let i = 0; i < count; i++) {
    const alive = author.alive();
    on.send(alive);
    pushed.push(alive);
    await t.quiet(GAP_MS);
  }
  await markerBehind(t, on);
  await t.quiet(t.waits.relayMs);
  return pushed;
}

/** All testers as members, each with its stream. */
async function allJoin(t: CheckContext): Promise<readonly TesterStream[]> {
  const all = [...t.own, ...t.foreign];
  const observers = await Promise.all(all.map((tester) => Observer.join(t, tester)));
  const [first] = observers;
  await t.control('the peer knows all its members', () =>
    t.eventually('a full view', t.waits.answerMs, async () => {
      const entries = (await first?.entries()) ?? [];
      return t.own.every(({ pkiId }) => entriesAbout(entries, pkiId)[0]?.list === 'alive');
    }),
  );
  return observers.map(({ stream }) => stream);
}

/** Cuts times into bursts: those closer than `gapMs` to the one before belong together. */
function bursts(times: readonly number[], gapMs: number): readonly (readonly number[])[] {
  const all: number[][] = [];
  for (const time of [...times].sort((a, b) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && time - (last.at(-1) ?? 0) < gapMs) last.push(time);
    else all.push([time]);
  }
  return all;
}

const requestTimes = (stream: TesterStream): readonly number[] =>
  stream.received.flatMap((one) => (one.kind === 'memReq' ? [one.atMs] : []));

const demandNoNonce = (streams: readonly TesterStream[]): void => {
  for (const stream of streams) {
    stream.expectNone('memReq', 'nonce 0 in a periodic request', ({ message }) => message.nonce !== 0n);
  }
};

/** Time between its turns. */
const TURNS_MS = 300;

/** A peer that turns to a few members, so often that it does not take long to see whom. */
const TURNS: RecruitSettings = {
  pullPeerNum: FEW,
  timing: {
    pullIntervalMs: TURNS_MS,
    digestWaitTimeMs: 50,
    requestWaitTimeMs: 100,
    responseWaitTimeMs: 100,
  },
};

/** A Violation unless the peer turns to a few of these members at each pullInterval, or as often. `timesOn`: when it did so to one. */
async function turnsToAFew(
  t: CheckContext,
  streams: readonly TesterStream[],
  timesOn: (stream: TesterStream) => readonly number[],
): Promise<void> {
  const { pullIntervalMs } = t.waits.settings;
  const sinceMs = t.clock.now();
  await t.quiet((EMISSIONS + 3) * pullIntervalMs);
  const times = streams.map((stream) => timesOn(stream).filter((atMs) => atMs > sinceMs));
  const rounds = bursts(times.flat(), pullIntervalMs / 2);
  t.saw(rounds.length);
  const sizes = rounds.map(({ length }) => length);
  demandInTime(rounds.length >= EMISSIONS, `a round at each ${pullIntervalMs} ms`, `${rounds.length} rounds`);
  const whole = sizes.slice(1, -1);
  demand(
    whole.some((size) => size >= FEW) && whole.some((size) => size <= FEW),
    `${FEW} members of ${streams.length} in a round`,
    sizes.join(', '),
  );
  // A late machine makes one of two rounds, or two of one.
  const exact = sizes.filter((size) => size === FEW).length;
  demandInTime(
    exact >= 0.75 * sizes.length,
    `${FEW} members of ${streams.length} in each round`,
    sizes.join(', '),
  );
  const everyMs = median(rounds.slice(1).map(([atMs = 0], i) => atMs - (rounds[i]?.[0] ?? 0)));
  demandInTime(
    everyMs > 0.8 * pullIntervalMs && everyMs < 1.3 * pullIntervalMs,
    `a round at each pullInterval, ${pullIntervalMs} ms`,
    `at each ${Math.round(everyMs)} ms`,
  );
  const passedOver = times.filter(({ length }) => length === 0);
  demandInTime(passedOver.length === 0, 'members chosen by chance', `${passedOver.length} never chosen`);
}

/** To how many a peer turns at a time, and how often. */
export const fanOutChecks: readonly Check[] = [
  check(
    'EMIT-02',
    'passes a message on once',
    { lane: 'view', own: 2, floor: relayed(FEW_RELAYED) },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const pushed = await pushAll(t, t.tester, stream, PUSHES / 2);
      const times = pushed.map((sent) => timesSeen(observer.stream, sent));
      const most = Math.max(...times);
      demand(most <= 1, 'a message once', `${most} times`);
      t.saw(times.filter((count) => count > 0).length);
    },
  ),

  check(
    'EMIT-03',
    'passes a message on to propagatePeerNum members, others each time',
    { own: 6, recruit: { propagatePeerNum: FEW }, floor: relayed(EMISSIONS) },
    async (t) => {
      await t.recruit.start({});
      const [on, ...others] = await allJoin(t);
      if (on === undefined) throw new Error('the check asks for testers');
      const pushed = await pushAll(t, t.tester, on, EMISSIONS + 3);
      const counts = pushed.map((sent) => others.filter((stream) => timesSeen(stream, sent) > 0).length);
      t.saw(counts.filter((count) => count > 0).length);
      demand(Math.max(...counts) <= FEW, `at most ${FEW} members for a message`, counts.join(', '));
      demandInTime(
        counts.every((count) => count === FEW),
        `${FEW} members of ${others.length} for each message`,
        counts.join(', '),
      );
      const passedOver = others.filter((stream) => !pushed.some((sent) => timesSeen(stream, sent) > 0));
      demandInTime(passedOver.length === 0, 'members chosen by chance', `${passedOver.length} never chosen`);
    },
  ),

  check(
    'MEMB-12',
    'asks pullPeerNum members of any organisation at each pullInterval, others each time',
    {
      own: 4,
      foreign: 1,
      long: true,
      floor: { of: 'rounds of requests', atLeast: EMISSIONS },
      recruit: TURNS,
    },
    async (t) => {
      // A peer that is on no channel knows no other organisation.
      await t.recruit.start({ anchors: { own: [], foreign: [] } });
      const streams = await allJoin(t);
      await turnsToAFew(t, streams, requestTimes);
      demandNoNonce(streams);
    },
  ),

  check(
    'PULL-09',
    'says Hello to pullPeerNum members in a round, others each time',
    { own: 5, long: true, floor: { of: 'rounds of Hellos', atLeast: EMISSIONS }, recruit: TURNS },
    async (t) => {
      await t.recruit.start({});
      await turnsToAFew(t, await allJoin(t), (stream) => hellosOn(stream).map(({ atMs }) => atMs));
    },
  ),

  check(
    'SINF-08',
    'asks pullPeerNum members for StateInfo at each requestStateInfoInterval, others each time',
    {
      own: 5,
      long: true,
      needs: ['own-channel'],
      floor: { of: 'rounds of requests', atLeast: EMISSIONS },
      recruit: { ...TURNS, timing: { ...TURNS.timing, requestStateInfoIntervalMs: TURNS_MS } },
    },
    async (t) => {
      await t.recruit.start({});
      const streams = await allJoin(t);
      const mac = channelMac(t.put.pkiId, (await t.newChannel()).name);
      await turnsToAFew(t, streams, ({ received }) =>
        received.flatMap((one) =>
          one.kind === 'stateInfoPullReq' && sameBytes(one.value.channelMac, mac) ? [one.atMs] : [],
        ),
      );
    },
  ),

  check(
    'MEMB-12',
    'asks a member again and again, without a nonce, and not more often than at each pullInterval',
    { lane: 'view', long: true, floor: { of: 'periodic requests', atLeast: 3 } },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const { pullIntervalMs, dialTimeoutMs } = t.waits.settings;
      // What was sent to it when it was a member before, and waits for a dial to fail, comes on the new stream.
      await t.quiet(dialTimeoutMs + t.waits.relayMs);
      const sinceMs = t.clock.now();
      const later = (): readonly number[] => requestTimes(stream).filter((atMs) => atMs > sinceMs);
      await t.eventually('three periodic requests', 1.5 * t.waits.chosenMs(pullIntervalMs), () => {
        return later().length >= 3;
      });
      demandNoNonce([stream]);
      const times = later();
      t.saw(times.length);
      const least = Math.min(...times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0)));
      demandInTime(
        least > pullIntervalMs / 2,
        `pullInterval, ${pullIntervalMs} ms, or more between two requests`,
        `${Math.round(least)} ms`,
      );
    },
  ),

  check(
    'ALIVE-11',
    'tells a member of no stranger any more when that has withdrawn its external endpoint',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const { stream: foreign } = await Observer.join(t, t.stranger);
      const push = (): Envelope => {
        const alive = t.stranger.alive();
        foreign.send(alive);
        return alive;
      };
      await t.control('a member with an endpoint is told of strangers', () => relayedTo(t, stream, push));
      t.tester.externalEndpoint = '';
      const { value } = await t.control('a request without one is answered', () =>
        t.tester.askMembership(stream),
      );
      const [own] = entriesAbout(entriesOf(value), t.tester.pkiId);
      if (own?.alive.membership?.endpoint !== '') throw new Inconclusive('the endpoint is still told');
      await neverRelayedTo(t, stream, foreign, 'a stranger’s alive message', push);
    },
  ),
];
