import type { Clock } from '../../src/ports/clock';
import type { Random } from '../../src/ports/random';
import { TransportError } from '../../src/transport';
import { decodeMessage, WireError, type ContentOf } from '../../src/wire';
import { NetworkError } from '../run-types';
import { sameBytes } from '../steps/bytes';
import { identityHello, identityRequest, unsigned } from '../steps/messages';
import type { Lines } from './lines';
import type { Papers, PeerUnderTest } from './target';
import { Tester } from './tester';
import { TesterStream } from './tester-stream';
import { Waits, type GossipTiming } from './timing';
import { Violation } from './verdict';

/** What a survey works with. */
export interface SurveyTools {
  readonly clock: Clock;
  readonly random: Random;
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
  const failure = await lines.ping(endpoint, tls, timing.dialTimeoutMs + timing.connTimeoutMs);
  if (failure !== undefined) throw new NetworkError(`No gossip peer at ${endpoint}: ${failure}`);
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
    `${endpoint} answers Ping, but shakes no hands (${refusal}). Is it a peer’s gossip endpoint?`,
  );
}

/** The peer's ConnEstablish, or what came in its place. */
type Shown = ContentOf<'conn'> | string;

async function connUnasked(tools: SurveyTools, put: PeerUnderTest, tls: Papers['tls']): Promise<Shown> {
  const { clock, lines, timing } = tools;
  const { answerMs } = new Waits(timing);
  const parties = { clock, tester: 'tester', peer: () => put.name, note: () => undefined, answerMs };
  const stream = new TesterStream(parties);
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
  new Tester(papers, '127.77.0.0:9', {
    ...tools,
    put,
    waits: new Waits(tools.timing),
    note: () => undefined,
  });

/** How an introduction went: the peer's external endpoint, or why the tester was refused. */
export type Introduction =
  { readonly ok: true; readonly externalEndpoint: string } | { readonly ok: false; readonly reason: string };

/** Introduces a tester to the peer: handshake and membership request. */
export async function introduce(
  tools: SurveyTools,
  put: PeerUnderTest,
  papers: Papers,
): Promise<Introduction> {
  await using tester = surveyor(tools, put, papers);
  try {
    const { response } = await tester.join();
    const own = response.value.alive
      .map(({ payload }) => decodeMessage(payload).content)
      .find((one) => one?.kind === 'aliveMsg' && sameBytes(one.value.membership?.pkiId, put.pkiId));
    return {
      ok: true,
      externalEndpoint: own?.kind === 'aliveMsg' ? (own.value.membership?.endpoint ?? '') : '',
    };
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { ok: false, reason: error.actual };
  }
}

/** Whether the peer accepts the handshake of these papers: its stream is still open a while after. */
export async function accepts(tools: SurveyTools, put: PeerUnderTest, papers: Papers): Promise<boolean> {
  const waits = new Waits(tools.timing);
  await using tester = surveyor(tools, put, papers);
  try {
    const stream = await tester.connect();
    const refusal = await stream.expectEnd('an end', waits.quietMs).catch(() => undefined);
    return refusal === undefined;
  } catch (error) {
    if (error instanceof Violation) return false;
    throw error;
  }
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
    const nonce = tools.random.uint64();
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
