/** Reading and sending what peers tell of a channel: who is on it, and how many blocks each has. */
import { channelMac } from '../../src/identity';
import type { SigningIdentity } from '../../src/ports/identity';
import {
  gossipMessage,
  Tag,
  type Envelope,
  type GossipMessage,
  type PeerTime,
  type StateInfo,
} from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demandInTime, Violation } from '../harness/verdict';
import { isOlder, messageIn, sameTime } from './alive';
import { snapshotRequest } from './block-pull';
import { sameBytes } from './bytes';
import { signed, unsigned } from './messages';

/** Whoever a state info is about: a tester, or an identity that no tester has. */
export interface Author {
  readonly identity: SigningIdentity;
}

/** A StateInfo of an author in a channel, of any time and content (SINF-01). */
export const stateInfoWith = (
  { identity }: Author,
  channel: string,
  fields: Partial<StateInfo>,
  more: Partial<GossipMessage> = {},
): Envelope =>
  signed(
    identity,
    gossipMessage({
      tag: Tag.CHAN_OR_ORG,
      content: {
        kind: 'stateInfo',
        value: {
          timestamp: undefined,
          pkiId: identity.pkiId,
          channelMac: channelMac(identity.pkiId, channel),
          properties: { ledgerHeight: 1n, leftChannel: false, chaincodes: [] },
          ...fields,
        },
      },
      ...more,
    }),
  );

/** Whether a push is a StateInfo of this author and time. */
export const isPushedBy =
  ({ identity }: Author, time: PeerTime) =>
  ({ value }: Received<'stateInfo'>): boolean =>
    sameBytes(value.pkiId, identity.pkiId) && sameTime(value.timestamp, time);

/** One element of a snapshot. */
export interface Listed {
  readonly envelope: Envelope;
  readonly message: GossipMessage;
  readonly value: StateInfo;
}

/** The channel that the target names. */
export function channelOf({ channel }: CheckContext): string {
  if (channel === undefined) throw new Error('the check does not declare the need "channel"');
  return channel;
}

/** Asks for a snapshot, on a stream where nobody else does; a Violation if none comes. */
export async function askSnapshot(
  t: CheckContext,
  tester: Tester,
  stream: TesterStream,
  channel = channelOf(t),
): Promise<Received<'stateSnapshot'>> {
  // Answers to earlier questions that nobody waited for.
  while (stream.has('stateSnapshot')) await stream.expect('stateSnapshot');
  stream.send(snapshotRequest(channelMac(tester.pkiId, channel)));
  return stream.expect('stateSnapshot', { what: 'a snapshot of the channel' });
}

/** The elements of a snapshot; a Violation for one that is no StateInfo. */
export const listedIn = ({ value }: Received<'stateSnapshot'>): readonly Listed[] =>
  value.elements.map((envelope) => {
    const message = messageIn(envelope, 'an element of a snapshot');
    const { content } = message;
    if (content?.kind !== 'stateInfo') {
      throw new Violation('an element that is a StateInfo', content?.kind ?? 'no content');
    }
    return { envelope, message, value: content.value };
  });

/** What the peer lists now. That it tells a snapshot at all is not what is judged. */
export const askListed = (
  t: CheckContext,
  tester: Tester,
  stream: TesterStream,
  channel = channelOf(t),
): Promise<readonly Listed[]> =>
  t.control('the peer tells a snapshot of the channel', async () =>
    listedIn(await askSnapshot(t, tester, stream, channel)),
  );

export const isBy =
  (pkiId: Uint8Array) =>
  ({ value }: Pick<Listed, 'value'>): boolean =>
    sameBytes(value.pkiId, pkiId);

/** Whether a StateInfo is the peer's own of the target's channel: it may be on others too. */
export const isOwn =
  (t: CheckContext) =>
  ({ value }: Pick<Listed, 'value'>): boolean =>
    isBy(t.put.pkiId)({ value }) && sameBytes(value.channelMac, channelMac(t.put.pkiId, channelOf(t)));

/** Whether an author is listed with a StateInfo of this very time. */
export const lists = (all: readonly Listed[], { identity }: Author, time: PeerTime): boolean =>
  all.some((one) => isBy(identity.pkiId)(one) && sameTime(one.value.timestamp, time));

/** Asks until the peer lists a StateInfo of this author of this time, or a later one; a Lateness if it does not. */
export async function awaitListed(
  t: CheckContext,
  [asker, stream, channel = channelOf(t)]: readonly [Tester, TesterStream, string?],
  { identity }: Author,
  time: PeerTime,
  what: string,
): Promise<Listed> {
  const deadline = t.clock.now() + t.waits.answerMs / 2;
  for (;;) {
    const all = await askListed(t, asker, stream, channel);
    const found = all.find((one) => isBy(identity.pkiId)(one) && !isOlder(one.value.timestamp, time));
    if (found !== undefined) return found;
    demandInTime(t.clock.now() < deadline, `${what}, listed in a snapshot`, `${all.length} others are`);
    await t.quiet(20);
  }
}

/** A snapshot that a tester tells, asked or not (SINF-12). */
export const snapshot = (channel: string, elements: readonly Envelope[]): Envelope =>
  unsigned(
    gossipMessage({
      channel: Buffer.from(channel),
      tag: Tag.CHAN_OR_ORG,
      content: { kind: 'stateSnapshot', value: { elements } },
    }),
  );
