import { PullMsgType, Tag, type Envelope, type GossipMessage } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { enterChannel } from '../steps/block-pull';
import { connected } from '../steps/handshake';
import { unmet } from '../steps/identities';
import { Observer, quietMember, shows } from '../steps/membership';
import {
  identityDigest,
  identityHello,
  identityRequest,
  identityUpdate,
  membershipRequest,
  membershipResponse,
  unsigned,
} from '../steps/messages';
import { askDigest, itemOf, nextHello, nobody, offered, offerItems } from '../steps/pull';

/** Every tag but EMPTY, and one that there is not. */
const wrongTags = [Tag.UNDEFINED, Tag.ORG_ONLY, Tag.CHAN_ONLY, Tag.CHAN_AND_ORG, Tag.CHAN_OR_ORG, 6];

const channel = Buffer.from('no-such-channel');

/** Sends Hellos of which none may be answered, then one that must be. */
async function unanswered(
  t: CheckContext,
  stream: TesterStream,
  hellos: ReadonlyMap<string, (nonce: bigint) => GossipMessage>,
): Promise<void> {
  const sent = new Map([...hellos].map(([what, make]) => [what, { nonce: t.random.uint64(), make }]));
  for (const { nonce, make } of sent.values()) stream.sendWrong(unsigned(make(nonce)));
  await t.marker(stream);
  await t.quiet();
  for (const [what, { nonce }] of sent) {
    stream.expectNone('dataDig', `no answer to ${what}`, ({ value }) => value.nonce === nonce);
  }
  demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
}

export const tagChecks: readonly Check[] = [
  check('TAG-01', 'drops identity Hellos and requests with another tag than EMPTY', {}, async (t) => {
    const stream = await connected(t);
    await unanswered(
      t,
      stream,
      new Map(
        wrongTags.map((tag) => [`a Hello with tag ${tag}`, (nonce: bigint) => identityHello(nonce, { tag })]),
      ),
    );
    const nonces = new Map<number, bigint>();
    for (const tag of wrongTags) {
      const { value } = await askDigest(t, stream);
      nonces.set(tag, value.nonce);
      stream.sendWrong(unsigned({ ...identityRequest(value.nonce, [t.put.pkiId]), tag }));
    }
    await t.marker(stream);
    await t.quiet();
    for (const [tag, nonce] of nonces) {
      const of = ({ value }: { value: { nonce: bigint } }): boolean => value.nonce === nonce;
      stream.expectNone('dataUpdate', `no update for a request with tag ${tag}`, of);
    }
    await t.control('a request with the right tag is served', async () => {
      const { value } = await askDigest(t, stream);
      stream.send(unsigned(identityRequest(value.nonce, [t.put.pkiId])));
      await stream.expect('dataUpdate');
    });
  }),

  check(
    'TAG-01',
    'drops identity digests and updates with another tag than EMPTY',
    { lane: 'view' },
    async (t) => {
      t.tester.manners.answersHellos = false;
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const hello = await t.control('the peer says Hello', () => nextHello(t, stream));
      for (const tag of wrongTags) {
        stream.sendWrong(unsigned({ ...identityDigest(hello.value.nonce, [nobody(t)]), tag }));
      }
      await t.quiet(2 * t.waits.settings.digestWaitTimeMs);
      const items = wrongTags.map(() => itemOf(unmet(t.tester.identity, t.random)));
      const ids = items.map(({ pkiId }) => pkiId);
      const { request } = await t.control('a digest with the right tag is used', () =>
        offerItems(t, stream, ids),
      );
      stream.expectNone(
        'dataReq',
        'no request for what a digest with a wrong tag told',
        ({ value }) => value.nonce === hello.value.nonce,
      );
      for (const [i, tag] of wrongTags.entries()) {
        const data = items.slice(i, i + 1).map(({ envelope }) => envelope);
        stream.sendWrong(unsigned({ ...identityUpdate(request.value.nonce, data), tag }));
      }
      await t.marker(stream);
      const taken = await offered(t, stream, ids);
      demand(taken.size === 0, 'no item of an update with a wrong tag', `${taken.size} of them`);
    },
  ),

  check(
    'TAG-01',
    'drops alive messages, membership requests and responses with another tag than EMPTY',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      const pushed = wrongTags.map(
        (tag) => [`an alive message with tag ${tag}`, t.tester.alive({}, { tag })] as const,
      );
      const introduced = wrongTags.map(
        (tag) => [`a request with tag ${tag}`, tag, t.tester.alive()] as const,
      );
      const told = wrongTags.map((tag) => [`a response with tag ${tag}`, tag, t.tester.alive()] as const);
      for (const [, alive] of pushed) stream.sendWrong(alive);
      for (const [, tag, alive] of introduced) {
        stream.sendWrong(unsigned({ ...membershipRequest(t.random.uint64(), alive), tag }));
      }
      for (const [, tag, alive] of told)
        stream.sendWrong(unsigned({ ...membershipResponse(0n, [alive]), tag }));
      const none = new Map<string, Envelope>([
        ...pushed,
        ...introduced.map(([what, , alive]) => [what, alive] as const),
        ...told.map(([what, , alive]) => [what, alive] as const),
      ]);
      await observer.seesNone(none, stream);
      stream.expectNone('memRes', 'no response to a request with a wrong tag');
      demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
      const good = t.tester.alive();
      stream.send(good);
      await t.control('an alive message with tag EMPTY is taken', () => observer.sees(good, 'it', 'alive'));
    },
  ),

  check('TAG-02', 'drops pull messages of no type, whatever their tag', {}, async (t) => {
    const stream = await connected(t);
    const msgType = PullMsgType.UNDEFINED;
    const hello = (nonce: bigint, tag: number): GossipMessage => ({
      ...identityHello(nonce, { tag }),
      content: { kind: 'hello', value: { nonce, metadata: new Uint8Array(), msgType } },
    });
    await unanswered(
      t,
      stream,
      new Map(
        [Tag.EMPTY, ...wrongTags].map((tag) => [
          `a Hello of no type with tag ${tag}`,
          (nonce: bigint) => hello(nonce, tag),
        ]),
      ),
    );
    const { value } = await askDigest(t, stream);
    const request = identityRequest(value.nonce, [t.put.pkiId]);
    stream.sendWrong(
      unsigned({
        ...request,
        content: { kind: 'dataReq', value: { nonce: value.nonce, digests: [t.put.pkiId], msgType } },
      }),
    );
    await t.marker(stream);
    await t.quiet();
    stream.expectNone('dataUpdate', 'no update for a request of no type');
  }),

  check('TAG-06', 'drops messages of a channel that it has not joined', {}, async (t) => {
    const stream = await connected(t);
    const blockHello = (nonce: bigint): GossipMessage => ({
      nonce: 0n,
      channel,
      tag: Tag.CHAN_AND_ORG,
      content: {
        kind: 'hello',
        value: { nonce, metadata: new Uint8Array(), msgType: PullMsgType.BLOCK_MSG },
      },
    });
    await unanswered(t, stream, new Map([['a block Hello of an unknown channel', blockHello]]));
    if (t.channel !== undefined) {
      // Now by one whom the peer answers where it holds blocks.
      await enterChannel(t.tester, stream, t.channel);
      await unanswered(t, stream, new Map([['the same by a member of a joined one', blockHello]]));
    }
    stream.send(
      unsigned({
        nonce: t.random.uint64(),
        channel,
        tag: Tag.CHAN_OR_ORG,
        content: { kind: 'stateRequest', value: { startSeqNum: 0n, endSeqNum: 0n } },
      }),
    );
    stream.send(
      unsigned({
        nonce: 0n,
        channel: new Uint8Array(),
        tag: Tag.CHAN_OR_ORG,
        content: { kind: 'stateInfoPullReq', value: { channelMac: new Uint8Array(32) } },
      }),
    );
    await t.marker(stream);
    await t.quiet();
    stream.expectNone('stateResponse', 'no blocks of an unknown channel');
    stream.expectNone('stateSnapshot', 'no state info of an unknown channel');
    demandInTime(stream.isOpen, 'a stream that stays open', 'it ended');
  }),

  check('TAG-09', 'ignores the channel of an identity Hello, and answers without one', {}, async (t) => {
    const stream = await connected(t);
    const nonce = t.random.uint64();
    stream.sendWrong(unsigned(identityHello(nonce, { channel })));
    const { message } = await stream.expect('dataDig', {
      where: ({ value }) => value.nonce === nonce,
      what: 'an answer to an identity Hello with a channel',
    });
    demand(message.channel.length === 0, 'a digest without channel', `${message.channel.length} bytes`);
  }),

  check(
    'TAG-10',
    'does not look at the tag of alive messages inside others',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      const more = { tag: Tag.CHAN_ONLY };
      const told = t.tester.alive({}, more);
      stream.send(unsigned(membershipResponse(0n, [told])));
      await observer.sees(told, 'an alive entry with another tag', 'alive');
      const self = t.tester.alive({}, more);
      await t.tester.askMembership(stream, t.tester.request(1n, self), 1n);
      demand(
        shows(await observer.entries(), self),
        'self_information with another tag, taken',
        'it is not listed',
      );
    },
  ),
];
