import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { relayed } from '../harness/floor';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime, Inconclusive } from '../harness/verdict';
import { isPushOf, joinOnChannel, push } from '../steps/blocks';
import { inBatches } from '../steps/relay';
import { channelOf, isPushedBy, stateInfoWith } from '../steps/snapshots';

/** Members that a peer turns to at a time, of five that there are. */
const FEW = 3;
/** So many messages show to how many members one goes. */
const EMISSIONS = 12;
/** Longer than messages wait for one another. */
const GAP_MS = 25;
/** A block so far above the peer's ledger that it is passed on, and never committed (BLOCK-06). */
const FAR = 40n;

/** Tells whether something that came on a stream is this one message. */
type IsIt = (one: Received) => boolean;

/** Makes StateInfos of an author, each of a time of its own; pushes them when called, and tells how to know them. */
const stateInfoOf = (author: Tester, on: TesterStream, channel: string) => (): IsIt => {
  const timestamp = author.nextTime();
  on.send(stateInfoWith(author, channel, { timestamp }));
  const isIt = isPushedBy(author, timestamp);
  return (one) => one.kind === 'stateInfo' && isIt(one);
};

const timesSeen = ({ received }: TesterStream, isIt: IsIt): number => received.filter(isIt).length;

/** Pushes StateInfos of the first tester, which is a member as the second is; all that the peer does with them is done. */
async function pushedByOne(t: CheckContext): Promise<{
  readonly stream: TesterStream;
  readonly witness: TesterStream;
  readonly sent: readonly IsIt[];
}> {
  const witness = await joinOnChannel(t, t.witness, channelOf(t));
  const stream = await joinOnChannel(t, t.tester, channelOf(t));
  const tell = stateInfoOf(t.tester, stream, channelOf(t));
  const sent: IsIt[] = [];
  await inBatches(t, stream, Array.from({ length: EMISSIONS }), () => sent.push(tell()));
  await t.quiet(t.waits.relayMs);
  const seen = sent.filter((isIt) => timesSeen(witness, isIt) > 0).length;
  t.saw(seen);
  if (seen === 0) throw new Inconclusive('no StateInfo reached the other member');
  return { stream, witness, sent };
}

/** A peer that turns to a few of the six members of a channel, and their streams. */
async function crowd(t: CheckContext): Promise<{
  readonly push: (number: bigint) => IsIt;
  readonly tell: () => IsIt;
  readonly others: readonly TesterStream[];
}> {
  await t.recruit.start({});
  const channel = await t.newChannel();
  const [stream, ...others] = await Promise.all(
    t.own.map((tester) => joinOnChannel(t, tester, channel.name)),
  );
  if (stream === undefined) throw new Error('the check asks for testers');
  return {
    others,
    tell: stateInfoOf(t.tester, stream, channel.name),
    push: (number) => {
      stream.send(push(channel, number));
      const isIt = isPushOf(number);
      return (one) => one.kind === 'dataMsg' && isIt(one);
    },
  };
}

/** What a peer passes on of what members of a channel push. */
export const passedOnChecks: readonly Check[] = [
  check(
    'EMIT-04',
    'does not send StateInfo of its channel back to where it came from',
    { lane: 'view', own: 2, needs: ['channel'], floor: relayed(1) },
    async (t) => {
      const { stream, sent } = await pushedByOne(t);
      const back = sent.filter((isIt) => timesSeen(stream, isIt) > 0).length;
      demand(back === 0, 'no StateInfo that goes back to its sender', `${back} of ${sent.length}`);
    },
  ),

  check(
    'EMIT-02',
    'passes StateInfo on once',
    { lane: 'view', own: 2, needs: ['channel'], floor: relayed(1) },
    async (t) => {
      const { sent, witness } = await pushedByOne(t);
      const most = Math.max(...sent.map((isIt) => timesSeen(witness, isIt)));
      demand(most <= 1, 'a StateInfo once', `${most} times`);
    },
  ),

  check(
    'EMIT-03',
    'passes StateInfo and blocks on to propagatePeerNum members',
    { own: 6, recruit: { propagatePeerNum: FEW }, needs: ['own-channel'], floor: relayed(2 * EMISSIONS) },
    async (t) => {
      const { others, push: pushBlock, tell } = await crowd(t);
      const sent: IsIt[] = [];
      for (let i = 0; i < EMISSIONS; i++) {
        sent.push(tell(), pushBlock(FAR + BigInt(i)));
        await t.quiet(GAP_MS);
      }
      await t.quiet(t.waits.relayMs);
      const counts = sent.map((isIt) => others.filter((stream) => timesSeen(stream, isIt) > 0).length);
      t.saw(counts.filter((count) => count > 0).length);
      demand(Math.max(...counts) <= FEW, `at most ${FEW} members for a message`, counts.join(', '));
      // The sender of a block may be among those that were chosen.
      demandInTime(
        counts.every((count) => count >= FEW - 1),
        `${FEW} of ${others.length} members for each message, or its sender and ${FEW - 1} others`,
        counts.join(', '),
      );
    },
  ),
];
