import type { Millis } from '../../src/ports/clock';
import { StatusCode } from '../../src/ports/transport';
import {
  decodeEnvelope,
  decodeMessage,
  encodeEnvelope,
  envelope,
  type Content,
  type Envelope,
} from '../../src/wire';
import { BareSession, type BareCall } from '../harness/bare/http2-client';
import type { Frame } from '../harness/bare/frames';
import { sayAndListen } from '../harness/bare/tls-client';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { tlsHash, type Tester } from '../harness/tester';
import { demand, demandInTime } from '../harness/verdict';
import { GOSSIP_STREAM, PING } from '../steps/bare-host';
import { verifiesClients } from '../steps/client-auth';
import { honestHandshake, refusedConn } from '../steps/handshake';
import { connMessage, identityHello, signed, unsigned } from '../steps/messages';
import { persist } from '../steps/pull';
import { lengthDelimited } from '../steps/wire-fields';

const MIB = 1_048_576;
/** peer.connectiontimeout */
const CONNECTION_TIMEOUT_MS = 5_000;

/** A Hello in an envelope made large by a field that nobody knows. */
const largeHello = (nonce: bigint, bytes: number): Envelope => ({
  ...unsigned(identityHello(nonce)),
  unknownFields: [lengthDelimited(100, new Uint8Array(bytes))],
});

/** An HTTP/2 connection to the peer, by hand; it shows the tester's certificate. */
async function session(t: CheckContext, endpoint = t.put.endpoint): Promise<BareSession> {
  const tls = t.tls ? { shown: t.tester.papers.tls } : undefined;
  const opened = await BareSession.open(t.clock, endpoint, tls, t.waits.answerMs);
  t.sign(`an HTTP/2 connection at ${endpoint}`);
  return opened;
}

/** Ping by hand: the status, and the bytes of the answer. */
async function ping(
  t: CheckContext,
  on: BareSession,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number | undefined; frames: readonly Frame[] }> {
  const call = on.call(PING, headers);
  call.write(new Uint8Array());
  call.halfClose();
  const status = await call.expectEnd('an answer to Ping', t.waits.answerMs);
  t.sign(`Ping: status ${status ?? '(none)'}`);
  return { status, frames: call.frames };
}

async function demandPing(
  t: CheckContext,
  on: BareSession,
  headers?: Readonly<Record<string, string>>,
): Promise<void> {
  const { status, frames } = await ping(t, on, headers);
  demand(status === StatusCode.OK, 'status OK for Ping', `status ${status ?? '(none)'}`);
  demand(frames.length === 1, 'one message in answer to Ping', `${frames.length}`);
  demand(frames[0]?.message.length === 0, 'an Empty', `${frames[0]?.message.length ?? 0} bytes`);
}

/** The content of the gossip message in a frame. */
function contentIn({ compressed, message }: Frame): Content | undefined {
  demand(!compressed, 'an uncompressed message', 'a compressed one');
  return decodeMessage(decodeEnvelope(message).payload).content;
}

/** Awaits the digest that answers the Hello with this nonce. */
async function expectDigest(call: BareCall, nonce: bigint, what: string, withinMs: Millis): Promise<void> {
  const isAnswer = (content?: Content): boolean =>
    content?.kind === 'dataDig' && content.value.nonce === nonce;
  await call.expectFrame(what, (one) => isAnswer(contentIn(one)) || undefined, withinMs);
}

/** Shakes hands on a call by hand, and is answered a Hello. */
async function converse(t: CheckContext, call: BareCall, tester: Tester): Promise<void> {
  const isConn = (one: Frame): true | undefined => contentIn(one)?.kind === 'conn' || undefined;
  await call.expectFrame('the peer’s ConnEstablish', isConn, t.waits.answerMs);
  const hash = tlsHash(tester.papers.tls?.leafDer);
  call.write(encodeEnvelope(signed(tester.identity, connMessage(tester.identity, hash))));
  const nonce = t.random.uint64();
  call.write(encodeEnvelope(unsigned(identityHello(nonce))));
  await expectDigest(call, nonce, 'an answer to an identity Hello', t.waits.answerMs);
}

/** The peer as the one who is called. */
export const rpcChecks: readonly Check[] = [
  check('RPC-01', 'serves Ping and GossipStream, and no other method', {}, async (t) => {
    const { tls } = t.tester.papers;
    const failure = await t.lines.ping(t.put.endpoint, tls, t.waits.answerMs);
    demandInTime(failure === undefined, 'Ping answered', () => failure ?? '');
    const stream = await t.tester.connect();
    await t.marker(stream);
    for (const path of ['/gossip.Gossip/NoSuchMethod', '/gossip.NoSuchService/Ping', '/Gossip/Ping']) {
      const status = await t.lines.call(t.put.endpoint, tls, path, t.waits.answerMs);
      demand(
        status === StatusCode.UNIMPLEMENTED,
        `status UNIMPLEMENTED (12) for ${path}`,
        `status ${status}`,
      );
    }
    await t.marker(stream);
  }),

  check(
    'RPC-01',
    'serves both methods where it says that other organisations reach it',
    { needs: ['external-endpoint', 'external-endpoint-here'] },
    async (t) => {
      await using advertised = await session(t, t.put.externalEndpoint);
      await demandPing(t, advertised);
      await converse(t, advertised.call(GOSSIP_STREAM), t.tester);
    },
  ),

  check('RPC-02', 'answers Ping with an Empty before any handshake', {}, async (t) => {
    await using bare = await session(t);
    await demandPing(t, bare);
    await demandPing(t, bare);
  }),

  check(
    'RPC-02',
    'answers Ping to a caller without a TLS certificate, unless it demands one of every caller',
    { needs: ['tls'] },
    async (t) => {
      await t.control('Ping with a certificate is answered', async () => {
        await using bare = await session(t);
        await demandPing(t, bare);
      });
      if (await verifiesClients(t)) return;
      await using anonymous = await BareSession.open(
        t.clock,
        t.put.endpoint,
        { shown: undefined },
        t.waits.answerMs,
      );
      await demandPing(t, anonymous);
    },
  ),

  check(
    'RPC-04',
    'ends a stream with RESOURCE_EXHAUSTED whose message is larger than 100 MiB, and takes one of 5 MiB',
    { long: true },
    async (t) => {
      await using bare = await session(t);
      const call = bare.call(GOSSIP_STREAM);
      await t.control('a stream by hand works', () => converse(t, call, t.tester));
      const nonce = t.random.uint64();
      call.write(encodeEnvelope(largeHello(nonce, 5 * MIB)));
      await expectDigest(call, nonce, 'an answer to a Hello of 5 MiB', 3 * t.waits.answerMs);
      // The prefix alone says that it is too large; nothing of it needs to follow.
      call.write(new Uint8Array(1), 100 * MIB + 1);
      const status = await call.expectEnd(
        'the end of a stream with a message above 100 MiB',
        t.waits.answerMs,
      );
      demand(
        status === StatusCode.RESOURCE_EXHAUSTED,
        'status RESOURCE_EXHAUSTED (8)',
        `status ${status ?? '(none)'}`,
      );
      await t.demandAlive();
    },
  ),

  check(
    'RPC-05',
    'sends GOAWAY to a client whose HTTP/2 pings come faster than once a minute',
    {},
    async (t) => {
      await using bare = await session(t);
      const call = bare.call(GOSSIP_STREAM);
      await t.control('a stream by hand works', () => converse(t, call, t.tester));
      await t.quiet();
      demandInTime(await bare.ping(t.waits.answerMs), 'an answer to the first HTTP/2 ping', 'none');
      demand(bare.goAway === undefined, 'no GOAWAY for one HTTP/2 ping', 'one');
      // Two more are forgiven; what follows at once is far too much.
      for (let left = 10; left > 0 && (await bare.ping(t.waits.answerMs)); left--);
      demandInTime(
        await bare.ended(t.waits.answerMs),
        'GOAWAY for HTTP/2 pings without pause',
        'a connection that stays',
      );
      await t.demandAlive();
    },
  ),

  check('RPC-09', 'needs nothing beyond bare gRPC, and sends nothing compressed', {}, async (t) => {
    await using bare = await session(t);
    await demandPing(t, bare);
    const call = bare.call(GOSSIP_STREAM);
    await converse(t, call, t.tester);
    const encoding = call.headers?.['grpc-encoding'] ?? 'identity';
    demand(encoding === 'identity', 'no compression', `grpc-encoding ${String(encoding)}`);
  }),

  check('RPC-09', 'reads no metadata, and does not compress for who could read it', {}, async (t) => {
    await using bare = await session(t);
    const metadata = {
      'grpc-accept-encoding': 'identity,deflate,gzip',
      authorization: 'Bearer nobody',
      'x-pki-id': 'nobody',
      'tls-cert-hash-bin': 'AAAA',
    };
    await demandPing(t, bare, metadata);
    await converse(t, bare.call(GOSSIP_STREAM, metadata), t.tester);
  }),

  check(
    'RPC-10',
    'ends a stream at once with UNKNOWN whose client half-closes it, and forgets it',
    {},
    async (t) => {
      const atOnceMs = t.waits.settings.connTimeoutMs / 2;
      // A loaded machine may be late once.
      await persist(async () => {
        const stream = await t.tester.connect();
        await t.control('the handshake is accepted', () => t.marker(stream));
        const closedMs = t.clock.now();
        t.lines.halfClose(stream);
        const ending = await stream
          .expectEnd('the end of a half-closed stream, at once', 2 * atOnceMs)
          .catch((error: unknown) => {
            t.lines.close(stream); // Or the next attempt would be a second stream (LIFE-03).
            throw error;
          });
        demand(ending.code === StatusCode.UNKNOWN, 'status UNKNOWN (2)', `status ${ending.code}`);
        const tookMs = (stream.endedAtMs ?? Infinity) - closedMs;
        const late = `it came after ${Math.round(tookMs)} ms`;
        demandInTime(tookMs < atOnceMs, 'the end of a half-closed stream, at once', late);
      }, 3);
      // Had it kept the connection, a second inbound stream would end both (LIFE-03).
      const again = await t.tester.connect();
      await t.marker(again);
      await t.quiet();
      demandInTime(again.isOpen, 'another stream, which stays open', 'its end');
      await t.marker(again);
    },
  ),

  check(
    'RPC-07',
    'drops a connection on which nothing is said for five seconds',
    // A recruit has `peer.connectiontimeout` as Fabric sets it, which nobody tells of other peers.
    { recruit: {}, long: true },
    async (t) => {
      await t.recruit.start({});
      await t.demandAlive();
      const fromMs = t.clock.now();
      const heard = await sayAndListen(
        t.clock,
        t.put.endpoint,
        new Uint8Array(),
        CONNECTION_TIMEOUT_MS + t.waits.answerMs,
      );
      const tookMs = t.clock.now() - fromMs;
      demandInTime(heard.closed, 'the end of a connection on which nothing is said', 'it is open');
      demandInTime(
        tookMs > 0.95 * CONNECTION_TIMEOUT_MS && tookMs < 1.3 * CONNECTION_TIMEOUT_MS,
        `its end after ${CONNECTION_TIMEOUT_MS} ms`,
        `after ${Math.round(tookMs)} ms`,
      );
      await t.demandAlive();
    },
  ),

  check('RPC-11', 'ends a refused stream with UNKNOWN, and a probe with OK', {}, async (t) => {
    await honestHandshake(t, t.tester);
    const refused = await t.tester.dial();
    const bad = { ...t.tester.conn(refused), signature: new Uint8Array() };
    await refusedConn(t, refused, bad, 'the ConnEstablish is not signed');
    const probe = await t.tester.dial();
    probe.send(t.tester.conn(probe, { probe: true }));
    const ending = await probe.expectEnd('the end of a probe');
    demand(ending.code === StatusCode.OK, 'status OK for a probe', `status ${ending.code}`);
    const garbled = await t.tester.connect();
    await t.marker(garbled);
    garbled.sendWrong(envelope(Uint8Array.of(0xff, 0xff, 0xff)));
    const end = await garbled.expectEnd('the end of a stream with a payload that does not decode');
    demand(
      end.code === StatusCode.UNKNOWN,
      'status UNKNOWN for a payload that does not decode',
      `status ${end.code}`,
    );
    await t.demandAlive();
  }),
];
