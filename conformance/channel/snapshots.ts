import { createHash } from 'node:crypto';
import { channelMac } from '../../src/identity';
import { Tag } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, Violation } from '../harness/verdict';
import { snapshotRequest } from '../steps/block-pull';
import { sameBytes } from '../steps/bytes';
import { demandChannel } from '../steps/channel-field';
import { connected } from '../steps/handshake';
import { flipBit } from '../steps/messages';
import { Observer } from '../steps/membership';
import {
  askListed,
  askSnapshot,
  awaitListed,
  channelOf,
  isBy,
  listedIn,
  stateInfoWith,
} from '../steps/snapshots';

/** What all snapshots have in common (SINF-09). */
function demandSnapshot({ message, envelope }: Received<'stateSnapshot'>, channel: string): void {
  demand(message.tag === Tag.CHAN_OR_ORG, 'tag CHAN_OR_ORG (5)', `tag ${message.tag}`);
  demand(message.nonce === 0n, 'nonce 0', message.nonce.toString());
  demandChannel({ message }, channel);
  demand(envelope.signature.length === 0, 'no signature', `${envelope.signature.length} bytes of one`);
}

/** MACs that are not this tester's for the channel, each with how it was made. */
function wrongMacs(t: CheckContext): ReadonlyMap<string, Uint8Array> {
  const right = channelMac(t.tester.pkiId, channelOf(t));
  return new Map([
    ['of another PKI-ID', channelMac(t.put.pkiId, channelOf(t))],
    ['of another channel', channelMac(t.tester.pkiId, `${channelOf(t)}x`)],
    ['of no PKI-ID', createHash('sha256').update(channelOf(t)).digest()],
    ['with one bit flipped', flipBit(right, 255)],
    ['cut short', right.subarray(0, 31)],
    ['with a byte too many', Buffer.concat([right, Uint8Array.of(0)])],
    ['that is empty', new Uint8Array()],
  ]);
}

/** Tells the peer a StateInfo of an author and awaits it in what an own-org tester is told. */
async function enter(
  t: CheckContext,
  [asker, asking]: readonly [Tester, TesterStream],
  author: Tester,
  on: TesterStream,
): Promise<void> {
  const time = author.nextTime();
  on.send(stateInfoWith(author, channelOf(t), { timestamp: time }));
  await awaitListed(t, [asker, asking], author, time, 'a StateInfo of a tester');
}

async function joinHidden(t: CheckContext, tester: Tester): Promise<TesterStream> {
  tester.externalEndpoint = '';
  return (await Observer.join(t, tester)).stream;
}

/** Who is shown to somebody, and who is not; each with what it is. */
interface Shown {
  readonly yes: ReadonlyMap<string, Uint8Array>;
  readonly no: ReadonlyMap<string, Uint8Array>;
}

async function demandShown(
  t: CheckContext,
  asker: Tester,
  on: TesterStream,
  { yes, no }: Shown,
): Promise<void> {
  const listed = listedIn(await askSnapshot(t, asker, on));
  const isShown = (pkiId: Uint8Array): boolean => listed.some(isBy(pkiId));
  for (const [who, pkiId] of yes) demand(isShown(pkiId), `a snapshot that lists ${who}`, 'it does not');
  for (const [who, pkiId] of no) demand(!isShown(pkiId), `a snapshot that does not list ${who}`, 'it does');
}

/** Requests for StateInfo, and what is told in answer. */
export const snapshotChecks: readonly Check[] = [
  check(
    'SINF-09',
    'answers a request for StateInfo with one snapshot that names its channel',
    { needs: ['channel'] },
    async (t) => {
      const stream = await connected(t);
      const told = await askSnapshot(t, t.tester, stream);
      demandSnapshot(told, channelOf(t));
      demand(listedIn(told).some(isBy(t.put.pkiId)), 'a snapshot that lists the peer', 'one that does not');
      await t.marker(stream);
      await t.quiet();
      stream.expectNone('stateSnapshot', 'one snapshot for one request');
      demandSnapshot(await askSnapshot(t, t.tester, stream), channelOf(t));
    },
  ),

  check(
    'SINF-09',
    'answers whoever shakes hands, though it knows nothing else of it',
    { needs: ['channel', 'fresh'] },
    async (t) => {
      const newcomer = await t.issue();
      const stream = await newcomer.connect();
      demandSnapshot(await askSnapshot(t, newcomer, stream), channelOf(t));
    },
  ),

  check('SINF-10', 'answers no request with a wrong MAC', { needs: ['channel'] }, async (t) => {
    const stream = await connected(t);
    for (const [what, mac] of wrongMacs(t)) {
      stream.send(snapshotRequest(mac));
      await t.marker(stream);
      stream.expectNone('stateSnapshot', `no snapshot for a MAC ${what}`);
    }
    await t.quiet();
    stream.expectNone('stateSnapshot', 'no snapshot for a wrong MAC');
    await t.control('a request with the right MAC is answered', () => askSnapshot(t, t.tester, stream));
  }),

  check(
    'SINF-11',
    'tells everything to its own organisation, and to others of its own only members with an external endpoint',
    { lane: 'view', own: 3, foreign: 1, needs: ['channel', 'external-endpoint'] },
    async (t) => {
      const { stream: open } = await Observer.join(t, t.tester);
      const hidden = await joinHidden(t, t.witness);
      const aside = await connected(t, t.third);
      const { stream: foreign } = await t.control('a foreign tester joins', () => t.stranger.join());
      const asker = [t.tester, open] as const;
      await enter(t, asker, t.tester, open);
      await enter(t, asker, t.witness, hidden);
      await enter(t, asker, t.third, aside);
      await enter(t, asker, t.stranger, foreign);
      const self = ['the peer', t.put.pkiId] as const;
      const told = ['a member of its organisation with an external endpoint', t.tester.pkiId] as const;
      const secret = ['a member of its organisation without one', t.witness.pkiId] as const;
      const theirs = ['a foreign member', t.stranger.pkiId] as const;
      await demandShown(t, t.stranger, foreign, {
        yes: new Map([self, told, theirs]),
        no: new Map([secret]),
      });
      await demandShown(t, t.tester, open, { yes: new Map([self, told, secret, theirs]), no: new Map() });
    },
  ),

  check(
    'SINF-11',
    'tells its own organisation of members that have left the channel, too',
    { lane: 'view', own: 2, needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const { stream: gone } = await Observer.join(t, t.witness);
      const timestamp = t.witness.nextTime();
      const properties = { ledgerHeight: 1n, leftChannel: true, chaincodes: [] };
      gone.send(stateInfoWith(t.witness, channelOf(t), { timestamp, properties }));
      await awaitListed(t, [t.tester, stream], t.witness, timestamp, 'a StateInfo of one who has left');
    },
  ),

  check(
    'SINF-11',
    'does not tell other organisations of one of its own whom it does not know as a member',
    { lane: 'view', foreign: 1, needs: ['channel', 'external-endpoint', 'fresh'] },
    async (t) => {
      const { stream: own } = await Observer.join(t, t.tester);
      const foreign = await connected(t, t.stranger);
      const loner = await t.issue();
      const aside = await connected(t, loner);
      await t.control('StateInfo of one who is no member is kept', () =>
        enter(t, [t.tester, own], loner, aside),
      );
      const who = ['one of its organisation who is no member', loner.pkiId] as const;
      await demandShown(t, t.stranger, foreign, { yes: new Map(), no: new Map([who]) });
    },
  ),

  check('SINF-07', 'keeps StateInfo of one who is no member', { needs: ['channel', 'fresh'] }, async (t) => {
    const loner = await t.issue();
    const stream = await connected(t, loner);
    await t.eventually(
      'StateInfo of one who is no member, listed in a snapshot',
      t.waits.answerMs,
      async () => {
        // A sweep may come in between (SINF-14).
        stream.send(stateInfoWith(loner, channelOf(t), { timestamp: loner.nextTime() }));
        return (await askListed(t, loner, stream)).some(isBy(loner.pkiId));
      },
    );
  }),

  check(
    'SINF-08',
    'asks members of its own and of other organisations for StateInfo, by MAC',
    { lane: 'view', foreign: 1, needs: ['channel'] },
    async (t) => {
      const { stream } = await Observer.join(t, t.tester);
      const { stream: foreign } = await t.control('a foreign tester joins', () => t.stranger.join());
      await Promise.all([demandAsked(t, stream), demandAsked(t, foreign)]);
    },
  ),
];

/** A request of the peer's own for StateInfo, well made (SINF-08, TAG-04, TAG-05). */
async function demandAsked(t: CheckContext, stream: TesterStream): Promise<void> {
  const mac = channelMac(t.put.pkiId, channelOf(t));
  const { message, envelope } = await stream.expect('stateInfoPullReq', {
    // The peer may be on other channels too.
    where: ({ value }) => sameBytes(value.channelMac, mac),
    withinMs: t.waits.chosenMs(t.waits.settings.requestStateInfoIntervalMs),
    what: 'a StateInfoPullRequest of the peer to a member, with the MAC of its PKI-ID and the channel',
  });
  const expected: readonly (readonly [boolean, string, string])[] = [
    [message.tag === Tag.CHAN_OR_ORG, 'tag CHAN_OR_ORG (5)', `tag ${message.tag}`],
    [message.nonce === 0n, 'nonce 0', message.nonce.toString()],
    [message.channel.length === 0, 'an empty channel field', `${message.channel.length} bytes`],
    [envelope.signature.length === 0, 'no signature', 'one'],
  ];
  for (const [holds, what, actual] of expected) {
    if (!holds) throw new Violation(`a StateInfoPullRequest with ${what}`, actual);
  }
}
