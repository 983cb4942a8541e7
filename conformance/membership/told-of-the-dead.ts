import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import { demand } from '../harness/verdict';
import { expiration } from '../steps/death';
import { entriesAbout, Observer, quietMember, type Entry } from '../steps/membership';

/** An own member with an external endpoint dies; resolves to what another organisation's observer is told of it. */
async function diesSeenBy(t: CheckContext, observer: Observer): Promise<readonly Entry[]> {
  const stream = await quietMember(t, t.tester);
  const last = t.tester.alive();
  stream.send(last);
  await t.control('an alive message is taken', () => observer.sees(last, 'an alive message', 'alive'));
  await t.tester.leave(stream);
  let entries: readonly Entry[] = [];
  await t.eventually(
    'a silent member of the peer’s organisation, listed as dead',
    2 * expiration(t) + 1_000,
    async () => {
      entries = entriesAbout(await observer.entries(), t.tester.pkiId);
      return entries.length > 0 && entries.every(({ list }) => list === 'dead');
    },
  );
  return entries;
}

/** What a peer tells other organisations of its own dead. */
export const toldOfTheDeadChecks: readonly Check[] = [
  check(
    'MEMB-07',
    'tells other organisations of dead members too',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const observer = await Observer.join(t, t.stranger);
      await diesSeenBy(t, observer);
    },
  ),

  check(
    'MEMB-10',
    'tells other organisations no secret of the dead either',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const observer = await Observer.join(t, t.stranger);
      const entries = await t.control('a dead member is told', () => diesSeenBy(t, observer));
      demand(
        entries.every(({ envelope }) => envelope.secretEnvelope === undefined),
        'no secret envelope of a dead member in a response to another organisation',
        'one',
      );
    },
  ),
];
