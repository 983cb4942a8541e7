/** State transfer, as the one who asks and as the one who is asked. */
import { gossipMessage, Tag, type Envelope, type GossipMessage, type Payload } from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { OwnChannel } from '../harness/target';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { enterChannel } from './block-pull';
import { joinOnChannel, payloadOf } from './blocks';
import { demandChannel, isOn } from './channel-field';
import { unsigned } from './messages';

/** A RemoteStateRequest; both ends are inclusive (STATE-01). */
export const stateRequest = (
  channel: string,
  [startSeqNum, endSeqNum]: readonly [bigint, bigint],
  nonce: bigint,
  more: Partial<GossipMessage> = {},
): Envelope =>
  unsigned(
    gossipMessage({
      nonce,
      channel: Buffer.from(channel),
      tag: Tag.CHAN_OR_ORG,
      content: { kind: 'stateRequest', value: { startSeqNum, endSeqNum } },
      ...more,
    }),
  );

/** A RemoteStateResponse (STATE-05). */
export const stateResponse = (channel: string, nonce: bigint, payloads: readonly Payload[]): Envelope =>
  unsigned(
    gossipMessage({
      nonce,
      channel: Buffer.from(channel),
      tag: Tag.CHAN_OR_ORG,
      content: { kind: 'stateResponse', value: { payloads } },
    }),
  );

const isAnswerTo =
  (nonce: bigint) =>
  ({ message }: Received<'stateResponse'>): boolean =>
    message.nonce === nonce;

/** Asks for a range; the response, a Violation if none comes. */
export async function askBlocks(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  range: readonly [bigint, bigint],
  more?: Partial<GossipMessage>,
): Promise<Received<'stateResponse'>> {
  const nonce = t.random.uint64();
  const request = stateRequest(channel, range, nonce, more);
  if (more === undefined) stream.send(request);
  else stream.sendWrong(request);
  return stream.expect('stateResponse', {
    where: isAnswerTo(nonce),
    what: `a response to a request for blocks ${range.join(' to ')}, with its nonce`,
  });
}

/** What every response has in common (STATE-05). */
export function demandStateResponse({ message, envelope }: Received<'stateResponse'>, channel: string): void {
  demand(message.tag === Tag.CHAN_OR_ORG, 'tag CHAN_OR_ORG (5)', `tag ${message.tag}`);
  demandChannel({ message }, channel);
  demand(envelope.signature.length === 0, 'no signature', `${envelope.signature.length} bytes of one`);
}

/** The numbers of the blocks in a response, in its order. */
export const numbersOf = ({ value }: Received<'stateResponse'>): readonly bigint[] =>
  value.payloads.map(({ seqNum }) => seqNum);

/**
 * A Violation if one of these requests is answered. That the peer reads them is known by one that it must answer, after
 * them all.
 */
export async function unansweredBlocks(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  requests: ReadonlyMap<string, (nonce: bigint) => Envelope>,
): Promise<void> {
  const sent = [...requests].map(([what, make]) => {
    const nonce = t.random.uint64();
    stream.sendWrong(make(nonce));
    return { what, nonce };
  });
  await t.control('a request behind them is answered', () => askBlocks(t, stream, channel, [0n, 0n]));
  await t.quiet();
  for (const { what, nonce } of sent) {
    stream.expectNone('stateResponse', `no answer to ${what}`, isAnswerTo(nonce));
  }
}

/** Awaits that the peer serves a block: it has committed it. */
export const reachesServed = (
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  number: bigint,
): Promise<void> =>
  t.eventually(`block ${number}, committed and served`, t.waits.answerMs, () =>
    serves(t, stream, channel, number),
  );

/** Whether the peer has committed a block: it serves it. */
export const serves = async (
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  number: bigint,
): Promise<boolean> => numbersOf(await askBlocks(t, stream, channel, [number, number])).includes(number);

/** Sends of one request: `state.maxRetries` [3] and the first (STATE-11). */
export const SENDS = 4;

/** How long the peer may take to ask for blocks that it has just heard of. */
export const requestWithinMs = ({ waits }: CheckContext): number =>
  waits.tickMs(waits.settings.stateCheckIntervalMs) +
  2 * waits.settings.stateResponseTimeoutMs +
  waits.tickMs(waits.settings.requestStateInfoIntervalMs);

/** Awaits the peer's next request on a channel; a Lateness if none comes. */
export const nextRequest = (
  t: CheckContext,
  stream: TesterStream,
  channel: string,
): Promise<Received<'stateRequest'>> =>
  stream.expect('stateRequest', {
    where: isOn(channel),
    withinMs: requestWithinMs(t),
    what: `a request for blocks of channel ${channel}`,
  });

/** A Violation unless a request is for these blocks, both ends included. */
export function demandRange({ value }: Received<'stateRequest'>, start: bigint, end: bigint): void {
  demand(
    value.startSeqNum === start && value.endSeqNum === end,
    `a request for blocks ${start} to ${end}`,
    `one for ${value.startSeqNum} to ${value.endSeqNum}`,
  );
}

/** What tells one request from another. */
export const nonceOf = ({ message }: Received<'stateRequest'>): bigint => message.nonce;

/** The next request for blocks from `start` on; lower ones are repetitions that were sent before the answer came. */
export async function nextRange(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  start: bigint,
): Promise<Received<'stateRequest'>> {
  let request = await nextRequest(t, stream, channel);
  for (let left = SENDS; left > 0 && request.value.startSeqNum < start; left--) {
    request = await nextRequest(t, stream, channel);
  }
  return request;
}

/** Blocks of a channel, both ends included. */
export function blocks(channel: OwnChannel, first: bigint, last: bigint): Payload[] {
  const payloads: Payload[] = [];
  for (let number = first; number <= last; number++) payloads.push(payloadOf(number, channel.block(number)));
  return payloads;
}

/** A channel of its own on which a tester says that it has blocks up to a height. */
export async function tall(
  t: CheckContext,
  height: bigint,
): Promise<{ channel: OwnChannel; stream: TesterStream }> {
  const channel = await t.newChannel();
  return { channel, stream: await joinOnChannel(t, t.tester, channel.name, height) };
}

/** Has the tester tell another height. */
export const tellHeight = (
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  height: bigint,
): Promise<void> =>
  t.control('the tester tells its height', () => enterChannel(t.tester, stream, channel, height));

/** Answers a request with all that it asks for. */
export function serve(stream: TesterStream, channel: OwnChannel, request: Received<'stateRequest'>): void {
  const { endSeqNum, startSeqNum } = request.value;
  stream.send(stateResponse(channel.name, nonceOf(request), blocks(channel, startSeqNum, endSeqNum)));
}
