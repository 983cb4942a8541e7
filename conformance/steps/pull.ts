/** The steps of the identity pull, as the one who asks and as the one who is asked. */
import type { Millis } from '../../src/ports/clock';
import type { SigningIdentity } from '../../src/ports/identity';
import { decodeMessage, PullMsgType, Tag, type ContentOf, type Envelope } from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, Inconclusive, Lateness } from '../harness/verdict';
import { hex, sameBytes } from './bytes';
import {
  identityDigest,
  identityHello,
  identityItem,
  identityRequest,
  identityUpdate,
  unsigned,
} from './messages';

/** Attempts at what a loaded machine may spoil: a peer that is wrong spoils them all. */
const ATTEMPTS = 5;

/** How long one attempt awaits an answer. */
const attemptMs = (t: CheckContext): Millis => t.waits.answerMs / ATTEMPTS;

/**
 * Runs a step until it conforms, a few times at most; then its last Lateness counts. What neither delay nor chance can
 * explain counts at once.
 */
export async function persist<T>(run: () => Promise<T>, attempts = ATTEMPTS): Promise<T> {
  for (let left = attempts - 1; ; left--) {
    try {
      return await run();
    } catch (error) {
      if (left === 0 || !(error instanceof Lateness || error instanceof Inconclusive)) throw error;
    }
  }
}

/** An attempt is void in which a loaded machine was much later than it should have been. */
export function demandPunctual(
  t: CheckContext,
  sinceMs: Millis,
  afterMs: Millis,
  nowMs = t.clock.now(),
): void {
  const tookMs = nowMs - sinceMs;
  if (tookMs <= 1.3 * afterMs) return;
  throw new Inconclusive(`this machine was late: ${Math.round(tookMs)} ms instead of ${Math.round(afterMs)}`);
}

type PullKind = 'hello' | 'dataDig' | 'dataReq' | 'dataUpdate';

/** What every message of the identity pull has in common: tag, no channel, no outer nonce, msg_type (PULL-01, TAG-09). */
export function demandIdentityPull({ message, value }: Received<PullKind>): void {
  demand(value.msgType === PullMsgType.IDENTITY_MSG, 'msg_type IDENTITY_MSG (2)', `${value.msgType}`);
  demand(message.tag === Tag.EMPTY, 'tag EMPTY (1)', `tag ${message.tag}`);
  demand(message.channel.length === 0, 'no channel', `a channel of ${message.channel.length} bytes`);
  demand(message.nonce === 0n, 'nonce 0 outside the content', `nonce ${message.nonce.toString()}`);
}

/** More than fit where somebody lists, asks for or hands out no more than so many: eight, ten, a dozen. */
export const MANY_ITEMS = 20;

// ── The tester asks ───────────────────────────────────────────────────────────────────────────────────────────────

/** Says Hello and awaits the digest. */
export async function askDigest(
  t: CheckContext,
  stream: TesterStream,
  nonce = t.random.uint64(),
): Promise<Received<'dataDig'>> {
  stream.send(unsigned(identityHello(nonce)));
  return stream.expect('dataDig', {
    where: ({ value }) => value.nonce === nonce,
    what: 'a DataDigest with the nonce of the Hello',
  });
}

/** Hello, digest, request for `ids`, update. A Violation if no update comes. */
export async function pullItems(
  t: CheckContext,
  stream: TesterStream,
  ids: readonly Uint8Array[],
): Promise<Received<'dataUpdate'>> {
  return persist(() => requestItems(t, stream, ids));
}

/** One attempt at that: on a loaded machine the request may come too late after the Hello (PULL-04). */
export async function requestItems(
  t: CheckContext,
  stream: TesterStream,
  ids: readonly Uint8Array[],
): Promise<Received<'dataUpdate'>> {
  const nonce = t.random.uint64();
  await askDigest(t, stream, nonce);
  stream.send(unsigned(identityRequest(nonce, ids)));
  return stream.expect('dataUpdate', {
    where: ({ value }) => value.nonce === nonce,
    withinMs: attemptMs(t),
    what: 'a DataUpdate with the nonce of the request',
  });
}

/** Some time after requestWaitTime is over, on a busy machine too (PULL-04). */
export const requestTooLateMs = ({ waits }: CheckContext): Millis =>
  waits.settings.requestWaitTimeMs * 1.2 + 80;

/** Identity items by PKI-ID in hex. A Violation for an entry that is no identity item. */
export function itemsOf(update: Received<'dataUpdate'>): ReadonlyMap<string, Envelope> {
  return new Map(update.value.data.map((item) => [hex(identityOf(item).pkiId), item]));
}

/** What an identity item says. A Violation if it is none. */
export function identityOf(item: Envelope): ContentOf<'peerIdentity'> {
  const { content } = decodeMessage(item.payload);
  demand(content?.kind === 'peerIdentity', 'a peer_identity in an update', content?.kind ?? 'no content');
  return content.value;
}

/** The items that the peer hands out of `ids`. Its own, which it always has, is asked for as well, and must come. */
export async function servedItems(
  t: CheckContext,
  stream: TesterStream,
  ids: readonly Uint8Array[],
): Promise<ReadonlyMap<string, Envelope>> {
  const items = itemsOf(await pullItems(t, stream, [t.put.pkiId, ...ids]));
  demand(items.has(hex(t.put.pkiId)), 'the peer’s own item, which was asked for', 'an update without it');
  return items;
}

/** Whether the peer lists an item in a digest. */
export const lists = async (t: CheckContext, stream: TesterStream, pkiId: Uint8Array): Promise<boolean> =>
  (await askDigest(t, stream)).value.digests.some((digest) => sameBytes(digest, pkiId));

/** Which of `ids` the peer offers, in hex: those that it lists in a digest or hands out. */
export async function offered(
  t: CheckContext,
  stream: TesterStream,
  ids: readonly Uint8Array[],
): Promise<ReadonlySet<string>> {
  const listed = (await askDigest(t, stream)).value.digests.map(hex);
  const served = await servedItems(t, stream, ids);
  return new Set(ids.map(hex).filter((id) => listed.includes(id) || served.has(id)));
}

/** Whether the peer offers one item. */
export const offers = async (t: CheckContext, stream: TesterStream, pkiId: Uint8Array): Promise<boolean> =>
  (await offered(t, stream, [pkiId])).size > 0;

// ── The tester is asked ───────────────────────────────────────────────────────────────────────────────────────────

/** An identity item and the PKI-ID it is offered by. */
export interface Item {
  readonly pkiId: Uint8Array;
  readonly envelope: Envelope;
}

export const itemOf = (owner: SigningIdentity): Item => ({
  pkiId: owner.pkiId,
  envelope: identityItem(owner),
});

/** Whether a Hello is that of the identity pull, as it should be or with something wrong; a block pull names a channel. */
const isIdentityHello = ({ message, value }: Received<'hello'>): boolean =>
  value.msgType !== PullMsgType.BLOCK_MSG || message.channel.length === 0;

/** The identity Hellos that came so far. */
export const hellosOn = (stream: TesterStream): readonly Received<'hello'>[] =>
  stream.received.filter((one): one is Received<'hello'> => one.kind === 'hello').filter(isIdentityHello);

/** The next identity Hello of the peer; one that came before is too old to be answered. */
export async function nextHello(
  t: CheckContext,
  stream: TesterStream,
  withinMs = t.waits.chosenMs(t.waits.settings.pullIntervalMs),
): Promise<Received<'hello'>> {
  const since = t.clock.now();
  return stream.expect('hello', {
    where: (one) => one.atMs >= since && isIdentityHello(one),
    what: 'an identity Hello to a member',
    withinMs,
  });
}

/** How long after a Hello the peer's DataRequest may take: digestWaitTime, and what a loaded machine adds. */
const requestWithinMs = (t: CheckContext): Millis => 2 * t.waits.settings.digestWaitTimeMs + 300;

/** The peer's DataRequest of the round that `hello` began. */
export async function requestOf(
  t: CheckContext,
  stream: TesterStream,
  hello: Received<'hello'>,
): Promise<Received<'dataReq'>> {
  return stream.expect('dataReq', {
    where: ({ value }) => value.nonce === hello.value.nonce,
    what: 'a DataRequest with the nonce of the Hello, for what the peer lacks',
    withinMs: requestWithinMs(t),
  });
}

/** Answers a Hello with a digest. */
export function offer(stream: TesterStream, { value }: Received<'hello'>, ids: readonly Uint8Array[]): void {
  stream.send(unsigned(identityDigest(value.nonce, ids)));
}

/** A round in which the peer asks for what the tester offers. */
export interface Round {
  readonly hello: Received<'hello'>;
  readonly request: Received<'dataReq'>;
}

/** Awaits a Hello, offers `ids`, and awaits the request. A Violation if the peer never asks. */
export async function offerItems(
  t: CheckContext,
  stream: TesterStream,
  ids: readonly Uint8Array[],
): Promise<Round> {
  return persist(async () => {
    const hello = await nextHello(t, stream);
    offer(stream, hello, ids);
    return { hello, request: await requestOf(t, stream, hello) };
  });
}

/** Lets the peer pull items, in answer to its own Hello; it has dealt with them then. A Violation if it does not ask. */
export async function letPull(t: CheckContext, stream: TesterStream, items: readonly Item[]): Promise<Round> {
  const round = await offerItems(
    t,
    stream,
    items.map(({ pkiId }) => pkiId),
  );
  answer(stream, round, items);
  await t.marker(stream);
  return round;
}

/** Answers a request with items. */
export function answer(stream: TesterStream, { request }: Round, items: readonly Item[]): void {
  stream.send(
    unsigned(
      identityUpdate(
        request.value.nonce,
        items.map(({ envelope }) => envelope),
      ),
    ),
  );
}

/** A digest of the right shape that belongs to nobody. */
export const nobody = (t: CheckContext): Uint8Array =>
  Uint8Array.from({ length: 32 }, () => t.random.below(256));

/** Joins as a member that answers no Hello by itself, so that the check can. */
export async function joinToPull(t: CheckContext, tester: Tester): Promise<TesterStream> {
  tester.manners.answersHellos = false;
  const { stream } = await t.control(`${tester.name} joins`, () => tester.join());
  return stream;
}

/** Joins, and has the peer hold this tester's identity: pulled now, or in an earlier check. */
export async function pulled(t: CheckContext, tester: Tester): Promise<TesterStream> {
  const stream = await joinToPull(t, tester);
  await t.control('the peer pulls the identity of a member', async () => {
    if (!(await offers(t, stream, tester.pkiId))) await letPull(t, stream, [itemOf(tester.identity)]);
  });
  return stream;
}
