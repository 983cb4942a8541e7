import { StatusCode } from '../../src/ports/transport';
import { envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterServer } from '../harness/tester-server';
import type { TesterStream } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { sameBytes } from '../steps/bytes';
import { dialledBy, dialWithinMs, expectStreamOfPeer, provokeDial } from '../steps/dial-back';
import { identityHello, unsigned } from '../steps/messages';
import { nextHeartbeat, nextRequest } from '../steps/own-alive';

/** Requests whose answers must keep their order. */
const QUESTIONS = 30;

/** Whether the peer under test, and not another of its network, has opened a stream to this server. */
const wasDialled = (t: CheckContext, server: TesterServer): boolean =>
  server.streams.some(({ received }) =>
    received.some((one) => one.kind === 'conn' && sameBytes(one.value.pkiId, t.put.pkiId)),
  );

/** All that a member is sent unasked: a heartbeat, a MembershipRequest, an identity Hello. */
const unaskedTraffic = async (t: CheckContext, stream: TesterStream): Promise<void> => {
  await Promise.all([
    nextHeartbeat(t, stream),
    nextRequest(t, stream),
    stream.expect('hello', {
      withinMs: t.waits.chosenMs(t.waits.settings.pullIntervalMs),
      what: 'an identity Hello to a member',
    }),
  ]);
};

/** A tester whose handshake is done, and who is heard. */
const connected = (t: CheckContext): Promise<TesterStream> =>
  t.control('a well-formed handshake is accepted', async () => {
    const stream = await t.tester.connect();
    await t.marker(stream);
    return stream;
  });

/** Envelopes that are no gossip message, each with what is wrong. */
const unparseable: ReadonlyMap<string, Uint8Array> = new Map([
  ['bytes that are no message', Uint8Array.of(0xff, 0xff, 0xff)],
  ['a message that is cut off', Uint8Array.of(0x18, 0x01, 0x4a, 0x04, 0x08)],
  // tag EMPTY; alive_msg { membership { endpoint: ff fe } }
  ['a text that is not UTF-8', Uint8Array.of(0x18, 0x01, 0x2a, 0x06, 0x0a, 0x04, 0x0a, 0x02, 0xff, 0xfe)],
]);

export const lifeChecks: readonly Check[] = [
  check(
    'LIFE-01',
    'sends everything to a member over the stream that the member opened, wherever its endpoint is',
    { lane: 'view' },
    async (t) => {
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      await unaskedTraffic(t, stream);
    },
  ),

  check(
    'LIFE-01',
    'does not dial a member that is connected',
    { lane: 'view', needs: ['dial-back'] },
    async (t) => {
      const server = await t.tester.listen();
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      await t.control('the peer talks to its member', () => unaskedTraffic(t, stream));
      await t.quiet(2 * t.waits.settings.pullIntervalMs);
      demand(
        !wasDialled(t, server),
        'no second connection to a member that is connected',
        'the peer dialled it',
      );
      await t.marker(stream);
    },
  ),

  check(
    'LIFE-02',
    'gives up its own connection for one that the member opens',
    { lane: 'view', needs: ['dial-back'] },
    async (t) => {
      const { stream: outbound } = await dialledBy(t, t.tester);
      await t.control('the peer uses the connection it opened', () => t.marker(outbound));
      const inbound = await t.tester.connect();
      await outbound.expectEnd('the end of the stream that the peer had opened');
      await t.marker(inbound);
      await t.tester.askMembership(inbound);
      await unaskedTraffic(t, inbound);
    },
  ),

  check('LIFE-03', 'ends both of two streams that one peer opened', {}, async (t) => {
    const first = await connected(t);
    const second = await t.tester.dial();
    second.send(t.tester.conn(second));
    for (const [which, stream] of [
      ['first', first],
      ['second', second],
    ] as const) {
      const ending = await stream.expectEnd(`the end of the ${which} of two streams`);
      demand(ending.code === StatusCode.OK, `status OK for the ${which}`, `status ${ending.code}`);
    }
    const third = await t.tester.connect();
    await t.marker(third);
  }),

  check('LIFE-05', 'leaves an idle stream open, and sends nothing on it', { needs: ['fresh'] }, async (t) => {
    const unknown = await t.issue();
    const stream = await t.control('a well-formed handshake is accepted', () => unknown.connect());
    await t.quiet(1.5 * t.waits.settings.aliveExpirationTimeoutMs);
    const sent = stream.received.filter(({ kind }) => kind !== 'conn').map(({ kind }) => kind);
    demand(stream.isOpen, 'an idle stream that stays open', 'it ended');
    demand(sent.length === 0, 'nothing sent to a peer that never said it is alive', () => sent.join(', '));
    await t.marker(stream);
  }),

  check(
    'LIFE-06',
    'answers on the stream that was asked, whichever side opened it',
    {
      lane: 'view',
      needs: ['dial-back'],
    },
    async (t) => {
      const { server, stream: outbound } = await dialledBy(t, t.tester);
      await t.marker(outbound);
      await t.tester.askMembership(outbound);
      const inbound = await t.tester.connect();
      await t.control('the peer gives up its own connection', () => outbound.expectEnd('the end of its own'));
      const dialled = server.streams.length;
      await t.marker(inbound);
      await t.tester.askMembership(inbound);
      const later = server.streams.slice(dialled);
      demand(
        !later.some(({ received }) => received.some(({ kind }) => kind === 'dataDig' || kind === 'memRes')),
        'no answer by another connection',
        'one on a connection that the peer opened',
      );
    },
  ),

  check('LIFE-06', 'answers somebody who is no member on the stream that was asked', {}, async (t) => {
    const stream = await connected(t);
    await t.marker(stream);
  }),

  check('LIFE-07', 'dials a member whose stream ended', { lane: 'view', needs: ['dial-back'] }, async (t) => {
    const server = await provokeDial(t, t.tester);
    const stream = await expectStreamOfPeer(t, server, 'a stream to the internal endpoint', dialWithinMs(t));
    await t.marker(stream);
  }),

  check('LIFE-11', 'ends a stream on which something comes that is no message', {}, async (t) => {
    for (const [what, payload] of unparseable) {
      const stream = await connected(t);
      stream.send(envelope(payload), what);
      const ending = await stream.expectEnd(`the end of the stream after ${what}`);
      demand(ending.code === StatusCode.UNKNOWN, `status UNKNOWN after ${what}`, `status ${ending.code}`);
    }
    await t.demandAlive();
  }),

  check('LIFE-15', 'answers requests on one stream in their order', {}, async (t) => {
    const stream = await connected(t);
    const nonces = Array.from({ length: QUESTIONS }, () => t.random.uint64());
    for (const nonce of nonces) stream.send(unsigned(identityHello(nonce)));
    const answered: bigint[] = [];
    for (const nonce of nonces) {
      answered.push(
        (await stream.expect('dataDig', { what: `an answer to Hello ${nonce.toString()}` })).value.nonce,
      );
    }
    demand(answered.join() === nonces.join(), 'answers in the order of the requests', () =>
      answered.join(', '),
    );
  }),
];
