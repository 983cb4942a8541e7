/** The alive messages of the peer itself: pushed as heartbeats, inside its requests, at the end of its responses. */
import { Tag, type AliveMessage, type Envelope, type PeerTime } from '../../src/wire';
import type { CheckContext } from '../harness/context';
import type { PeerUnderTest } from '../harness/target';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, Violation } from '../harness/verdict';
import { aliveIn, demandSignedBy, messageIn } from './alive';
import { sameBytes } from './bytes';

/** Whether a push is the peer's own heartbeat. */
export const isHeartbeat =
  (put: PeerUnderTest) =>
  ({ value }: Received<'aliveMsg'>): boolean =>
    sameBytes(value.membership?.pkiId, put.pkiId);

/** The next heartbeat that the peer pushes to this member. */
export const nextHeartbeat = (t: CheckContext, stream: TesterStream): Promise<Received<'aliveMsg'>> =>
  stream.expect('aliveMsg', {
    where: isHeartbeat(t.put),
    withinMs: t.waits.chosenMs(t.waits.settings.aliveTimeIntervalMs),
    what: 'a heartbeat of the peer to a member',
  });

/** The next MembershipRequest that the peer sends to this member. */
export const nextRequest = (t: CheckContext, stream: TesterStream): Promise<Received<'memReq'>> =>
  stream.expect('memReq', {
    withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
    what: 'a MembershipRequest of the peer to a member',
  });

/** The alive message by which the peer introduces itself in a request. */
export function selfInformationOf({ value }: Received<'memReq'>): Envelope {
  if (value.selfInformation === undefined) throw new Violation('a request with self_information', 'none');
  return value.selfInformation;
}

/** The last entry of a response, which is about the peer itself (MEMB-06). */
export function ownEntryOf({ value }: Received<'memRes'>): Envelope {
  const own = value.alive.at(-1);
  if (own === undefined) throw new Violation('a response with the peer’s own alive message', 'an empty one');
  return own;
}

/** An alive message of the peer must have all that ALIVE-01 names, and verify. `what`: where it was found. */
export function demandOwnAlive(put: PeerUnderTest, envelope: Envelope, what: string): AliveMessage {
  const message = messageIn(envelope, what);
  const alive = aliveIn(envelope, what);
  demand(message.tag === Tag.EMPTY, `${what} with tag EMPTY (1)`, `tag ${message.tag}`);
  demand(message.nonce === 0n, `${what} with nonce 0`, `nonce ${message.nonce.toString()}`);
  demand(message.channel.length === 0, `${what} without channel`, `${message.channel.length} bytes`);
  const { membership, identity } = alive;
  demand(membership !== undefined, `${what} with membership`, 'none');
  demand(sameBytes(membership.pkiId, put.pkiId), `${what} with the peer’s PKI-ID`, 'another');
  demand(
    membership.endpoint === put.externalEndpoint,
    `${what} with the peer’s external endpoint, “${put.externalEndpoint}”`,
    `“${membership.endpoint}”`,
  );
  demand(membership.metadata.length === 0, `${what} without metadata`, `${membership.metadata.length} bytes`);
  demand(
    identity.length === 0 || sameBytes(identity, put.identity),
    `${what} with the peer’s identity or none`,
    'another identity',
  );
  timeIn(envelope, what);
  demandSignedBy(put.identity, envelope, what);
  return alive;
}

/** The timestamp of an alive message of the peer. */
export function timeIn(envelope: Envelope, what: string): PeerTime {
  const { timestamp } = aliveIn(envelope, what);
  if (timestamp === undefined) throw new Violation(`${what} with a timestamp`, 'none');
  demand(timestamp.incNum > 0n, `${what} with inc_num`, '0');
  demand(timestamp.seqNum > 0n, `${what} with seq_num from 1`, '0');
  return timestamp;
}
