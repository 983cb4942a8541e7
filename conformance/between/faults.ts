import type { FaultAction } from '../../src/capture/proxy';
import type { Millis } from '../../src/ports/clock';
import { encodeEnvelope, encodeMessage, type AliveMessage } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received } from '../harness/tester-stream';
import { demand, Inconclusive } from '../harness/verdict';
import { isOlder, sameTime } from '../steps/alive';
import { BetweenPeers } from '../steps/between-peers';
import { sameBytes } from '../steps/bytes';

/** Heartbeats of the neighbour that a fault hits. A peer that knows two others sends each heartbeat to both. */
const HEARTBEATS = 3;
const FORGED_ENDPOINT = '127.99.9.9:9';

/** Heartbeats of the neighbour that the peer under test passed on to the observer. */
const passedOn = (t: CheckContext, { observer }: BetweenPeers): readonly Received<'aliveMsg'>[] =>
  observer.stream.received.flatMap((one) =>
    one.kind === 'aliveMsg' && sameBytes(one.value.membership?.pkiId, t.neighbour.peer.pkiId) ? [one] : [],
  );

/** A heartbeat of the neighbour on its way to the peer under test. */
interface Heartbeat {
  readonly alive: AliveMessage;
  /** When it was sent. */
  readonly atMs: Millis;
  readonly isFaulted: boolean;
}

const heartbeats = (between: BetweenPeers): readonly Heartbeat[] =>
  between
    .heard('aliveMsg')
    .flatMap(({ relayed: { atMs, fate }, message: { content } }) =>
      content?.kind === 'aliveMsg' ? [{ alive: content.value, atMs, isFaulted: fate !== 'passed' }] : [],
    );

/** Those that a fault hit. */
const faulted = (between: BetweenPeers): readonly AliveMessage[] =>
  heartbeats(between).flatMap(({ alive, isFaulted }) => (isFaulted ? [alive] : []));

/** Those that were held back for this long at least, and came when a later one had come: the order is the proxy's own. */
const overtaken = (between: BetweenPeers, heldMs: Millis): readonly AliveMessage[] => {
  const all = heartbeats(between);
  const isLaterThan = (one: Heartbeat, other: Heartbeat): boolean =>
    isOlder(one.alive.timestamp, other.alive.timestamp) && other.atMs < one.atMs + heldMs;
  return all
    .filter((one) => one.isFaulted && all.some((other) => !other.isFaulted && isLaterThan(one, other)))
    .map(({ alive }) => alive);
};

/** How often the peer under test passed a heartbeat on to the observer. */
const timesPassedOn = (t: CheckContext, between: BetweenPeers, { timestamp }: AliveMessage): number =>
  passedOn(t, between).filter(({ value }) => sameTime(value.timestamp, timestamp)).length;

/** Waits until one more heartbeat goes through; the neighbour must still be listed. */
async function expectUndisturbed(t: CheckContext, between: BetweenPeers): Promise<void> {
  const before = passedOn(t, between).length;
  await t.eventually(
    'a heartbeat without a fault, passed on',
    t.waits.turnMs(t.waits.settings.aliveTimeIntervalMs),
    () => passedOn(t, between).length > before,
  );
  demand(await between.lists('alive'), 'the neighbour listed as alive', 'it is not');
}

/** Lets a fault hit heartbeats of the neighbour, after one that goes through, then waits until later ones do. */
async function disturb(t: CheckContext, between: BetweenPeers, action: FaultAction): Promise<void> {
  const come = (count: number, which: (between: BetweenPeers) => readonly unknown[]): Promise<void> =>
    t.control('a neighbour’s heartbeats come', () =>
      t.eventually(
        `${count} of a neighbour’s heartbeats`,
        t.waits.turnMs(count * t.waits.settings.aliveTimeIntervalMs),
        () => which(between).length >= count,
      ),
    );
  await come(1, heartbeats);
  const fault = between.inject({ kinds: ['aliveMsg'], limit: HEARTBEATS, action });
  await come(HEARTBEATS, faulted);
  fault[Symbol.dispose]();
  await expectUndisturbed(t, between);
}

/** Parts the two until the neighbour is taken for dead, then expects it back. `graceMs`: for what must time out before. */
async function expectBack(
  t: CheckContext,
  between: BetweenPeers,
  part: () => Promise<AsyncDisposable> | AsyncDisposable,
  graceMs: Millis = 0,
): Promise<void> {
  const { aliveExpirationTimeoutMs, dialTimeoutMs, reconnectIntervalMs } = t.waits.settings;
  const parted = await part();
  await t.control('a neighbour of which nothing comes is taken for dead', () =>
    t.eventually(
      'a neighbour listed as dead',
      aliveExpirationTimeoutMs + t.waits.tickMs(aliveExpirationTimeoutMs / 10),
      () => between.lists('dead'),
    ),
  );
  await parted[Symbol.asyncDispose]();
  await t.eventually(
    'a neighbour of which something comes again, listed as alive',
    t.waits.tickMs(reconnectIntervalMs) + dialTimeoutMs + graceMs,
    () => between.lists('alive'),
  );
  await expectUndisturbed(t, between);
}

/** What peers make of faults between them. */
export const faultChecks: readonly Check[] = [
  check(
    'SIGN-01',
    'takes no alive message of a peer that was altered on its way, and passes it on to nobody',
    { recruit: { neighbour: true }, long: true },
    async (t) => {
      await using between = await BetweenPeers.open(t);
      await disturb(t, between, {
        kind: 'alter',
        alter: ({ bytes, envelope, message }) => {
          if (envelope === undefined || message?.content?.kind !== 'aliveMsg') return bytes;
          const { value } = message.content;
          const { membership } = value;
          if (membership === undefined) return bytes;
          const forged = { ...value, membership: { ...membership, endpoint: FORGED_ENDPOINT } };
          const payload = encodeMessage({ ...message, content: { kind: 'aliveMsg', value: forged } });
          return encodeEnvelope({ ...envelope, payload });
        },
      });
      const forged = passedOn(t, between).filter(
        ({ value }) => value.membership?.endpoint === FORGED_ENDPOINT,
      );
      demand(forged.length === 0, 'no altered message passed on', `${forged.length} of ${HEARTBEATS}`);
    },
  ),

  check(
    'STORE-01',
    'passes on once what comes twice from a peer',
    { recruit: { neighbour: true }, long: true },
    async (t) => {
      await using between = await BetweenPeers.open(t);
      await disturb(t, between, { kind: 'duplicate', times: 2 });
      for (const heartbeat of faulted(between)) {
        const copies = timesPassedOn(t, between, heartbeat);
        demand(copies <= 1, 'a heartbeat that came three times, passed on once', `${copies} times`);
      }
    },
  ),

  check(
    'STORE-01',
    'takes the next message of a peer of which some were lost',
    { recruit: { neighbour: true }, long: true },
    async (t) => {
      await using between = await BetweenPeers.open(t);
      await disturb(t, between, { kind: 'drop' });
    },
  ),

  check(
    'ALIVE-10',
    'passes on no heartbeat that is so late that a later one has come',
    { recruit: { neighbour: true }, long: true },
    async (t) => {
      const { aliveTimeIntervalMs } = t.waits.settings;
      const [minMs, maxMs] = [
        (HEARTBEATS + 0.5) * aliveTimeIntervalMs,
        (HEARTBEATS + 1.5) * aliveTimeIntervalMs,
      ];
      await using between = await BetweenPeers.open(t);
      await disturb(t, between, { kind: 'reorder', minMs, maxMs });
      await t.quiet(maxMs);
      // What was held back has been let go, and what comes behind it on the same stream shows that it was read.
      await expectUndisturbed(t, between);
      const late = overtaken(between, minMs);
      if (late.length === 0) throw new Inconclusive('no heartbeat came before those that were held back');
      const copies = late.filter((heartbeat) => timesPassedOn(t, between, heartbeat) > 0);
      demand(copies.length === 0, 'no heartbeat passed on after a later one', `${copies.length} of them`);
    },
  ),

  check(
    'DEAD-04',
    'takes back a peer of which nothing came through for too long, when something does',
    { recruit: { neighbour: true }, long: true },
    async (t) => {
      await using between = await BetweenPeers.open(t);
      // A handshake that was under way in the silence has to run out first.
      await expectBack(t, between, () => between.silence(), 2 * t.waits.settings.connTimeoutMs);
    },
  ),

  check(
    'DEAD-05',
    'loses a peer that it is cut off from, and finds it again when that ends',
    { recruit: { neighbour: true }, long: true },
    async (t) => {
      await using between = await BetweenPeers.open(t);
      await expectBack(t, between, () => between.cut());
    },
  ),
];
