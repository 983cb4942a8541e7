import type { Millis } from '../../src/ports/clock';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { sameEnvelope } from '../steps/alive';
import { sameBytes } from '../steps/bytes';
import { entriesAbout, Observer } from '../steps/membership';
import { membershipResponse, unsigned } from '../steps/messages';
import { ownEntryOf, selfInformationOf, timeIn } from '../steps/own-alive';
import { relayedTo } from '../steps/relay';

/** Own alive messages that are sent back: of a peer that relays each once, a member among a dozen sees one. */
const ECHOES = 12;

/** An alive message of the peer that was sent back to it. */
interface Echo {
  readonly envelope: Envelope;
  /** Whether it was a heartbeat; what the peer says of itself in a request is pushed to nobody. */
  readonly wasPushed: boolean;
  readonly echoedAtMs: Millis;
}

/**
 * Sends the peer its own alive messages, the newest each time, from requests to two members and from its responses, when
 * those that were pushed have long come to whom they were meant for.
 */
async function echoOwn(
  t: CheckContext,
  stream: TesterStream,
  watcher: TesterStream,
): Promise<readonly Echo[]> {
  const { aliveTimeIntervalMs } = t.waits.settings;
  const echoes = new Map<bigint, Echo>();
  const found = new Map<bigint, Omit<Echo, 'echoedAtMs'> & { readonly atMs: Millis }>();
  const find = (envelope: Envelope, wasPushed: boolean): void => {
    const { seqNum } = timeIn(envelope, 'an alive message of the peer');
    if (!found.has(seqNum)) found.set(seqNum, { envelope, wasPushed, atMs: t.clock.now() });
  };
  await t.control('the peer tells of itself', () =>
    t.eventually(
      `${ECHOES} alive messages of the peer`,
      t.waits.chosenMs(aliveTimeIntervalMs),
      async () => {
        find(ownEntryOf(await t.tester.askMembership(stream)), true);
        for (const one of [...stream.received, ...watcher.received]) {
          if (one.kind === 'memReq') find(selfInformationOf(one), false);
        }
        for (const [seqNum, { envelope, wasPushed, atMs }] of [...found].sort(byNumber)) {
          const isOld = [...echoes.keys()].some((echoed) => echoed >= seqNum);
          if (isOld || t.clock.now() - atMs < t.waits.relayMs) continue;
          // A peer that relays them may remember them, and relay each once; or it may not.
          for (let copies = 3; copies > 0; copies--) stream.send(envelope);
          echoes.set(seqNum, { envelope, wasPushed, echoedAtMs: t.clock.now() });
        }
        return echoes.size >= ECHOES;
      },
      aliveTimeIntervalMs / 10,
    ),
  );
  return [...echoes.values()];
}

const byNumber = ([a]: readonly [bigint, unknown], [b]: readonly [bigint, unknown]): number =>
  a < b ? -1 : 1;

/** A Violation if what was echoed came to the watcher by that. */
function demandNotRelayed(echoes: readonly Echo[], watcher: TesterStream): void {
  const what = 'the peer’s own alive message, not relayed';
  for (const { envelope, wasPushed, echoedAtMs } of echoes) {
    const copies = watcher.received.filter(
      (one) => one.kind === 'aliveMsg' && sameBytes(one.envelope.payload, envelope.payload),
    );
    const late = copies.filter(({ atMs }) => atMs > echoedAtMs);
    demand(wasPushed || copies.length === 0, what, 'one that it never pushed');
    demand(late.length === 0 || late.length === copies.length, what, 'one that it had pushed before');
    demandInTime(late.length === 0, what, 'one, long after it was made');
  }
}

/** What a peer makes of its own alive messages. */
export const ownEchoChecks: readonly Check[] = [
  check('ALIVE-12', 'ignores alive messages of its own', { lane: 'view', own: 2 }, async (t) => {
    const observer = await Observer.join(t, t.witness);
    const { stream } = await t.control('a tester joins', () => t.tester.join());
    await t.control('alive messages of others are relayed', () =>
      relayedTo(t, observer.stream, () => {
        const alive = t.tester.alive();
        stream.send(alive);
        return alive;
      }),
    );
    // None of them costs its bearer the connection.
    stream.send(ownEntryOf(await t.tester.askMembership(stream)));
    await t.marker(stream);
    const echoes = await echoOwn(t, stream, observer.stream);
    const told = echoes.filter(({ wasPushed }) => !wasPushed).map(({ envelope }) => envelope);
    stream.send(unsigned(membershipResponse(0n, told)));
    await t.marker(stream);
    await t.quiet(t.waits.relayMs);
    demandNotRelayed(echoes, observer.stream);
    const listed = entriesAbout(await observer.entries(), t.put.pkiId);
    demand(listed.length === 1, 'one entry about the peer itself', `${listed.length}`);
    demand(
      !listed.some(({ envelope }) => told.some((one) => sameEnvelope(envelope, one))),
      'an entry that the peer made itself',
      'the one that was sent to it',
    );
  }),
];
