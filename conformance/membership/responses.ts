import { StatusCode } from '../../src/ports/transport';
import type { Envelope } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { Received, TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { sameEnvelope, unknownField, withoutSecret } from '../steps/alive';
import { sameBytes } from '../steps/bytes';
import { connected } from '../steps/handshake';
import { entriesAbout, entriesOf, Observer, quietMember, shows } from '../steps/membership';
import { demandOwnAlive, ownEntryOf } from '../steps/own-alive';

const more = { unknownFields: [unknownField] };

/** A Violation unless a stranger's request without an external endpoint ends its stream, and is answered by nothing. */
async function untold(t: CheckContext, stream: TesterStream, which: string): Promise<void> {
  const nonce = t.random.uint64();
  stream.send(t.stranger.request(nonce, t.stranger.alive({ endpoint: '' })));
  const ending = await stream.expectEnd(`the end of a stream where nothing may be told, on ${which}`);
  demand(ending.code === StatusCode.OK, 'status OK', `status ${ending.code}`);
  const isAnswer = ({ message }: Received<'memRes'>): boolean => message.nonce === nonce;
  stream.expectNone('memRes', `no response to ${which}`, isAnswer);
  await t.demandAlive();
}

export const responseChecks: readonly Check[] = [
  check(
    'MEMB-06',
    'lists every member once, the requester included, and itself last of all',
    { lane: 'view', own: 2 },
    async (t) => {
      await Observer.join(t, t.witness);
      const { stream } = await t.control('a tester joins', () => t.tester.join());
      const response = await t.tester.askMembership(stream);
      const alive = entriesOf(response.value).filter(({ list }) => list === 'alive');
      for (const [who, pkiId] of [
        ['the requester', t.tester.pkiId],
        ['another member', t.witness.pkiId],
        ['the peer itself', t.put.pkiId],
      ] as const) {
        const count = entriesAbout(alive, pkiId).length;
        demandInTime(count === 1, `one entry for ${who}`, `${count}`);
      }
      const ids = alive.map((entry) => Buffer.from(entry.alive.membership?.pkiId ?? []).toString('hex'));
      demand(new Set(ids).size === ids.length, 'one entry for each member', () => ids.join(', '));
      const own = ownEntryOf(response);
      demandOwnAlive(t.put, own, 'the last entry of a response');
    },
  ),

  check('MEMB-06', 'ends a response with its latest heartbeat', { lane: 'view' }, async (t) => {
    const { stream } = await t.control('a tester joins', () => t.tester.join());
    // Between two heartbeats it is the same one; a first heartbeat comes within one interval of the first member.
    let last: Envelope | undefined;
    await t.eventually(
      'the same alive message of the peer in two responses, one right after the other',
      t.waits.tickMs(t.waits.settings.aliveTimeIntervalMs),
      async () => {
        const before = last;
        last = ownEntryOf(await t.tester.askMembership(stream));
        return before !== undefined && sameEnvelope(before, last);
      },
      5,
    );
    // And it is one that was pushed: sooner or later a push to this member shows up there.
    await t.eventually(
      'a heartbeat pushed to a member, in a response',
      t.waits.chosenMs(t.waits.settings.aliveTimeIntervalMs),
      async () => {
        const own = ownEntryOf(await t.tester.askMembership(stream));
        return stream.received.some(
          (one) => one.kind === 'aliveMsg' && sameBytes(one.envelope.payload, own.payload),
        );
      },
      t.waits.settings.aliveTimeIntervalMs / 5,
    );
  }),

  check(
    'MEMB-07',
    'lists the last alive messages of all dead members',
    { lane: 'view', own: 3 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const dying = [t.tester, t.third];
      const last = new Map<Tester, Envelope>();
      for (const one of dying) {
        const stream = await quietMember(t, one);
        const alive = one.alive({}, more);
        stream.sendWrong(alive);
        await t.control('an alive message is taken', () => observer.sees(alive, 'an alive message', 'alive'));
        await one.leave(stream);
        last.set(one, alive);
      }
      await t.eventually(
        'the last alive messages of two silent members, listed as dead and no longer as alive',
        2 * t.waits.settings.aliveExpirationTimeoutMs + 1_000,
        async () => {
          const told = await observer.entries();
          return [...last].every(([{ pkiId }, alive]) => {
            const [entry, ...more] = entriesAbout(told, pkiId);
            return more.length === 0 && entry?.list === 'dead' && sameEnvelope(entry.envelope, alive);
          });
        },
      );
    },
  ),

  check(
    'MEMB-09',
    'tells its own organisation of no foreign member',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const { stream } = await t.control('an own tester joins', () => t.tester.join());
      const { response } = await t.control('a foreign tester joins', () => t.stranger.join());
      await t.control('the foreign tester is a member', () => {
        const own = entriesAbout(entriesOf(response.value), t.stranger.pkiId);
        demandInTime(own.length > 0, 'an entry of the foreign tester in its own response', 'none');
      });
      const { value } = await t.tester.askMembership(stream);
      const told = entriesAbout(entriesOf(value), t.stranger.pkiId);
      demand(told.length === 0, 'no foreign member in a response to an own one', 'the foreign tester');
    },
  ),

  check(
    'MEMB-09',
    'tells a foreign peer of itself and of own members with an external endpoint, alive or dead, and of no others',
    { lane: 'view', own: 3, foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const observer = await Observer.join(t, t.third);
      const open = await quietMember(t, t.tester);
      const hidden = await quietMember(t, t.witness);
      const shown = t.tester.alive();
      const concealed = t.witness.alive({ endpoint: '' });
      open.send(shown);
      hidden.send(concealed);
      await t.control('both are members', async () => {
        await observer.sees(shown, 'a member with an external endpoint', 'alive');
        await observer.sees(concealed, 'a member without one', 'alive');
      });
      const { stream, response } = await t.control('a foreign tester joins', () => t.stranger.join());
      const entries = entriesOf(response.value);
      demandInTime(shows(entries, shown), 'an own member that has an external endpoint', 'no such entry');
      demand(!shows(entries, concealed), 'no own member that has no external endpoint', 'such an entry');
      demand(entriesAbout(entries, t.stranger.pkiId).length === 1, 'the requester itself', 'no entry of it');
      demand(
        sameBytes(
          entries.filter(({ list }) => list === 'alive').at(-1)?.alive.membership?.pkiId,
          t.put.pkiId,
        ),
        'the peer itself, last of those alive',
        'another',
      );
      await t.witness.leave(hidden);
      await t.tester.leave(open);
      await t.control('both die', () =>
        t.eventually('both are dead', 2 * t.waits.settings.aliveExpirationTimeoutMs + 1_000, async () => {
          const dead = (await observer.entries()).filter(({ list }) => list === 'dead');
          return shows(dead, shown) && shows(dead, concealed);
        }),
      );
      const later = entriesOf((await t.stranger.askMembership(stream)).value);
      demand(!shows(later, concealed), 'no dead own member that has no external endpoint', 'such an entry');
      demandInTime(shows(later, shown), 'a dead own member that has an external endpoint', 'no such entry');
    },
  ),

  check(
    'MEMB-09',
    'tells a foreign peer of members of its own organisation, with or without an external endpoint',
    { lane: 'view', foreign: 2, needs: ['external-endpoint'] },
    async (t) => {
      const [asker, member] = [t.stranger, t.foreign[1]];
      if (member === undefined) throw new Error('the check asks for two foreign testers');
      const { stream } = await t.control('a foreign tester joins', () => asker.join());
      const other = await quietMember(t, member);
      for (const endpoint of [member.endpoint, '']) {
        const alive = member.alive({ endpoint });
        other.send(alive);
        await t.eventually(
          `a member of the requester’s organisation, its endpoint “${endpoint}”`,
          t.waits.answerMs,
          async () => shows(entriesOf((await asker.askMembership(stream)).value), alive),
        );
      }
    },
  ),

  check(
    'MEMB-10',
    'sends entries as they were sent to it, with their secrets to its own organisation',
    { lane: 'view', own: 2 },
    async (t) => {
      const observer = await Observer.join(t, t.witness);
      const stream = await quietMember(t, t.tester);
      const sent = t.tester.alive({ metadata: Uint8Array.of(1, 2, 3) }, more);
      stream.sendWrong(sent);
      const { envelope } = await observer.sees(sent, 'an alive message', 'alive');
      demand(
        sameEnvelope(envelope, sent),
        'the very envelope that was sent to it, secret included',
        'another',
      );
    },
  ),

  check(
    'MEMB-10',
    'sends entries to other organisations as they were sent to it, without their secrets',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      const { stream: foreign } = await t.control('a foreign tester joins', () => t.stranger.join());
      const stream = await quietMember(t, t.tester);
      const sent = t.tester.alive({}, more);
      stream.sendWrong(sent);
      let entry: Envelope | undefined;
      await t.eventually('an own member’s alive message in a response', t.waits.answerMs, async () => {
        const entries = entriesOf((await t.stranger.askMembership(foreign)).value);
        demand(
          entries.every(({ envelope }) => envelope.secretEnvelope === undefined),
          'no secret envelope in a response to another organisation',
          'one',
        );
        entry = entries.find(({ envelope }) => sameBytes(envelope.payload, sent.payload))?.envelope;
        return entry !== undefined;
      });
      demand(
        entry !== undefined && sameEnvelope(entry, withoutSecret(sent)),
        'payload and signature as they were sent to it',
        'others',
      );
    },
  ),

  check(
    'MEMB-11',
    'sends nothing to a foreign peer without an external endpoint, and closes its connection',
    { lane: 'view', foreign: 1 },
    async (t) => {
      for (const which of ['first', 'second']) {
        const stream = await connected(t, t.stranger);
        await untold(t, stream, `its ${which} request`);
      }
      if (t.put.externalEndpoint !== '') {
        // That it had an external endpoint before does not help.
        const stream = await connected(t, t.stranger);
        await t.control('a request with an endpoint is answered', () => t.stranger.askMembership(stream));
        await untold(t, stream, 'a request after one with an endpoint');
        return;
      }
      // The peer has none itself: then nobody abroad is answered.
      const again = await t.stranger.connect();
      again.send(t.stranger.request(2n));
      await again.expectEnd('the end of the stream, since the peer has no external endpoint itself');
      again.expectNone('memRes', 'no response by a peer without an external endpoint');
    },
  ),

  check(
    'MEMB-11',
    'learns a foreign peer to which it may not answer all the same',
    { lane: 'view', foreign: 1, needs: ['external-endpoint'] },
    async (t) => {
      /** Whether the peer has learned what a request told that it did not answer. */
      const learns = async (): Promise<boolean> => {
        const older = t.stranger.alive();
        const nameless = t.stranger.alive({ endpoint: '' });
        const stream = await t.control('a foreign tester connects', async () => {
          const connected = await t.stranger.connect();
          await t.marker(connected);
          return connected;
        });
        stream.send(t.stranger.request(1n, nameless));
        await t.control('the peer closes the connection', () => stream.expectEnd('the end of the stream'));
        // An older alive message with an endpoint earns an answer, and does not replace the newer one (MEMB-05).
        const again = await t.control('the foreign tester connects again', () => t.stranger.connect());
        const { value } = await t.control('a request with an endpoint is answered', () =>
          t.stranger.askMembership(again, t.stranger.request(2n, older), 2n),
        );
        await t.stranger.leave(again);
        return shows(entriesOf(value), nameless);
      };
      // A peer that has just found a tester of an earlier check dead closes its connection, and has read nothing on it.
      demand(
        (await learns()) || (await learns()),
        'the alive message without endpoint, learned',
        'no entry of it',
      );
    },
  ),
];
