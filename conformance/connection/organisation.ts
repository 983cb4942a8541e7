import { wallMs } from '../../src/ports/clock';
import { StatusCode } from '../../src/ports/transport';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { PapersRequest } from '../harness/target';
import type { Tester } from '../harness/tester';
import { demand, demandInTime } from '../harness/verdict';
import { withBadSignature } from '../steps/alive';
import { acceptedConn, honestHandshake, refusedConn } from '../steps/handshake';
import { connOf } from '../steps/identities';
import { entriesAbout, Observer, type Entry } from '../steps/membership';
import { offers } from '../steps/pull';
import { neverRelayedTo, relayedTo } from '../steps/relay';
import { unknownAuthority } from '../steps/strangers';

/** Validity of an identity to be issued: it began a minute ago, when its CA was there already. */
const begun = { validFromSeconds: -60 };

/** A peer's clock and ours may differ by so much, and a loaded machine adds to it. */
const CLOCK_TOLERANCE_MS = 3_000;

async function accepted(t: CheckContext, tester: Tester): Promise<void> {
  const stream = await tester.dial();
  await acceptedConn(t, stream, tester.conn(stream));
  await tester.leave(stream);
}

async function refusesExpired(
  t: CheckContext,
  issue: (request: PapersRequest) => Promise<Tester>,
): Promise<void> {
  await honestHandshake(t, await issue(begun));
  const expired = await issue({ ...begun, validForSeconds: -2 });
  const stream = await expired.dial();
  await refusedConn(t, stream, expired.conn(stream), 'the identity has expired');
  await t.demandAlive();
}

const hasSecret = ({ envelope }: Entry): boolean => envelope.secretEnvelope !== undefined;

/** Expiry of identities, and membership of organisations. */
export const organisationChecks: readonly Check[] = [
  check('ID-06', 'takes members of any of the four roles', { needs: ['fresh'] }, async (t) => {
    for (const role of ['client', 'admin', 'orderer', 'peer'] as const) {
      await accepted(t, await t.issue({ role }));
    }
  }),

  check('ID-07', 'refuses an identity whose NotAfter has passed', { needs: ['fresh'] }, (t) =>
    refusesExpired(t, (request) => t.issue(request)),
  ),

  check(
    'ID-07',
    'refuses an expired identity of another organisation too',
    { needs: ['foreign-fresh'], foreign: 1 },
    (t) => refusesExpired(t, (request) => t.issueStranger(request)),
  ),

  check(
    'ID-07',
    'drops an alive message that brings an expired identity',
    { lane: 'view', own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const valid = (await t.issue(begun)).alive();
      stream.send(valid);
      await t.control('an alive message that brings a valid identity is taken', () =>
        observer.sees(valid, 'an alive message of an unknown author with its identity'),
      );
      const late = (await t.issue({ ...begun, validForSeconds: -2 })).alive();
      stream.send(late);
      await observer.seesNone(new Map([['an alive message with an expired identity', late]]), stream);
    },
  ),

  check(
    'ID-08',
    'closes the connection of a member whose identity expires, with OK, and forgets it',
    { lane: 'view', long: true, own: 2, needs: ['fresh'] },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const { pullIntervalMs, digestWaitTimeMs } = t.waits.settings;
      const validForSeconds = 4 + Math.ceil((2 * (pullIntervalMs + digestWaitTimeMs)) / 1_000);
      const shortLived = await t.issue({ ...begun, validForSeconds });
      const { pkiId, identity } = shortLived;
      const { stream } = await t.control('a member whose identity is about to expire joins', async () => {
        const joined = await shortLived.join();
        const entries = entriesAbout(await observer.entries(), pkiId);
        demandInTime(entries.length > 0, 'an entry of the member', 'none');
        return joined;
      });
      const leftMs = identity.notAfterMs - wallMs(t.clock);
      const dueMs = t.clock.now() + leftMs;
      const ending = await stream.expectEnd(
        'the end of the stream when the identity expires',
        leftMs + CLOCK_TOLERANCE_MS + t.waits.answerMs,
      );
      const lateMs = (stream.endedAtMs ?? dueMs) - dueMs;
      demand(
        lateMs > -CLOCK_TOLERANCE_MS,
        'the end of the stream not before the identity expires',
        () => `its end ${Math.round(-lateMs)} ms before`,
      );
      demandInTime(lateMs < CLOCK_TOLERANCE_MS, 'the end of the stream when the identity expires', () => {
        return `its end ${Math.round(lateMs)} ms later`;
      });
      demand(ending.code === StatusCode.OK, 'status OK', `status ${ending.code}`);
      await t.eventually('no entry of the member, neither alive nor dead', t.waits.answerMs, async () => {
        return entriesAbout(await observer.entries(), pkiId).length === 0;
      });
      demand(!(await offers(t, observer.stream, pkiId)), 'its identity not offered any more', 'it offered');
    },
  ),

  check(
    'ID-12',
    'counts peers of its own MSP-ID to its organisation, whatever else their certificates say',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      await t.control('a tester joins', () => t.tester.join());
      const entries = await observer.entries();
      const fellow = entriesAbout(entries, t.tester.pkiId);
      demandInTime(fellow.length > 0, 'a fellow member in what a member is told', 'no entry');
      demand(fellow.every(hasSecret), 'its internal endpoint', 'an alive message without secret');
      const own = entriesAbout(entries, t.put.pkiId);
      demand(own.every(hasSecret), 'the peer’s internal endpoint', 'an alive message without secret');
    },
  ),

  check(
    'ID-12',
    'counts a client of its own MSP-ID to its organisation',
    { lane: 'view', own: 1, needs: ['fresh'] },
    async (t) => {
      await t.control('a tester joins', () => t.tester.join());
      const client = await Observer.join(t, await t.issue({ role: 'client' }));
      const fellow = entriesAbout(await client.entries(), t.tester.pkiId);
      demandInTime(fellow.length > 0, 'a fellow member in what a client is told', 'no entry');
      demand(fellow.every(hasSecret), 'its internal endpoint', 'an alive message without secret');
    },
  ),

  check(
    'ID-12',
    'counts peers of another MSP-ID to another organisation',
    { lane: 'view', own: 1, foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const observer = await Observer.join(t, t.tester);
      const stranger = await Observer.join(t, t.stranger);
      const told = await stranger.entries();
      demand(
        entriesAbout(told, t.put.pkiId).length > 0,
        'the peer in what a foreign member is told',
        'no entry',
      );
      const secret = told.find(hasSecret);
      demand(secret === undefined, 'no internal endpoint told to another organisation', 'one');
      const foreign = entriesAbout(await observer.entries(), t.stranger.pkiId);
      demand(foreign.length === 0, 'no foreign member told to one of its own organisation', 'one');
    },
  ),

  check('ID-13', 'verifies the signatures of foreign identities too', { foreign: 1 }, async (t) => {
    const { identity } = t.stranger;
    const good = await t.stranger.dial();
    await acceptedConn(t, good, t.stranger.conn(good));
    await t.stranger.leave(good);
    const corrupted = await t.stranger.dial();
    await refusedConn(
      t,
      corrupted,
      withBadSignature(t.stranger.conn(corrupted)),
      'the signature of a foreign identity is corrupted',
    );
    const { identity: other } = await unknownAuthority(t);
    const forged = await t.stranger.dial();
    const unsigned = connOf(forged, identity);
    await refusedConn(
      t,
      forged,
      { ...unsigned, signature: other.sign(unsigned.payload) },
      'another key signed for a foreign identity',
    );
    await t.demandAlive();
  }),

  check(
    'ID-13',
    'takes nobody of another organisation who is no reader of any channel',
    { needs: ['channel', 'foreign-fresh', 'non-reader'], foreign: 1 },
    async (t) => {
      for (const role of ['client', 'peer'] as const) await accepted(t, await t.issueStranger({ role }));
      const orderer = await t.issueStranger({ role: 'orderer' });
      const stream = await orderer.dial();
      await refusedConn(t, stream, orderer.conn(stream), 'a foreign identity reads no channel');
      await t.demandAlive();
    },
  ),

  check(
    'ID-13',
    'verifies the signatures of foreign members’ alive messages',
    { lane: 'view', own: 1, foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const observer = await Observer.join(t, t.tester);
      const { stream } = await t.control('a foreign tester joins', () => t.stranger.join());
      const push = (envelope = t.stranger.alive()): Envelope => {
        stream.send(envelope);
        return envelope;
      };
      const what = 'a foreign member’s alive message';
      await t.control('good ones are relayed', () => relayedTo(t, observer.stream, push, what));
      await neverRelayedTo(t, observer.stream, stream, `${what} with a corrupted signature`, () =>
        push(withBadSignature(t.stranger.alive())),
      );
    },
  ),
];
