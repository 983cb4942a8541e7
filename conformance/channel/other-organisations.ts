import { channelMac } from '../../src/identity';
import type { PeerTime } from '../../src/wire';
import { check, type Check } from '../harness/check';
import type { CheckContext } from '../harness/context';
import type { Tester } from '../harness/tester';
import type { TesterStream } from '../harness/tester-stream';
import { demand, demandInTime } from '../harness/verdict';
import { snapshotRequest } from '../steps/block-pull';
import { blockMessage, joinOnChannel, payloadOf } from '../steps/blocks';
import { sameBytes } from '../steps/bytes';
import { connected } from '../steps/handshake';
import { Observer } from '../steps/membership';
import { tellProperties } from '../steps/own-properties';
import { askListed, awaitListed, isBy, isPushedBy, lists, snapshot, stateInfoWith } from '../steps/snapshots';
import { reachesServed } from '../steps/state-transfer';

const options = { own: 2, foreign: 1, needs: ['own-channel', 'external-endpoint'] } as const;

/** A channel that only the peer's organisation is on; the foreign tester's is known to the peer by another. */
const exclusive = async (t: CheckContext): Promise<string> =>
  (await t.newChannel({ ownOrganisationOnly: true })).name;

const join = async (t: CheckContext, tester: Tester): Promise<TesterStream> =>
  (await t.control('a tester joins', () => tester.join())).stream;

/** Organisations that the peer knows, and that are not on one of its channels. */
export const otherOrganisationChecks: readonly Check[] = [
  check(
    'TAG-08',
    'drops what comes on connections of organisations that are not on the channel',
    options,
    async (t) => {
      const [stream, foreign] = [await connected(t), await connected(t, t.stranger)];
      const channel = await exclusive(t);
      await tellProperties(t, t.tester, stream, channel, {});
      foreign.send(snapshotRequest(channelMac(t.stranger.pkiId, channel)));
      const pushed = t.tester.nextTime();
      foreign.send(stateInfoWith(t.tester, channel, { timestamp: pushed }));
      const told = t.tester.nextTime();
      foreign.send(snapshot(channel, [stateInfoWith(t.tester, channel, { timestamp: told })]));
      await t.marker(foreign);
      await t.quiet();
      foreign.expectNone('stateSnapshot', 'no snapshot for another organisation');
      const listed = await askListed(t, t.tester, stream, channel);
      demand(!lists(listed, t.tester, pushed), 'no StateInfo taken from another organisation', 'it is kept');
      demand(
        !lists(listed, t.tester, told),
        'no snapshot read of another organisation',
        'its element is kept',
      );
      demandInTime(foreign.isOpen, 'a stream that stays open', 'it ended');
    },
  ),

  check(
    'SINF-03',
    'drops StateInfo of an author whose organisation is not on the channel',
    { ...options, lane: 'view' },
    async (t) => {
      const { stream: witness } = await Observer.join(t, t.witness);
      const stream = await join(t, t.tester);
      await join(t, t.stranger);
      const channel = await exclusive(t);
      await tellProperties(t, t.witness, witness, channel, {});
      const timestamp = t.stranger.nextTime();
      stream.send(stateInfoWith(t.stranger, channel, { timestamp }));
      await tellProperties(t, t.tester, stream, channel, {});
      await t.quiet(t.waits.relayMs);
      const listed = await askListed(t, t.witness, witness, channel);
      demand(
        !lists(listed, t.stranger, timestamp),
        'no StateInfo of another organisation kept',
        'it is listed',
      );
      witness.expectNone(
        'stateInfo',
        'no StateInfo of another organisation relayed',
        isPushedBy(t.stranger, timestamp),
      );
    },
  ),

  check(
    'SINF-12',
    'stops reading a snapshot at an author whose organisation is not on the channel',
    { ...options, lane: 'view' },
    async (t) => {
      const [witness, stream] = [await join(t, t.witness), await join(t, t.tester)];
      await join(t, t.stranger);
      const channel = await exclusive(t);
      const timed = (author: Tester): { author: Tester; timestamp: PeerTime } => ({
        author,
        timestamp: author.nextTime(),
      });
      const [first, foreign, last] = [timed(t.tester), timed(t.stranger), timed(t.witness)] as const;
      stream.send(
        snapshot(
          channel,
          [first, foreign, last].map(({ author, timestamp }) =>
            stateInfoWith(author, channel, { timestamp }),
          ),
        ),
      );
      await awaitListed(t, [t.witness, witness, channel], t.tester, first.timestamp, 'the first element');
      await t.marker(stream);
      const listed = await askListed(t, t.witness, witness, channel);
      demand(
        !lists(listed, t.stranger, foreign.timestamp),
        'no element of another organisation kept',
        'it is',
      );
      demand(!lists(listed, t.witness, last.timestamp), 'nothing read after it', 'the next one is kept');
    },
  ),

  check(
    'SINF-08',
    'asks members for StateInfo whose organisation is on the channel, and no others',
    { ...options, lane: 'view', long: true },
    async (t) => {
      const [stream, foreign] = [await join(t, t.tester), await join(t, t.stranger)];
      const channel = await exclusive(t);
      const mac = channelMac(t.put.pkiId, channel);
      for (let i = 0; i < 3; i++) {
        await stream.expect('stateInfoPullReq', {
          where: ({ value }) => sameBytes(value.channelMac, mac),
          withinMs: t.waits.chosenMs(t.waits.settings.requestStateInfoIntervalMs),
          what: 'a request for StateInfo to a member of the channel’s organisation',
        });
      }
      foreign.expectNone('stateInfoPullReq', 'no request to a member of another organisation', ({ value }) =>
        sameBytes(value.channelMac, mac),
      );
      demandInTime(foreign.isOpen, 'a stream that stays open', 'it ended');
    },
  ),

  check(
    'EMIT-06',
    'relays StateInfo of a channel to nobody whose organisation is not on it',
    { ...options, lane: 'view' },
    async (t) => {
      const [witness, stream, foreign] = [
        await join(t, t.witness),
        await join(t, t.tester),
        await join(t, t.stranger),
      ];
      const channel = await exclusive(t);
      const times = Array.from({ length: 20 }, () => t.tester.nextTime());
      for (const timestamp of times) stream.send(stateInfoWith(t.tester, channel, { timestamp }));
      const isOurs = (one: Parameters<ReturnType<typeof isPushedBy>>[0]): boolean =>
        times.some((time) => isPushedBy(t.tester, time)(one));
      await t.control('StateInfo is relayed to a member of the channel’s organisation', () =>
        witness.expect('stateInfo', { where: isOurs, withinMs: t.waits.relayMs }),
      );
      await t.quiet(t.waits.relayMs);
      foreign.expectNone('stateInfo', 'no StateInfo of the channel to another organisation', isOurs);
    },
  ),

  check(
    'SINF-15',
    'forgets StateInfo of members of an organisation that is taken off the channel, and no other',
    { own: 1, foreign: 1, lane: 'view', needs: ['own-channel', 'external-endpoint'] },
    async (t) => {
      const channel = await t.newChannel();
      const stream = await joinOnChannel(t, t.tester, channel.name);
      const foreign = await join(t, t.stranger);
      await tellProperties(t, t.stranger, foreign, channel.name, {});
      const has = async ({ pkiId }: Tester): Promise<boolean> =>
        (await askListed(t, t.tester, stream, channel.name)).some(isBy(pkiId));
      await t.control('StateInfo of a member of another organisation is told', async () => {
        demand(await has(t.stranger), 'a snapshot that lists it', 'it does not');
      });
      stream.send(blockMessage(channel.name, payloadOf(1n, channel.removal(t.stranger.identity.mspId))));
      await t.control('the peer commits a configuration', () => reachesServed(t, stream, channel.name, 1n));
      await t.eventually(
        'StateInfo of an organisation that is off the channel, gone',
        t.waits.answerMs / 2,
        async () => !(await has(t.stranger)),
      );
      demand(await has(t.tester), 'StateInfo of an organisation that stays on the channel', 'it is gone');
    },
  ),
];
