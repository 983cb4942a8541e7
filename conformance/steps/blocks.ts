/** Blocks as members of a channel pass them on, and what a peer shows of those that it has. */
import { channelMac } from '../../src/identity';
import {
  decodeMessage,
  gossipMessage,
  PullMsgType,
  Tag,
  type Content,
  type Envelope,
  type GossipMessage,
  type Payload,
} from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { OwnChannel } from '../harness/target';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demandInTime, Lateness } from '../harness/verdict';
import { blockHello, enterChannel, isBlockDigestOf, snapshotRequest } from './block-pull';
import { sameBytes } from './bytes';
import { isOn } from './channel-field';
import { unsigned } from './messages';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytes = (id: string): Uint8Array => Buffer.from(id, 'latin1');

const ofChannel = (channel: string, content: Content): GossipMessage =>
  gossipMessage({ channel: Buffer.from(channel), tag: Tag.CHAN_AND_ORG, content });

/** A block as a payload (BLOCK-01). */
export const payloadOf = (seqNum: bigint, data: Uint8Array): Payload => ({ seqNum, data, privateData: [] });

/** A block of a channel on its way, as a push or as an item of an update (BLOCK-01, BLOCK-11). */
export const blockMessage = (channel: string, payload: Payload | undefined): Envelope =>
  unsigned(ofChannel(channel, { kind: 'dataMsg', value: { payload } }));

/** The genuine block of this number, pushed. */
export const push = (channel: OwnChannel, number: bigint): Envelope =>
  blockMessage(channel.name, payloadOf(number, channel.block(number)));

const msgType = PullMsgType.BLOCK_MSG;

/** A DataDigest of a channel's block pull; ids are the bytes of the text, mostly decimal numbers (BLOCK-08). */
export const blockDigest = (channel: string, nonce: bigint, ids: readonly string[]): Envelope =>
  unsigned(ofChannel(channel, { kind: 'dataDig', value: { nonce, digests: ids.map(bytes), msgType } }));

/** A DataRequest of a channel's block pull. */
export const blockRequest = (channel: string, nonce: bigint, ids: readonly string[]): Envelope =>
  unsigned(ofChannel(channel, { kind: 'dataReq', value: { nonce, digests: ids.map(bytes), msgType } }));

/** A DataUpdate of a channel's block pull. */
export const blockUpdate = (channel: string, nonce: bigint, data: readonly Envelope[]): Envelope =>
  unsigned(ofChannel(channel, { kind: 'dataUpdate', value: { nonce, data, msgType } }));

/** What a digest or request of the block pull lists, each the text of its bytes. */
export const idsOf = ({ value }: Received<'dataDig'> | Received<'dataReq'>): readonly string[] =>
  value.digests.map(text);

/** Whether a push is the block of this number. */
export const isPushOf =
  (number: bigint) =>
  ({ value }: Received<'dataMsg'>): boolean =>
    value.payload?.seqNum === number;

/** Makes a tester a member whom the peer knows to be on a channel: it gets its blocks (BLOCK-03, BLOCK-07). */
export async function joinOnChannel(
  t: CheckContext,
  tester: Tester,
  channel: string,
  ledgerHeight = 1n,
): Promise<TesterStream> {
  return t.control('a tester joins, and the peer lists it on the channel', async () => {
    const { stream } = await tester.join();
    await enterChannel(tester, stream, channel, ledgerHeight);
    return stream;
  });
}

/** As {@link joinOnChannel}, but not as a member: it may pull blocks, and nobody pushes it any (BLOCK-07). */
export async function connectOnChannel(
  t: CheckContext,
  tester: Tester,
  channel: string,
): Promise<TesterStream> {
  return t.control('a tester connects, and the peer lists it on the channel', async () => {
    const stream = await tester.connect();
    await enterChannel(tester, stream, channel);
    return stream;
  });
}

/**
 * Says Hello of the block pull; the digest, a Violation if none comes. What a peer knows of one who is no member it
 * forgets now and then (SINF-14): where it keeps silent, it is told again.
 */
export async function askBlockDigest(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  tester = t.tester,
): Promise<Received<'dataDig'>> {
  const ask = (withinMs: number): Promise<Received<'dataDig'>> => {
    const nonce = t.random.uint64();
    stream.send(blockHello(channel, nonce));
    return stream.expect('dataDig', {
      where: isBlockDigestOf([nonce]),
      withinMs,
      what: 'a digest of the block pull with the nonce of the Hello',
    });
  };
  try {
    return await ask(t.waits.answerMs / 5);
  } catch (error) {
    if (!(error instanceof Lateness) || !stream.isOpen) throw error;
    await t.control('the peer lists the tester on the channel', () => enterChannel(tester, stream, channel));
    return ask(t.waits.answerMs);
  }
}

/** The blocks that the peer offers now; none if it keeps silent behind a marker. */
export async function offeredBlocks(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
): Promise<readonly string[]> {
  const nonce = t.random.uint64();
  stream.send(blockHello(channel, nonce));
  await t.marker(stream);
  if (!stream.has('dataDig', isBlockDigestOf([nonce]))) await t.quiet();
  if (!stream.has('dataDig', isBlockDigestOf([nonce]))) return [];
  return idsOf(await stream.expect('dataDig', { where: isBlockDigestOf([nonce]) }));
}

/** A Violation unless the peer offers exactly these blocks within a moment. */
export async function offersExactly(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  numbers: readonly bigint[],
  what: string,
  tester = t.tester,
): Promise<void> {
  const wanted = numbers.map(String).sort().join(' ');
  let seen: string;
  const deadline = t.clock.now() + t.waits.answerMs;
  do {
    seen = [...(await offeredBlocks(t, stream, channel))].sort().join(' ');
    if (seen === '' && wanted !== '') {
      await t.control('the peer lists the tester on the channel', () =>
        enterChannel(tester, stream, channel),
      );
    }
  } while (seen !== wanted && t.clock.now() < deadline);
  demandInTime(seen === wanted, `${what}: blocks ${wanted || 'none'} offered`, seen || 'none');
}

/** The ledger height that the peer tells of itself in a snapshot; undefined if it does not list itself. */
export async function toldHeight(
  t: CheckContext,
  tester: Tester,
  stream: TesterStream,
  channel: string,
): Promise<bigint | undefined> {
  stream.send(snapshotRequest(channelMac(tester.pkiId, channel)));
  const { value } = await t.control('the peer tells who is on the channel', () =>
    stream.expect('stateSnapshot', { what: `a snapshot of channel ${channel}` }),
  );
  for (const { payload } of value.elements) {
    const { content } = decodeMessage(payload);
    if (content?.kind === 'stateInfo' && sameBytes(content.value.pkiId, t.put.pkiId)) {
      return content.value.properties?.ledgerHeight;
    }
  }
  return undefined;
}

/** Awaits that the peer tells this height, which it does some time after it has committed the block below. */
export async function reachesHeight(
  t: CheckContext,
  tester: Tester,
  stream: TesterStream,
  channel: string,
  height: bigint,
): Promise<void> {
  let seen: bigint | undefined;
  const deadline = t.clock.now() + t.waits.heightMs;
  do {
    seen = await toldHeight(t, tester, stream, channel);
    if (seen !== height) await t.quiet(50);
  } while (seen !== height && t.clock.now() < deadline);
  demandInTime(seen === height, `ledger height ${height}`, `${seen ?? 'none'}`);
}

/** A copy of an envelope with a field that there is not (SIGN-02): it tells whether bytes or meaning travel. */
export function withUnknownField({ payload, ...rest }: Envelope): Envelope {
  const strange = Buffer.from([0xa2, 0x06, 0x01, 0x78]);
  return { ...rest, payload: Buffer.concat([payload, strange]) };
}

/** A Hello of the block pull of one channel. */
export const isHelloOf =
  (channel: string) =>
  (one: Received<'hello'>): boolean =>
    one.value.msgType === PullMsgType.BLOCK_MSG && isOn(channel)(one);

/** The peer's next Hello of the block pull of a channel; one that came before is too old to be answered. */
export async function nextBlockHello(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  withinMs = t.waits.chosenMs(t.waits.settings.pullIntervalMs),
): Promise<Received<'hello'>> {
  const where = isHelloOf(channel);
  while (stream.has('hello', where)) await stream.expect('hello', { where });
  return stream.expect('hello', { where, withinMs, what: 'a Hello of the block pull to a member' });
}

/** What the peer asks for when it says Hello and is told of these blocks at once. */
export interface Asked {
  readonly hello: Received<'hello'>;
  readonly request: Received<'dataReq'>;
}

/**
 * Awaits the peer's next Hello, advertises blocks, and awaits the request. A Lateness if none comes in that round, which
 * a loaded machine may have spoilt. `withinMs`: for the Hello.
 */
export async function advertise(
  t: CheckContext,
  stream: TesterStream,
  channel: string,
  ids: readonly string[],
  withinMs = t.waits.chosenMs(t.waits.settings.pullIntervalMs),
): Promise<Asked> {
  const hello = await t.control('the peer says Hello on the channel', () =>
    nextBlockHello(t, stream, channel, withinMs),
  );
  stream.send(blockDigest(channel, hello.value.nonce, ids));
  const request = await stream.expect('dataReq', {
    where: ({ value }) => value.msgType === PullMsgType.BLOCK_MSG && value.nonce === hello.value.nonce,
    withinMs: t.waits.settings.digestWaitTimeMs + 1_000,
    what: 'a request for blocks that were advertised, with the nonce of the Hello',
  });
  return { hello, request };
}
