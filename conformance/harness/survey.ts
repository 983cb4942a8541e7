import { noTap } from '../../src/capture';
import type { Clock } from '../../src/ports/clock';
import { TransportError } from '../../src/transport';
import { decodeMessage, PullMsgType, WireError, type ContentOf, type Envelope } from '../../src/wire';
import { NetworkError } from '../run-types';
import { blockHello, enterChannel, isBlockDigestOf } from '../steps/block-pull';
import { sameBytes } from '../steps/bytes';
import { identityHello, identityRequest, unsigned } from '../steps/messages';
import { chanceOf } from './chance';
import { noJournal } from './journal';
import type { Lines } from './lines';
import { nowhere } from './nowhere';
import { pause } from './signal';
import type { Papers, PeerUnderTest } from './target';
import { Tester } from './tester';
import { describeEnding, TesterStream } from './tester-stream';
import { Waits, type GossipTiming } from './timing';
import { Violation } from './verdict';

/** What a survey works with. */
export interface SurveyTools {
  readonly clock: Clock;
  /** Of the testers' chance. */
  readonly seed: number;
  readonly lines: Lines;
  readonly timing: GossipTiming;
}

/**
 * What a peer says of itself: its ConnEstablish comes unasked (CONN-01). A peer that keeps it back until it has seen
 * another's is to be judged all the same, so testers of the likely organisations introduce themselves to it. Rejects
 * with a NetworkError where there is no peer.
 */
export async function readConn(
  tools: SurveyTools,
  endpoint: string,
  tls: Papers['tls'],
  introduceAs: Iterable<Papers> = [],
): Promise<ContentOf<'conn'>> {
  const { lines, timing } = tools;
  const unreachable = await lines.reach(endpoint, tls, timing.dialTimeoutMs + timing.connTimeoutMs);
  if (unreachable !== undefined) {
    const why = unreachable.replace(`${endpoint}: `, '');
    const advice = tls === undefined ? 'leave out --no-tls if it has' : 'say --no-tls if it has not';
    throw new NetworkError(`No gossip peer at ${endpoint}: ${why}${/TLS/.test(why) ? ` (${advice})` : ''}.`);
  }
  const stranger: PeerUnderTest = {
    name: endpoint,
    endpoint,
    mspId: '',
    pkiId: new Uint8Array(),
    identity: new Uint8Array(),
    externalEndpoint: '',
  };
  let refusal = await connUnasked(tools, stranger, tls);
  for (const papers of introduceAs) {
    if (typeof refusal !== 'string') break;
    refusal = await connAskedBy(tools, stranger, papers);
  }
  if (typeof refusal !== 'string') return refusal;
  throw new NetworkError(
    `${endpoint} speaks gRPC, but no gossip (${refusal}). Is it the gossip endpoint of a peer?`,
  );
}

/** The peer's ConnEstablish, or what came in its place. */
type Shown = ContentOf<'conn'> | string;

async function connUnasked(tools: SurveyTools, put: PeerUnderTest, tls: Papers['tls']): Promise<Shown> {
  const { clock, lines, timing } = tools;
  const { answerMs } = new Waits(timing);
  const stream = new TesterStream({ clock, tap: noTap, journal: noJournal, answerMs });
  try {
    await lines.open(put.endpoint, tls, {}, stream);
    return (await stream.expect('conn', { withinMs: timing.connTimeoutMs + answerMs })).value;
  } catch (error) {
    if (error instanceof Violation) return error.actual;
    throw error;
  } finally {
    lines.close(stream);
  }
}

async function connAskedBy(tools: SurveyTools, put: PeerUnderTest, papers: Papers): Promise<Shown> {
  await using tester = surveyor(tools, put, papers);
  try {
    const stream = await tester.dial();
    stream.send(tester.conn(stream));
    return (await stream.expect('conn')).value;
  } catch (error) {
    if (error instanceof Violation) return error.actual;
    throw error;
  }
}

/** A tester that only looks. */
const surveyor = (tools: SurveyTools, put: PeerUnderTest, papers: Papers): Tester =>
  new Tester(papers, nowhere(0), {
    ...tools,
    random: chanceOf(tools.seed, `survey of ${put.name}`),
    put,
    waits: new Waits(tools.timing),
    tap: noTap,
    journal: noJournal,
    sign: () => undefined,
  });

/** How an introduction went. */
export type Introduction =
  | {
      readonly ok: true;
      /** What the peer tells as its external endpoint; undefined if it told nothing of itself. */
      readonly externalEndpoint: string | undefined;
    }
  | { readonly ok: false; readonly reason: string };

/**
 * Introduces a tester to the peer: handshake and membership request. A peer that keeps the stream open after the
 * handshake has accepted the tester, whatever it does then: that is for the checks to judge.
 */
export async function introduce(
  tools: SurveyTools,
  put: PeerUnderTest,
  papers: Papers,
): Promise<Introduction> {
  await using tester = surveyor(tools, put, papers);
  let stream: TesterStream;
  try {
    stream = await tester.connect();
  } catch (error) {
    if (error instanceof Violation) return { ok: false, reason: error.actual };
    throw error;
  }
  // A refusal comes at once (CONN-08).
  await pause(tools.clock, new Waits(tools.timing).quietMs);
  if (stream.ending !== undefined) return { ok: false, reason: describeEnding(stream.ending) };
  try {
    const { value } = await tester.askMembership(stream);
    const told = value.alive.map(externalEndpointOf(put)).find((one) => one !== undefined);
    return { ok: true, externalEndpoint: told ?? (await heartbeatEndpoint(tools, put, stream)) };
  } catch (error) {
    if (error instanceof Violation || error instanceof WireError) {
      return { ok: true, externalEndpoint: undefined };
    }
    throw error;
  }
}

/** Reads the external endpoint out of an alive message of the peer's; undefined for any other. */
const externalEndpointOf =
  (put: PeerUnderTest) =>
  ({ payload }: Envelope): string | undefined => {
    const { content } = decodeMessage(payload);
    const member = content?.kind === 'aliveMsg' ? content.value.membership : undefined;
    return sameBytes(member?.pkiId, put.pkiId) ? member?.endpoint : undefined;
  };

async function heartbeatEndpoint(
  tools: SurveyTools,
  put: PeerUnderTest,
  stream: TesterStream,
): Promise<string | undefined> {
  const heartbeat = await stream.expect('aliveMsg', {
    where: ({ value }) => sameBytes(value.membership?.pkiId, put.pkiId),
    withinMs: new Waits(tools.timing).turnMs(tools.timing.aliveTimeIntervalMs),
  });
  return heartbeat.value.membership?.endpoint;
}

/** Whether the peer can reach a tester that listens: a member whose stream is gone is dialled (LIFE-07). */
export async function isDialledBy(tools: SurveyTools, put: PeerUnderTest, papers: Papers): Promise<boolean> {
  const waits = new Waits(tools.timing);
  await using tester = surveyor(tools, put, papers);
  try {
    const server = await tester.listen();
    const { stream } = await tester.join();
    await tester.leave(stream);
    await server.expectConnection('a connection by the peer', waits.turnMs(tools.timing.pullIntervalMs));
    return true;
  } catch (error) {
    if (error instanceof Violation || error instanceof TransportError) return false;
    throw error;
  }
}

/** The serialized identities that the peer offers by pull: its own, and those of others that it pulled (CERT-03). */
export async function pullIdentities(
  tools: SurveyTools,
  put: PeerUnderTest,
  papers: Papers,
): Promise<readonly Uint8Array[]> {
  await using tester = surveyor(tools, put, papers);
  try {
    const stream = await tester.connect();
    const nonce = chanceOf(tools.seed, `identities of ${put.name}`).uint64();
    stream.send(unsigned(identityHello(nonce)));
    const { value } = await stream.expect('dataDig');
    stream.send(unsigned(identityRequest(nonce, value.digests)));
    const update = await stream.expect('dataUpdate');
    return update.value.data.flatMap(({ payload }) => {
      const { content } = decodeMessage(payload);
      return content?.kind === 'peerIdentity' ? [content.value.cert] : [];
    });
  } catch (error) {
    if (error instanceof Violation || error instanceof WireError) return [];
    throw error;
  }
}

/**
 * Whether the peer offers no block of the channel: it keeps those of the last minutes (BLOCK-13). One that answers
 * nothing of the channel is to be judged for that, and hence taken for one that holds none.
 */
export async function holdsNoBlock(
  tools: SurveyTools,
  put: PeerUnderTest,
  papers: Papers,
  channel: string,
): Promise<boolean> {
  await using tester = surveyor(tools, put, papers);
  try {
    const stream = await tester.connect();
    await enterChannel(tester, stream, channel);
    const nonce = chanceOf(tools.seed, `blocks of ${put.name}`).uint64();
    stream.send(blockHello(channel, nonce));
    stream.send(unsigned(identityHello(nonce)));
    await stream.expect('dataDig', { where: ({ value }) => value.msgType === PullMsgType.IDENTITY_MSG });
    await pause(tools.clock, new Waits(tools.timing).quietMs);
    return !stream.has('dataDig', (one) => isBlockDigestOf([nonce])(one) && one.value.digests.length > 0);
  } catch (error) {
    if (error instanceof Violation || error instanceof WireError) return true;
    throw error;
  }
}
