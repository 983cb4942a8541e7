import type { Envelope, PeerTime } from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { Inconclusive } from '../harness/verdict';
import { aliveIn, sameTime, timeOf } from './alive';
import { sameBytes } from './bytes';
import { markerBehind } from './membership';
import { isStateInfoOf, stateInfo } from './state-info';

/**
 * Each push goes to three members of the peer's choosing. After so many fresh ones a member among a dozen was passed
 * over each time with a chance below one in a million.
 */
export const PUSHES = 50;
/** Between two pushes: longer than the peer lets them wait for one another. */
const GAP_MS = 20;

/** Whether `received` is a push of this alive message. */
export function isPushOf({ value }: Received<'aliveMsg'>, envelope: Envelope): boolean {
  const { membership } = aliveIn(envelope, 'an envelope of ours');
  return sameBytes(value.membership?.pkiId, membership?.pkiId) && sameTime(value.timestamp, timeOf(envelope));
}

/** An alive message that was pushed to the peer, and what of it came to the watcher. */
export interface Relayed {
  readonly sent: Envelope;
  readonly received: Received<'aliveMsg'>;
}

/** Pushes fresh alive messages until the peer relays one of them to the watcher; a Violation if it relays none. */
export async function relayedTo(
  t: CheckContext,
  watcher: TesterStream,
  push: () => Envelope,
  what = 'an alive message pushed by another, relayed',
): Promise<Relayed> {
  const pushed: Envelope[] = [];
  const sentAs = (one: Received<'aliveMsg'>): Envelope | undefined =>
    pushed.find((envelope) => isPushOf(one, envelope));
  const isOurs = (one: Received<'aliveMsg'>): boolean => sentAs(one) !== undefined;
  for (let i = 0; i < PUSHES && !watcher.has('aliveMsg', isOurs); i++) {
    pushed.push(push());
    await t.quiet(GAP_MS);
  }
  const received = await watcher.expect('aliveMsg', { where: isOurs, withinMs: t.waits.relayMs, what });
  const sent = sentAs(received);
  if (sent === undefined) throw new Error('what was relayed was never sent');
  return { sent, received };
}

/** So many messages, and then the peer is waited for: heartbeats behind a flood would come too late on a busy machine. */
const BATCH = 10;

/** Sends something for each item on a stream, as fast as the peer reads it; all of it has been read at the end. */
export async function inBatches<T>(
  t: CheckContext,
  on: TesterStream,
  items: readonly T[],
  send: (item: T) => void,
): Promise<void> {
  for (let from = 0; from < items.length; from += BATCH) {
    items.slice(from, from + BATCH).forEach(send);
    await markerBehind(t, on);
  }
}

/**
 * Sends what must not be relayed, often enough that a peer which does so hits the watcher; a Violation if one reaches
 * it. `send` returns the alive message that must not appear. `on`: the stream it uses, for the marker.
 */
export async function neverRelayedTo(
  t: CheckContext,
  watcher: TesterStream,
  on: TesterStream,
  what: string,
  send: () => Envelope,
): Promise<void> {
  const sent: Envelope[] = [];
  await inBatches(t, on, Array.from({ length: PUSHES }), () => sent.push(send()));
  await t.quiet(t.waits.relayMs);
  watcher.expectNone('aliveMsg', `${what}, not relayed`, (one) =>
    sent.some((envelope) => isPushOf(one, envelope)),
  );
  if (!watcher.isOpen) throw new Inconclusive('the peer took the watcher for dead, and told it nothing');
}

/** The name of a channel that nobody has joined. */
export const unknownChannel = (t: CheckContext): string => `unknown-${t.random.uint64().toString(36)}`;

/** Whether the watcher is given one of an author's StateInfos of a channel, which are sent on a stream, one of each time. */
export async function isStateInfoRelayed(
  t: CheckContext,
  watcher: TesterStream,
  author: Tester,
  on: TesterStream,
  times: readonly PeerTime[],
  channel: string,
): Promise<boolean> {
  await inBatches(t, on, times, (timestamp) => {
    on.send(stateInfo(author, channel, timestamp));
  });
  await t.quiet(t.waits.relayMs);
  return times.some((timestamp) => watcher.has('stateInfo', isStateInfoOf(author, timestamp)));
}
