import { channelMac } from '../../src/identity';
import type { SigningIdentity } from '../../src/ports/identity';
import { Tag, type Envelope, type PeerTime } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { sameEnvelope, withBadSignature, withoutSignature } from '../steps/alive';
import { connected } from '../steps/handshake';
import { unmet } from '../steps/identities';
import { markerBehind, Observer } from '../steps/membership';
import { inBatches, PUSHES } from '../steps/relay';
import {
  askListed,
  awaitListed,
  channelOf,
  isPushedBy,
  lists,
  stateInfoWith,
  type Author,
} from '../steps/snapshots';

/** A StateInfo that must have no effect: whose, of when, and the bytes. */
interface Faulty {
  readonly author: Author;
  readonly time: PeerTime;
  readonly envelope: Envelope;
  /** Whether it may be passed on all the same. */
  readonly isRelayed?: boolean;
}

/** A StateInfo that names `author`, signed with the key of somebody else. */
const inTheNameOf = (author: SigningIdentity, signer: SigningIdentity): Author => ({
  identity: {
    pkiId: author.pkiId,
    mspId: author.mspId,
    serialized: author.serialized,
    notAfterMs: author.notAfterMs,
    sign: (payload) => signer.sign(payload),
    verify: (payload, signature) => author.verify(payload, signature),
  },
});

const faultyOf = (
  t: CheckContext,
  author: Author,
  change: (good: Envelope) => Envelope = (one) => one,
): Faulty => {
  const time = t.tester.nextTime();
  const good = stateInfoWith(author, channelOf(t), { timestamp: time });
  return { author, time, envelope: change(good) };
};

/**
 * A Violation if one of these is kept or passed on. They are pushed on `on`; the witness, a member, watches. Afterwards a
 * good one of `author`, older than all of these, must be kept.
 */
async function takesNone(
  t: CheckContext,
  on: TesterStream,
  witness: TesterStream,
  faulty: () => ReadonlyMap<string, Faulty>,
): Promise<void> {
  const time = t.tester.nextTime();
  const good = stateInfoWith(t.tester, channelOf(t), { timestamp: time });
  const all = faulty();
  for (const { envelope } of all.values()) on.sendWrong(envelope);
  await markerBehind(t, on);
  await t.quiet(t.waits.relayMs);
  const listed = await askListed(t, t.witness, witness);
  for (const [what, { author, time: its, isRelayed = false }] of all) {
    demand(!lists(listed, author, its), `no StateInfo ${what} in a snapshot`, 'the peer lists it');
    if (isRelayed) continue;
    witness.expectNone('stateInfo', `no StateInfo ${what} relayed`, isPushedBy(author, its));
  }
  demandInTime(on.isOpen, 'a stream that stays open', 'it ended');
  on.send(good);
  await t.control('a good StateInfo of the same tester is kept', () =>
    awaitListed(t, [t.witness, witness], t.tester, time, 'it'),
  );
}

/** Pushes fresh StateInfos until the peer relays one to the watcher; a Lateness if it relays none. */
async function relayedStateInfo(
  t: CheckContext,
  watcher: TesterStream,
  on: TesterStream,
  author: Tester,
): Promise<{ readonly sent: Envelope; readonly time: PeerTime; readonly received: Received<'stateInfo'> }> {
  const sent: { readonly time: PeerTime; readonly envelope: Envelope }[] = [];
  const sentAs = (one: Received<'stateInfo'>): (typeof sent)[number] | undefined =>
    sent.find(({ time }) => isPushedBy(author, time)(one));
  for (let i = 0; i < PUSHES && !watcher.has('stateInfo', (one) => sentAs(one) !== undefined); i++) {
    const time = author.nextTime();
    const envelope = stateInfoWith(author, channelOf(t), { timestamp: time });
    sent.push({ time, envelope });
    on.send(envelope);
    await t.quiet(20);
  }
  const received = await watcher.expect('stateInfo', {
    where: (one) => sentAs(one) !== undefined,
    withinMs: t.waits.relayMs,
    what: 'a StateInfo pushed by another, relayed',
  });
  const found = sentAs(received);
  if (found === undefined) throw new Error('what was relayed was never sent');
  return { sent: found.envelope, time: found.time, received };
}

/** Sends StateInfos often enough that a peer which relays them hits the watcher; a Violation if one reaches it. */
async function neverRelayed(
  t: CheckContext,
  watcher: TesterStream,
  on: TesterStream,
  what: string,
  author: Tester,
  make: () => { readonly time: PeerTime; readonly envelope: Envelope },
): Promise<void> {
  const sent = Array.from({ length: PUSHES }, make);
  await inBatches(t, on, sent, ({ envelope }) => {
    on.sendWrong(envelope);
  });
  await t.quiet(t.waits.relayMs);
  for (const { time } of sent)
    watcher.expectNone('stateInfo', `${what}, not relayed`, isPushedBy(author, time));
  if (!watcher.isOpen) throw new Inconclusive('the peer took the watcher for dead, and told it nothing');
}

/** What a peer does with the StateInfo that others push. */
export const stateInfoChecks: readonly Check[] = [
  check(
    'SINF-02',
    'drops StateInfo of an author it has never met, and without a good signature of its author',
    { lane: 'view', own: 2, needs: ['channel'] },
    async (t) => {
      const { stream: witness } = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const stranger = { identity: unmet(t.tester.identity, t.random) };
      await takesNone(
        t,
        stream,
        witness,
        () =>
          new Map([
            ['of an author it has never met', faultyOf(t, stranger)],
            ['without signature', faultyOf(t, t.tester, withoutSignature)],
            ['with a bad signature', faultyOf(t, t.tester, withBadSignature)],
            ['signed by another', faultyOf(t, inTheNameOf(t.tester.identity, t.witness.identity))],
            [
              'of another, signed by its sender',
              faultyOf(t, inTheNameOf(t.witness.identity, t.tester.identity)),
            ],
          ]),
      );
    },
  ),

  check(
    'SINF-02',
    'passes no such StateInfo on either where it does not know the channel',
    { lane: 'view', own: 2 },
    async (t) => {
      const { stream: witness } = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const channel = `no-such-channel-${t.random.uint64().toString(16)}`;
      const stranger = { identity: unmet(t.tester.identity, t.random) };
      const impostor = inTheNameOf(t.tester.identity, t.witness.identity);
      const timestamps = Array.from({ length: PUSHES }, () => t.tester.nextTime());
      await inBatches(t, stream, timestamps, (timestamp) => {
        stream.sendWrong(withBadSignature(stateInfoWith(t.tester, channel, { timestamp })));
        stream.sendWrong(stateInfoWith(impostor, channel, { timestamp }));
        stream.send(stateInfoWith(stranger, channel, { timestamp }));
      });
      await t.quiet(t.waits.relayMs);
      for (const time of timestamps) {
        for (const author of [t.tester, stranger]) {
          witness.expectNone(
            'stateInfo',
            'nothing relayed that is not its author’s',
            isPushedBy(author, time),
          );
        }
      }
      if (!witness.isOpen) throw new Inconclusive('the peer took the witness for dead, and told it nothing');
    },
  ),

  check(
    'SINF-03',
    'drops StateInfo with a MAC of another’s',
    { lane: 'view', own: 2, needs: ['channel'] },
    async (t) => {
      const { stream: witness } = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const mac = channelMac(t.witness.pkiId, channelOf(t));
      const other = t.tester.nextTime();
      const envelope = stateInfoWith(t.tester, channelOf(t), { timestamp: other, channelMac: mac });
      await takesNone(
        t,
        stream,
        witness,
        () =>
          new Map([
            // It might be of another channel, so it is passed on (TAG-07).
            ['with the MAC of another PKI-ID', { author: t.tester, time: other, envelope, isRelayed: true }],
          ]),
      );
    },
  ),

  check(
    'SINF-03',
    'drops StateInfo of an author who does not satisfy the channel’s Readers',
    { lane: 'view', own: 2, needs: ['channel', 'non-reader', 'fresh'] },
    async (t) => {
      const { stream: witness } = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const orderer = await t.issue({ role: 'orderer' });
      const theirs = await connected(t, orderer);
      const what = 'of a member of an organisation who is no reader';
      await takesNone(t, stream, witness, () => new Map([[what, faultyOf(t, orderer)]]));
      await takesNone(t, theirs, witness, () => new Map([[`${what}, by itself`, faultyOf(t, orderer)]]));
    },
  ),

  check(
    'SINF-07',
    'keeps newer StateInfo, and relays it as it came; drops what is not newer',
    { lane: 'view', own: 2, needs: ['channel'] },
    async (t) => {
      const { stream: witness } = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      const older = t.tester.nextTime();
      const { sent, time, received } = await relayedStateInfo(t, witness, stream, t.tester);
      demand(sameEnvelope(received.envelope, sent), 'the envelope as it came', 'another');
      // Not the first of its author alone.
      await relayedStateInfo(t, witness, stream, t.tester);
      const kept = await awaitListed(t, [t.witness, witness], t.tester, time, 'what was relayed');
      demand(kept.message.tag === Tag.CHAN_OR_ORG, 'the tag as it came', `tag ${kept.message.tag}`);
      // A higher inc_num goes before any seq_num (STORE-01).
      const { incNum, seqNum } = t.tester.nextTime();
      const reborn = { incNum: incNum + 1n, seqNum: 1n };
      const latest = { incNum: incNum + 1n, seqNum: 2n };
      const push = (timestamp: PeerTime): { time: PeerTime; envelope: Envelope } => {
        const envelope = stateInfoWith(t.tester, channelOf(t), {
          timestamp,
          // Other bytes than what was sent of that time.
          properties: { ledgerHeight: t.random.uint64() >> 1n, leftChannel: false, chaincodes: [] },
        });
        return { time: timestamp, envelope };
      };
      stream.send(push(reborn).envelope);
      await awaitListed(t, [t.witness, witness], t.tester, reborn, 'one of a higher inc_num');
      witness.send(push(latest).envelope);
      const what = 'one of a higher seq_num, brought by another';
      const newest = await awaitListed(t, [t.witness, witness], t.tester, latest, what);
      await t.quiet(t.waits.relayMs);
      while (witness.has('stateInfo')) await witness.expect('stateInfo');
      const olds = [latest, reborn, older, { incNum, seqNum: seqNum + 1_000_000n }];
      let next = 0;
      await neverRelayed(t, witness, stream, 'StateInfo that is not newer', t.tester, () =>
        push(olds[next++ % olds.length] ?? older),
      );
      const after = (await askListed(t, t.witness, witness)).find(({ envelope }) =>
        sameEnvelope(envelope, newest.envelope),
      );
      demand(after !== undefined, 'the newest StateInfo kept', 'another in its place');
    },
  ),

  check(
    'EMIT-06',
    'relays StateInfo of the channel to its other organisations, where its author has an external endpoint',
    { lane: 'view', own: 2, foreign: 1, needs: ['channel', 'external-endpoint'] },
    async (t) => {
      const { stream: foreign } = await t.control('a foreign tester joins', () => t.stranger.join());
      const { stream: witness } = await Observer.join(t, t.witness);
      const { stream } = await Observer.join(t, t.tester);
      await relayedStateInfo(t, foreign, stream, t.tester);
      t.tester.manners.beatsItsHeart = false;
      t.tester.manners.answersRequests = false;
      const hidden = t.tester.alive({ endpoint: '' });
      stream.send(hidden);
      await t.marker(stream);
      await relayedStateInfo(t, witness, stream, t.tester);
      await neverRelayed(t, foreign, stream, 'StateInfo of a hidden author', t.tester, () => {
        const time = t.tester.nextTime();
        return { time, envelope: stateInfoWith(t.tester, channelOf(t), { timestamp: time }) };
      });
    },
  ),
];
