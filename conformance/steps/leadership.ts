/** Proposals and declarations of those who would lead, on a channel where the peer is the only one besides testers. */
import {
  gossipMessage,
  Tag,
  type Envelope,
  type GossipMessage,
  type LeadershipMessage,
} from '../../src/wire';
import type { SigningIdentity } from '../../src/ports/identity';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive, Violation } from '../harness/verdict';
import { sameBytes } from './bytes';
import { isOn } from './channel-field';
import { unmet } from './identities';
import { signed } from './messages';
import { stateInfo } from './state-info';

/** A leadership message of an author, of any time and content (ELECT-01). */
export const leadership = (
  { identity }: { readonly identity: SigningIdentity },
  channel: string,
  fields: Partial<LeadershipMessage>,
  more: Partial<GossipMessage> = {},
): Envelope =>
  signed(
    identity,
    gossipMessage({
      channel: Buffer.from(channel),
      tag: Tag.CHAN_AND_ORG,
      content: {
        kind: 'leadershipMsg',
        value: { pkiId: identity.pkiId, timestamp: undefined, isDeclaration: true, ...fields },
      },
      ...more,
    }),
  );

export const declaration = (author: Tester, channel: string): Envelope =>
  leadership(author, channel, { timestamp: author.nextTime(), isDeclaration: true });

export const proposal = (author: Tester, channel: string): Envelope =>
  leadership(author, channel, { timestamp: author.nextTime(), isDeclaration: false });

/** Whether a leadership message is the peer's own, of this channel. */
export const isOwnLeadership =
  (t: CheckContext, channel: string, isDeclaration?: boolean) =>
  (one: Received<'leadershipMsg'>): boolean =>
    sameBytes(one.value.pkiId, t.put.pkiId) &&
    isOn(channel)(one) &&
    (isDeclaration === undefined || one.value.isDeclaration === isDeclaration);

/** One in so many identities at least is better, or worse, than the peer's, or there is none to be had. */
const MAX_TRIES = 50_000;

/** The tester with another identity, whose PKI-ID is lower than the peer's, and so the better leader, or higher. */
export function withRank(t: CheckContext, tester: Tester, rank: 'better' | 'worse'): Tester {
  for (let i = 0; i < MAX_TRIES; i++) {
    const identity = unmet(tester.identity, t.random);
    const order = Buffer.compare(identity.pkiId, t.put.pkiId);
    if (rank === 'better' ? order < 0 : order > 0) return t.as(tester, identity);
  }
  throw new Inconclusive(`no identity is to be had that is a ${rank} leader than the peer`);
}

/** Longest time from the start of an election service to its first message (ELECT-05). */
export const startMs = ({ waits: { settings } }: CheckContext): number =>
  settings.electionStartupGracePeriodMs + 2 * settings.electionMembershipSampleIntervalMs;

/**
 * The peer's next leadership message of a kind; a Lateness if it does not come in `withinMs` and what a busy machine
 * adds.
 */
export const nextLeadership = (
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  isDeclaration: boolean,
  withinMs: number,
): Promise<Received<'leadershipMsg'>> =>
  stream.expect('leadershipMsg', {
    where: isOwnLeadership(t, channel, isDeclaration),
    withinMs: withinMs + 1_000,
    what: isDeclaration ? 'a declaration of the peer that it leads' : 'a proposal of the peer to lead',
  });

/** A channel that the peer has just joined, and the streams of the testers that are on it with it, one each. */
export interface Electorate<Testers extends readonly Tester[]> {
  readonly channel: string;
  readonly streams: { readonly [Index in keyof Testers]: TesterStream };
}

/**
 * Has testers join, and then the peer a channel, on which they show themselves at once and wait for nothing: the peer is
 * about to look for a leader. That it knows them shows in that it tells them what it wants.
 */
export async function electorate<const Testers extends readonly Tester[]>(
  t: CheckContext,
  testers: Testers,
): Promise<Electorate<Testers>> {
  return t.control('testers join, and then the peer a new channel', async () => {
    const joined = await Promise.all(
      testers.map(async (tester) => ({ tester, stream: (await tester.join()).stream })),
    );
    const { name: channel } = await t.newChannel();
    for (const { tester, stream } of joined) stream.send(stateInfo(tester, channel, tester.nextTime()));
    return { channel, streams: joined.map(({ stream }) => stream) as Electorate<Testers>['streams'] };
  });
}

/** Awaits that the peer leads: it declares so. */
export const awaitLeading = (t: CheckContext, stream: TesterStream, channel: string): Promise<void> =>
  t.control('the peer, alone among testers who do not want to lead, leads', async () => {
    const { electionLeaderElectionDurationMs: duration, electionLeaderAliveThresholdMs: threshold } =
      t.waits.settings;
    await nextLeadership(t, stream, channel, true, startMs(t) + duration + threshold);
  });

/** Forgets what the peer has said of leadership so far. */
export async function forgetLeadership(stream: TesterStream): Promise<void> {
  while (stream.has('leadershipMsg')) await stream.expect('leadershipMsg');
}

/** Which of its author's messages it is, from 1 on. */
export const countOf = ({ value }: Received<'leadershipMsg'>): bigint => value.timestamp?.seqNum ?? 0n;

/**
 * The peer's messages that came after `sinceMs`, in the order in which it made them. On a busy machine one overtakes
 * another: each is sent by a routine of its own. Source: gossip/comm/comm_impl.go, `Send`.
 */
export const ownSince = (
  t: CheckContext,
  { received }: TesterStream,
  channel: string,
  sinceMs: number,
): readonly Received<'leadershipMsg'>[] =>
  received
    .filter(
      (one): one is Received<'leadershipMsg'> =>
        one.kind === 'leadershipMsg' && one.atMs > sinceMs && isOwnLeadership(t, channel)(one),
    )
    .sort((a, b) => Number(countOf(a) - countOf(b)));

/** How many messages the peer had made of which the last has come by now; 0 if none has. */
const madeSoFar = (t: CheckContext, stream: TesterStream, channel: string): bigint => {
  const last = ownSince(t, stream, channel, 0).at(-1);
  return last === undefined ? 0n : countOf(last);
};

export const settingsOf = ({
  waits: { settings },
}: CheckContext): { thresholdMs: number; durationMs: number } => ({
  thresholdMs: settings.electionLeaderAliveThresholdMs,
  durationMs: settings.electionLeaderElectionDurationMs,
});

/**
 * A Violation unless the peer, which leads, gives way when `better` declares itself: it is silent then, and wants to lead
 * again, which it proposes first, when it has heard of no leader for leaderAliveThreshold; on a busy machine that may come
 * while it is still listened to.
 */
export async function stepsDown(
  t: CheckContext,
  [better, stream]: readonly [Tester, TesterStream],
  heard: TesterStream,
  channel: string,
  why: string,
): Promise<void> {
  const { thresholdMs } = settingsOf(t);
  const [sentMs, madeBefore] = [t.clock.now(), madeSoFar(t, heard, channel)];
  stream.send(declaration(better, channel));
  await t.marker(stream);
  await t.quiet();
  const made = madeSoFar(t, heard, channel);
  // One who goes on declares itself twice.
  await t.quiet(1.2 * thresholdMs);
  const own = ownSince(t, heard, channel, 0).filter((one) => countOf(one) > madeBefore);
  const again = own.find(({ value }) => !value.isDeclaration);
  demand(
    again === undefined || again.atMs - sentMs >= 0.9 * thresholdMs,
    why,
    'it wants to lead again at once',
  );
  const before = own.slice(0, again && own.indexOf(again)).filter((one) => countOf(one) > made);
  // What it declared before it heard of the other may come late.
  demandInTime(before.length < 2, why, 'it declares that it leads');
}

/** Two more declarations of the peer, and no proposal: it goes on leading. */
export async function goesOn(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  why: string,
): Promise<void> {
  await forgetLeadership(stream);
  const { thresholdMs } = settingsOf(t);
  const made = madeSoFar(t, stream, channel);
  for (let i = 0; i < 2; i++) {
    try {
      await nextLeadership(t, stream, channel, true, thresholdMs);
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      demandInTime(false, why, 'it declares itself no more');
    }
  }
  const since = ownSince(t, stream, channel, 0).filter((one) => countOf(one) > made);
  const proposes = since.some(({ value }) => !value.isDeclaration);
  demand(!proposes, why, 'it gave way, and wants to lead again');
}

/**
 * Awaits the peer's proposal to lead. Where it came before the peer knew of anybody to tell it to, it leads by now: it is
 * deposed by `better`, and wants to lead again some time later.
 */
export async function awaitProposal(
  t: CheckContext,
  [better, stream]: readonly [Tester, TesterStream],
  channel: string,
): Promise<Received<'leadershipMsg'>> {
  const { thresholdMs, durationMs } = settingsOf(t);
  const first = await t.control('the peer wants to lead', () =>
    stream.expect('leadershipMsg', {
      where: isOwnLeadership(t, channel),
      withinMs: startMs(t) + durationMs + thresholdMs + 1_000,
      what: 'a leadership message of the peer',
    }),
  );
  if (!first.value.isDeclaration) return first;
  // Who has just been elected may not be able to stop before it has begun.
  await t.quiet(durationMs / 2);
  return proposalOfDeposed(t, [better, stream], channel);
}

/** Deposes the peer by `better`, and awaits that it wants to lead again: no leader is heard for a while. */
export async function proposalOfDeposed(
  t: CheckContext,
  [better, stream]: readonly [Tester, TesterStream],
  channel: string,
): Promise<Received<'leadershipMsg'>> {
  const { thresholdMs, durationMs } = settingsOf(t);
  stream.send(declaration(better, channel));
  await t.marker(stream);
  await t.quiet();
  await forgetLeadership(stream);
  let made = madeSoFar(t, stream, channel);
  for (let isFirst = true; ; isFirst = false) {
    const next = await stream.expect('leadershipMsg', {
      where: isOwnLeadership(t, channel),
      withinMs: 2 * thresholdMs + durationMs + 1_000,
      what: 'a proposal of the peer, which has heard of no leader for a while',
    });
    if (!next.value.isDeclaration) return next;
    if (countOf(next) > made + 1n) {
      throw new Inconclusive('this machine is so busy that the peer’s declaration overtook its proposal');
    }
    // What it declared before it heard of the other may come late.
    demandInTime(isFirst, 'a proposal before a declaration', 'a declaration');
    made = countOf(next);
  }
}

/** What a busy machine has spoilt is tried so often. */
export const TRIES = 3;

/**
 * Sends what must reach the peer while it waits for others that want to lead. Where it did not, the peer is deposed and
 * answered when it wants to lead again. Resolves to the proposal that was answered.
 */
export async function answerInTime(
  t: CheckContext,
  [better, stream]: readonly [Tester, TesterStream],
  channel: string,
  first: Received<'leadershipMsg'>,
  [on, answer]: readonly [TesterStream, () => Envelope],
): Promise<Received<'leadershipMsg'>> {
  let proposed = first;
  for (let tries = TRIES; tries > 0; tries--) {
    on.send(answer());
    await t.marker(on);
    if (t.clock.now() - proposed.atMs <= settingsOf(t).durationMs / 2) return proposed;
    proposed = await proposalOfDeposed(t, [better, stream], channel);
  }
  throw new Inconclusive('this machine is too busy to answer the peer while it waits');
}
