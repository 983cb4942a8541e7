import type { FaultAction } from '../../src/capture/proxy';
import { encodeEnvelope, encodeMessage, type AliveMessage } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Received } from '../harness/tester-stream';
import { demand } from '../harness/verdict';
import { sameTime } from '../steps/alive';
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

/** Those that a fault hit on their way to the peer under test. */
const faulted = (between: BetweenPeers): readonly AliveMessage[] =>
  between
    .heard('aliveMsg')
    .flatMap(({ relayed: { fate }, message: { content } }) =>
      fate !== 'passed' && content?.kind === 'aliveMsg' ? [content.value] : [],
    );

/** Waits until one more heartbeat goes through; the neighbour must still be listed. */
async function expectUndisturbed(t: CheckContext, between: BetweenPeers): Promise<void> {
  const before = passedOn(t, between).length;
  await t.eventually(
    'a heartbeat without a fault, passed on',
    t.waits.chosenMs(t.waits.settings.aliveTimeIntervalMs),
    () => passedOn(t, between).length > before,
  );
  demand(await between.lists('alive'), 'the neighbour listed as alive', 'it is not');
}

/** Lets a fault hit heartbeats of the neighbour, then waits until later ones go through. */
async function disturb(t: CheckContext, between: BetweenPeers, action: FaultAction): Promise<void> {
  const fault = between.inject({ kinds: ['aliveMsg'], limit: HEARTBEATS, action });
  await t.control('a neighbour’s heartbeats come', () =>
    t.eventually(
      `${HEARTBEATS} heartbeats of a neighbour`,
      t.waits.turnMs(HEARTBEATS * t.waits.settings.aliveTimeIntervalMs),
      () => faulted(between).length >= HEARTBEATS,
    ),
  );
  fault[Symbol.dispose]();
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
      for (const { timestamp } of faulted(between)) {
        const copies = passedOn(t, between).filter(({ value }) => sameTime(value.timestamp, timestamp));
        demand(
          copies.length <= 1,
          'a heartbeat that came three times, passed on once',
          `${copies.length} times`,
        );
      }
    },
  ),

  check(
    'DEAD-05',
    'loses a peer that it is cut off from, and finds it again when that ends',
    { recruit: { neighbour: true }, long: true },
    async (t) => {
      const { settings } = t.waits;
      await using between = await BetweenPeers.open(t);
      const cut = await between.cut();
      await t.control('a neighbour that is cut off is taken for dead', () =>
        t.eventually(
          'a neighbour listed as dead',
          settings.aliveExpirationTimeoutMs + t.waits.tickMs(settings.aliveExpirationTimeoutMs / 10),
          () => between.lists('dead'),
        ),
      );
      await cut[Symbol.asyncDispose]();
      await t.eventually(
        'a neighbour that can be reached again, listed as alive',
        t.waits.tickMs(settings.reconnectIntervalMs) + settings.dialTimeoutMs,
        () => between.lists('alive'),
      );
      await expectUndisturbed(t, between);
    },
  ),
];
