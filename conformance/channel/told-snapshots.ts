import { Tag, type Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { withBadSignature } from '../steps/alive';
import { connected } from '../steps/handshake';
import { unmet } from '../steps/identities';
import { Observer } from '../steps/membership';
import {
  askListed,
  awaitListed,
  channelOf,
  isPushedBy,
  lists,
  snapshot,
  stateInfoWith,
  type Author,
} from '../steps/snapshots';

/** Bytes that are no message: the field is cut short. */
const GARBAGE: Envelope = {
  payload: Uint8Array.of(0xff, 0xff, 0xff),
  signature: new Uint8Array(),
  secretEnvelope: undefined,
};

interface Members {
  readonly stream: TesterStream;
  readonly witness: TesterStream;
}

/** Two members; what the first tells, the second sees. */
async function members(t: CheckContext): Promise<Members> {
  const { stream: witness } = await Observer.join(t, t.witness);
  const { stream } = await Observer.join(t, t.tester);
  return { stream, witness };
}

const fresh = (t: CheckContext, author: Author): Envelope =>
  stateInfoWith(author, channelOf(t), { timestamp: t.tester.nextTime() });

/**
 * Tells snapshots with one element before and one after a third: `ends` says whether that must end the reading. The
 * testers are both members, and the times of either grow.
 */
async function reads(
  t: CheckContext,
  { stream, witness }: Members,
  middle: () => Envelope,
  what: string,
  ends: boolean,
): Promise<void> {
  const [before, after] = [t.tester.nextTime(), t.witness.nextTime()];
  stream.send(
    snapshot(channelOf(t), [
      stateInfoWith(t.tester, channelOf(t), { timestamp: before }),
      // Newer than the one before, so that it is looked at.
      middle(),
      stateInfoWith(t.witness, channelOf(t), { timestamp: after }),
    ]),
  );
  await awaitListed(t, [t.witness, witness], t.tester, before, `the element before one ${what}`);
  if (!ends) {
    await awaitListed(t, [t.witness, witness], t.witness, after, `the element after one ${what}`);
    return;
  }
  await t.marker(stream);
  const listed = await askListed(t, t.witness, witness);
  demand(!lists(listed, t.witness, after), `nothing read after an element ${what}`, 'the next one is kept');
}

/** Snapshots that others tell the peer. */
export const toldSnapshotChecks: readonly Check[] = [
  check(
    'SINF-12',
    'reads a snapshot that it did not ask for, up to the first bad element, and relays nothing of it',
    { lane: 'view', own: 2, needs: ['channel'] },
    async (t) => {
      const cast = await members(t);
      const old = fresh(t, t.tester);
      const bad: readonly (readonly [string, () => Envelope])[] = [
        ['that does not decode', () => GARBAGE],
        ['that is no StateInfo', () => t.tester.alive({}, { tag: Tag.CHAN_OR_ORG })],
        ['of an author it has never met', () => fresh(t, { identity: unmet(t.tester.identity, t.random) })],
        [
          'with a MAC of another',
          () =>
            stateInfoWith(t.tester, channelOf(t), {
              timestamp: t.tester.nextTime(),
              channelMac: new Uint8Array(32),
            }),
        ],
        ['with a bad signature', () => withBadSignature(fresh(t, t.tester))],
        ['with a bad signature, about one of whom news is known', () => withBadSignature(old)],
      ];
      for (const [what, make] of bad) await reads(t, cast, make, what, true);
      demandInTime(cast.stream.isOpen, 'a stream that stays open', 'it ended');
      demandInTime(cast.witness.isOpen, 'a stream that stays open', 'it ended');
    },
  ),

  check(
    'SINF-12',
    'skips elements about peers that are no members, and reads on',
    { lane: 'view', own: 2, needs: ['channel', 'fresh'] },
    async (t) => {
      const cast = await members(t);
      const loner = await t.issue();
      await connected(t, loner);
      const time = loner.nextTime();
      const theirs = stateInfoWith(loner, channelOf(t), { timestamp: time });
      await reads(t, cast, () => theirs, 'of one who is no member', false);
      const listed = await askListed(t, t.witness, cast.witness);
      demand(!lists(listed, loner, time), 'nothing kept of one who is no member', 'it is listed');
    },
  ),

  check(
    'SINF-12',
    'keeps what is newer than an element of a snapshot',
    { lane: 'view', own: 2, needs: ['channel'] },
    async (t) => {
      const { stream, witness } = await members(t);
      const [older, newer] = [t.tester.nextTime(), t.tester.nextTime()];
      const told = [older, newer].map((timestamp) => stateInfoWith(t.tester, channelOf(t), { timestamp }));
      stream.send(snapshot(channelOf(t), told.slice(1)));
      await t.control('what a snapshot tells is kept', () =>
        awaitListed(t, [t.witness, witness], t.tester, newer, 'the element of a snapshot'),
      );
      const after = t.witness.nextTime();
      stream.send(
        snapshot(channelOf(t), [
          ...told.slice(0, 1),
          stateInfoWith(t.witness, channelOf(t), { timestamp: after }),
        ]),
      );
      await awaitListed(t, [t.witness, witness], t.witness, after, 'the element after an old one');
      const listed = await askListed(t, t.witness, witness);
      demand(lists(listed, t.tester, newer), 'the newer StateInfo of its author kept', 'it is gone');
    },
  ),

  check(
    'SINF-12',
    'does not relay what a snapshot told',
    { lane: 'view', own: 2, needs: ['channel'] },
    async (t) => {
      const { stream, witness } = await members(t);
      const times = Array.from({ length: 20 }, () => t.tester.nextTime());
      for (const timestamp of times) {
        stream.send(snapshot(channelOf(t), [stateInfoWith(t.tester, channelOf(t), { timestamp })]));
      }
      const last = times.at(-1) ?? t.tester.nextTime();
      await awaitListed(t, [t.witness, witness], t.tester, last, 'the element of a snapshot');
      await t.quiet(t.waits.relayMs);
      for (const time of times) {
        witness.expectNone('stateInfo', 'no element of a snapshot relayed', isPushedBy(t.tester, time));
      }
    },
  ),
];
