import { envelope, Tag, type Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { Tester } from '../harness/tester';
import { demand, demandInTime } from '../harness/verdict';
import { sameEnvelope, unknownField, withBadSignature, withoutSignature } from '../steps/alive';
import { sameBytes } from '../steps/bytes';
import { entriesAbout, entriesOf, Observer, quietMember, shows } from '../steps/membership';
import { identityHello, membershipRequest, signed, unsigned, withSecret } from '../steps/messages';
import { demandOwnAlive, nextHeartbeat, nextRequest, selfInformationOf, timeIn } from '../steps/own-alive';
import { neverRelayedTo, relayedTo } from '../steps/relay';

/** Nonces that a peer which reads them as numbers or as 32 bits would not give back. */
const nonces = [4711n, 0n, 2n ** 53n + 1n, 2n ** 64n - 1n];

/** Self informations that must not be answered, each with what is wrong with it. */
function badSelfInformation(tester: Tester, other: Tester): ReadonlyMap<string, Envelope | undefined> {
  return new Map([
    ['self_information of another peer', other.alive()],
    ['unsigned self_information', withoutSignature(tester.alive())],
    ['self_information with a corrupted signature', withBadSignature(tester.alive())],
    ['self_information signed by another', signedBy(other, tester)],
    ['no self_information', undefined],
    ['self_information that is no alive message', signed(tester.identity, identityHello(1n))],
    ['self_information that does not decode', envelope(Uint8Array.of(0xff, 0xff, 0xff))],
    ['self_information with the identity of another', tester.alive({ identity: other.identity.serialized })],
    [
      'self_information with a secret signed by another',
      withSecret(tester.aliveWithoutSecret(), tester.endpoint, other.identity),
    ],
  ]);
}

/** The tester's alive message with a signature of another peer, whose identity is not inside. */
function signedBy(signer: Tester, tester: Tester): Envelope {
  const { payload } = tester.alive();
  return envelope(payload, signer.identity.sign(payload));
}

export const requestChecks: readonly Check[] = [
  check(
    'MEMB-01',
    'introduces itself with a fresh alive message, unsigned outside',
    { lane: 'view', long: true },
    async (t) => {
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const requests = await t.control('the peer asks its members', async () => [
        await nextRequest(t, stream),
        await nextRequest(t, stream),
      ]);
      const told = requests.map((request) => {
        const { message, value } = request;
        demand(message.tag === Tag.EMPTY, 'tag EMPTY (1)', `tag ${message.tag}`);
        demand(message.channel.length === 0, 'no channel', `${message.channel.length} bytes`);
        demand(request.envelope.signature.length === 0, 'an unsigned request', 'a signature');
        demand(
          request.envelope.secretEnvelope === undefined,
          'a request without a secret of its own',
          'a secret',
        );
        demand(value.known.length === 0, 'an empty list of those known', `${value.known.length} entries`);
        const self = selfInformationOf(request);
        demandOwnAlive(t.put, self, 'the self_information of a request');
        return timeIn(self, 'the self_information of a request');
      });
      const [first, second] = told;
      demand(
        first !== undefined && second !== undefined && second.seqNum > first.seqNum,
        'a newly built alive message in each request',
        () => told.map(({ seqNum }) => `seq_num ${seqNum.toString()}`).join(', then '),
      );
      const heartbeats = stream.received.filter((one) => one.kind === 'aliveMsg');
      const borrowed = heartbeats.some(({ envelope: pushed }) =>
        requests.some((request) => sameBytes(pushed.payload, selfInformationOf(request).payload)),
      );
      demand(!borrowed, 'an alive message built for the request', 'a heartbeat that was pushed');
    },
  ),

  check(
    'MEMB-02',
    'answers no request whose self_information is not the sender’s own and genuine',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      // All at once: the peer must not come to think meanwhile that the tester has died.
      const bad = badSelfInformation(t.tester, t.witness);
      const nonces = new Map([...bad.keys()].map((what) => [what, t.random.uint64()]));
      for (const [what, nonce] of nonces) stream.sendWrong(unsigned(membershipRequest(nonce, bad.get(what))));
      await t.marker(stream);
      await t.quiet();
      for (const [what, nonce] of nonces) {
        // It may come to the one who was introduced instead of the one who asked (LIFE-06).
        for (const one of [stream, observer.stream]) {
          one.expectNone(
            'memRes',
            `no response to a request with ${what}`,
            ({ message }) => message.nonce === nonce,
          );
        }
      }
      const entries = await observer.entries();
      for (const [what, selfInformation] of bad) {
        const isListed = selfInformation !== undefined && shows(entries, selfInformation);
        demand(!isListed, `no effect of a request with ${what}`, 'the peer lists it');
      }
      await t.tester.askMembership(stream);
    },
  ),

  check(
    'MEMB-03',
    'takes a requester into its view by the very request',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      // Nothing else tells of it: a response of its own would refresh it too.
      t.tester.manners.answersRequests = false;
      const stream = await t.control('a tester connects', () => t.tester.connect());
      const self = t.tester.alive({ metadata: Uint8Array.of(7) }, { unknownFields: [unknownField] });
      const { value } = await t.tester.askMembership(stream, t.tester.request(1n, self), 1n);
      const entries = entriesAbout(entriesOf(value), t.tester.pkiId);
      demand(
        entries.some((entry) => entry.list === 'alive' && sameEnvelope(entry.envelope, self)),
        'the requester’s own alive message among those alive, in the very response',
        entries.length === 0 ? 'no entry of the requester' : 'another entry',
      );
      await observer.sees(self, 'a member introduced by its request', 'alive');
      // Newer ones refresh the entry.
      const newer = t.tester.alive();
      await t.tester.askMembership(stream, t.tester.request(2n, newer), 2n);
      await observer.sees(newer, 'a newer self_information', 'alive');
    },
  ),

  check('MEMB-03', 'does not relay the self_information of requests', { lane: 'view', own: 2 }, async (t) => {
    const observer = await Observer.join(t, t.witness);
    const stream = await quietMember(t, t.tester);
    await t.control('pushed alive messages are relayed', () =>
      relayedTo(t, observer.stream, () => {
        const alive = t.tester.alive();
        stream.send(alive);
        return alive;
      }),
    );
    await neverRelayedTo(t, observer.stream, stream, 'self_information of a request', () => {
      const self = t.tester.alive();
      stream.send(t.tester.request(t.random.uint64(), self));
      return self;
    });
  }),

  check(
    'MEMB-04',
    'answers with the nonce of the request, unsigned, with tag EMPTY',
    { lane: 'view' },
    async (t) => {
      const stream = await t.control('a tester connects', async () => {
        const connected = await t.tester.connect();
        await t.marker(connected);
        return connected;
      });
      for (const nonce of nonces) {
        stream.send(t.tester.request(nonce));
        const { message, envelope: outer } = await stream.expect('memRes', { what: 'a MembershipResponse' });
        demand(
          message.nonce === nonce,
          `nonce ${nonce.toString()}, as in the request`,
          message.nonce.toString(),
        );
        demand(message.tag === Tag.EMPTY, 'tag EMPTY (1)', `tag ${message.tag}`);
        demand(message.channel.length === 0, 'no channel', `${message.channel.length} bytes`);
        demand(outer.signature.length === 0, 'an unsigned response', 'a signature');
        demand(outer.secretEnvelope === undefined, 'a response without a secret of its own', 'a secret');
      }
    },
  ),

  check(
    'MEMB-05',
    'answers the same request twice, and an older one as well',
    { lane: 'view' },
    async (t) => {
      const stream = await t.control('a tester connects', () => t.tester.connect());
      const older = t.tester.request(1n);
      const request = t.tester.request(2n);
      await t.control('a request is answered', () => t.tester.askMembership(stream, request, 2n));
      await t.tester.askMembership(stream, request, 2n);
      await t.tester.askMembership(stream, older, 1n);
      // Nor does it depend on whether the alive message was pushed before.
      const pushed = t.tester.alive();
      stream.send(pushed);
      await t.marker(stream);
      await t.tester.askMembership(stream, t.tester.request(3n, pushed), 3n);
    },
  ),

  check(
    'MEMB-08',
    'leaves nothing out because a requester says that it knows it',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const everybody = [t.tester.pkiId, t.witness.pkiId, t.put.pkiId];
      const ask = async (known: readonly Uint8Array[]): Promise<readonly string[]> => {
        const nonce = t.random.uint64();
        const request = unsigned(membershipRequest(nonce, t.tester.alive(), known));
        const { value } = await t.tester.askMembership(stream, request, nonce);
        const alive = entriesOf(value).filter(({ list }) => list === 'alive');
        return everybody.map((pkiId) => `${entriesAbout(alive, pkiId).length}`);
      };
      const all = everybody.map(() => '1').join();
      await t.control('all three are listed', async () => {
        demandInTime((await ask([])).join() === all, 'one entry each', 'another number');
      });
      const left = await ask(everybody);
      demandInTime(
        left.join() === all,
        'the same three, whatever the requester knows',
        () => `entries: ${left.join(', ')}`,
      );
      await nextHeartbeat(t, observer.stream);
    },
  ),
];
